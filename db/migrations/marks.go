package migrations

import (
	"fmt"
	"io/fs"
	"strings"
)

// up returns the part of a migration that applies it.
func (m *Migrator) up(number int64) (name, text string, err error) {
	names, err := fs.Glob(m.cfg.Files, fmt.Sprintf("%05d_*.sql", number))
	if err != nil {
		return "", "", fmt.Errorf("look for migration %d: %w", number, err)
	}
	if len(names) != 1 {
		return "", "", fmt.Errorf("there are %d files of migration %d; expected 1", len(names), number)
	}
	whole, err := fs.ReadFile(m.cfg.Files, names[0])
	if err != nil {
		return "", "", fmt.Errorf("read migration %d: %w", number, err)
	}
	text, _, _ = strings.Cut(string(whole), "\n-- +goose Down")
	return names[0], text, nil
}

// oldestProgram returns the oldest program that works with the schema that a
// migration leaves, if it is breaking: it then says so in the database. It returns
// 0 for one that is not.
func (m *Migrator) oldestProgram(number int64) (int64, error) {
	name, text, err := m.up(number)
	if err != nil {
		return 0, err
	}
	_, about, breaking := strings.Cut(text, "'"+set+worksFrom)
	if !breaking {
		return 0, nil
	}
	about, _, _ = strings.Cut(about, "'")
	oldest, err := State{About: set + worksFrom + about}.oldestProgram()
	if err != nil {
		return 0, fmt.Errorf("%s: %w", name, err)
	}
	return oldest, nil
}

// withoutTransaction reports whether a migration runs outside a transaction, as
// CREATE INDEX CONCURRENTLY must.
func (m *Migrator) withoutTransaction(number int64) (bool, error) {
	_, text, err := m.up(number)
	return strings.Contains(text, "-- +goose NO TRANSACTION"), err
}

// Package migrations holds the schema of the database as goose migrations.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

//go:embed *.sql
var files embed.FS

// Latest is the version of the schema that this program knows: the number of
// the last migration.
const Latest int64 = 12

// Migrator moves one database between versions of the schema.
type Migrator struct{ goose *goose.Provider }

// New returns a Migrator for db, whose login must own the database or be a
// superuser. Migrators of several processes take turns.
func New(db *sql.DB) (*Migrator, error) {
	const pause, tries = 1, 300 // seconds, and so five minutes in all
	turns, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(pause, tries))
	if err != nil {
		return nil, fmt.Errorf("make migration lock: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, fs.FS(files), goose.WithSessionLocker(turns))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return &Migrator{goose: provider}, nil
}

// To applies or reverts migrations until version is reached, 0 being the empty
// database, and returns the names of the files it went through. A database
// that is newer than this program is left as it is, with an error.
func (m *Migrator) To(ctx context.Context, version int64) ([]string, error) {
	present, err := m.Version(ctx)
	switch {
	case err != nil:
		return nil, err
	case present > Latest:
		return nil, fmt.Errorf("the schema of the database has version %d, and this program knows only %d; use a newer program",
			present, Latest)
	case version == present:
		return nil, nil
	case version < present:
		return m.names(m.goose.DownTo(ctx, version))
	default:
		return m.names(m.goose.UpTo(ctx, version))
	}
}

// Version returns the version that the database has, 0 when it has none.
func (m *Migrator) Version(ctx context.Context) (int64, error) {
	version, err := m.goose.GetDBVersion(ctx)
	if err != nil {
		return 0, fmt.Errorf("read schema version: %w", err)
	}
	return version, nil
}

func (*Migrator) names(done []*goose.MigrationResult, err error) ([]string, error) {
	names := make([]string, 0, len(done))
	for _, step := range done {
		names = append(names, step.Source.Path)
	}
	if err != nil {
		return names, fmt.Errorf("migrate: %w", err)
	}
	return names, nil
}

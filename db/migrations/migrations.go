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
var Latest = latest()

func latest() int64 {
	names, err := fs.Glob(files, "*.sql") // sorted
	if err != nil {
		panic(err) // the pattern is a constant
	}
	number, err := goose.NumericComponent(names[len(names)-1])
	if err != nil {
		panic(err) // a test checks the names
	}
	return number
}

// Migrator moves one database between versions of the schema.
type Migrator struct {
	db    *sql.DB
	goose *goose.Provider
}

// New returns a Migrator for db, whose login must own the database or be a
// superuser. Migrators of several processes take turns.
func New(db *sql.DB) (*Migrator, error) {
	const pause, tries = 1, 300 // seconds: five minutes in all
	turns, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(pause, tries))
	if err != nil {
		return nil, fmt.Errorf("make migration lock: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, fs.FS(files), goose.WithSessionLocker(turns))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return &Migrator{db: db, goose: provider}, nil
}

// To applies or reverts migrations until version is reached, 0 being the empty
// database, and returns the names of the files it ran. It refuses a database
// that is newer than this program or that another set of migrations made.
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
		return names(m.goose.DownTo(ctx, version))
	default:
		return names(m.goose.UpTo(ctx, version))
	}
}

// Version returns the version of the database, 0 if it has none, and
// ErrOtherSet if another set of migrations made it.
func (m *Migrator) Version(ctx context.Context) (int64, error) {
	// Creates goose's table if it does not exist.
	if _, err := m.goose.GetDBVersion(ctx); err != nil {
		return 0, fmt.Errorf("read schema version: %w", err)
	}
	var state State
	if err := m.db.QueryRowContext(ctx, StateSQL).Scan(&state.Version, &state.Set); err != nil {
		return 0, fmt.Errorf("read schema version: %w", err)
	}
	return state.Version, state.Check()
}

func names(done []*goose.MigrationResult, err error) ([]string, error) {
	names := make([]string, 0, len(done))
	for _, step := range done {
		names = append(names, step.Source.Path)
	}
	if err != nil {
		return names, fmt.Errorf("migrate: %w", err)
	}
	return names, nil
}

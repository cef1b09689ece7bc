// Package migrations holds the schema of the database as goose migrations.
package migrations

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
)

//go:embed *.sql
var files embed.FS

// Latest is the version of the schema that this program knows: the number of
// the last migration.
var Latest = must(latest(files)) // a test checks the names

func must(version int64, err error) int64 {
	if err != nil {
		panic(err)
	}
	return version
}

func latest(files fs.FS) (int64, error) {
	names, err := fs.Glob(files, "*.sql") // sorted
	if err != nil {
		return 0, fmt.Errorf("list the migrations: %w", err)
	}
	if len(names) == 0 {
		return 0, errors.New("there are no migrations")
	}
	return goose.NumericComponent(names[len(names)-1])
}

// Newest stands for the version of the last migration.
const Newest = -1

// ErrBreaking is wrapped by the error for migrations that need Config.Breaking.
var ErrBreaking = errors.New("a migration is breaking")

// Config says how a Migrator works.
type Config struct {
	Files    fs.FS         // the migrations; nil for those of this program
	Breaking bool          // whether programs may be left with a schema that they do not work with
	LockWait time.Duration // how long to wait for each lock that another session holds; 0 is without limit

	// Distribution says where the daily sums are to be kept by a schema of the last
	// version.
	Distribution Distribution

	// Applied, if not nil, is called with the name of each file that was run, and
	// Waiting now and then with a description of the sessions that are waited for.
	Applied, Waiting func(string)
}

// Migrator moves one database between versions of the schema.
type Migrator struct {
	db     *sql.DB
	goose  *goose.Provider
	turns  *turns
	latest int64
	cfg    Config
}

// New returns a Migrator for db, whose login must own the database or be a
// superuser. Migrators of several processes take turns.
func New(db *sql.DB, cfg Config) (*Migrator, error) {
	if cfg.Files == nil {
		cfg.Files = files
	}
	if cfg.Applied == nil {
		cfg.Applied = func(string) {}
	}
	if cfg.Waiting == nil {
		cfg.Waiting = func(string) {}
	}
	last, err := latest(cfg.Files)
	if err != nil {
		return nil, err
	}
	turns, err := newTurns()
	if err != nil {
		return nil, err
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, cfg.Files, goose.WithSessionLocker(turns))
	if err != nil {
		return nil, fmt.Errorf("read migrations: %w", err)
	}
	return &Migrator{db: db, goose: provider, turns: turns, latest: last, cfg: cfg}, nil
}

// To applies or reverts migrations until version is reached, 0 being the empty
// database, and returns the version that the database has then. It refuses a
// database that is newer than this program, unless version is Newest and this
// program works with it, or that another set of migrations made.
func (m *Migrator) To(ctx context.Context, version int64) (reached int64, err error) {
	state, err := m.state(ctx)
	if err != nil {
		return 0, err
	}
	present := state.Version
	if present > m.latest {
		if version == Newest && (Program{Oldest: Oldest, Latest: m.latest}).Check(state) == nil {
			return present, nil
		}
		return present, fmt.Errorf("the schema of the database has version %d, and this program knows only %d; use a newer program",
			present, m.latest)
	}
	if version == Newest {
		version = m.latest
	}
	if err := m.checkBreaking(present, version); err != nil {
		return present, err
	}
	if err := m.undistribute(ctx, version); err != nil {
		return present, err
	}
	for ; present < version; present++ {
		if err := m.run(ctx, present+1, true); err != nil {
			return present, err
		}
	}
	for ; present > version; present-- {
		if err := m.run(ctx, present, false); err != nil {
			return present, err
		}
	}
	if m.cfg.Distribution == Distributed {
		return present, m.distribute(ctx)
	}
	return present, nil
}

// checkBreaking refuses to leave programs of one version with the schema of another
// that does not work with them. An empty database has no programs.
func (m *Migrator) checkBreaking(present, version int64) error {
	older, newer := min(present, version), max(present, version)
	if m.cfg.Breaking || older == 0 {
		return nil
	}
	for number := older + 1; number <= newer; number++ {
		oldest, err := m.oldestProgram(number)
		if err != nil {
			return err
		}
		if oldest > older {
			return fmt.Errorf("%w: programs of version %d do not work with version %d of the schema; "+
				"stop or replace them first, then use --breaking", ErrBreaking, present, version)
		}
	}
	return nil
}

// state returns the state of the database, of version 0 if it has none, and
// ErrOtherSet if another set of migrations made it.
func (m *Migrator) state(ctx context.Context) (State, error) {
	// Creates goose's table if it does not exist.
	if _, err := m.goose.GetDBVersion(ctx); err != nil {
		return State{}, fmt.Errorf("read schema version: %w", err)
	}
	var state State
	if err := m.db.QueryRowContext(ctx, StateSQL).Scan(&state.Version, &state.About); err != nil {
		return State{}, fmt.Errorf("read schema version: %w", err)
	}
	return state, state.Check()
}

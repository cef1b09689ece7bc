package migrations_test

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"example.com/rates/db/dbtest"
	"example.com/rates/db/migrations"
	"example.com/rates/internal/testkit"
)

// breaking is the statement of a migration whose schema works only with programs
// from a version.
func breaking(from int64) string {
	return fmt.Sprintf("COMMENT ON TABLE goose_db_version IS 'Migrations that were applied, of set 5. They work with programs from version %d.';\n", from)
}

const notBreaking = "COMMENT ON TABLE goose_db_version IS 'Migrations that were applied, of set 5.';\n"

// step is a migration that a later program may have.
type step struct{ up, down string }

// with returns the files of this folder with further migrations.
func with(t *testing.T, steps ...step) fs.FS {
	t.Helper()
	all := fstest.MapFS{}
	for _, name := range files(t) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = &fstest.MapFile{Data: text}
	}
	for i, s := range steps {
		name := fmt.Sprintf("%05d_next.sql", migrations.Latest+1+int64(i))
		all[name] = &fstest.MapFile{Data: []byte("-- +goose Up\n" + s.up + "\n-- +goose Down\n" + s.down)}
	}
	return all
}

var (
	expand   = step{"ALTER TABLE ports ADD COLUMN terminal text;", "ALTER TABLE ports DROP COLUMN terminal;"}
	contract = step{
		breaking(migrations.Latest+1) + "ALTER TABLE ports ALTER COLUMN terminal SET DEFAULT '';",
		notBreaking + "ALTER TABLE ports ALTER COLUMN terminal DROP DEFAULT;",
	}
)

// A migration that says that it works only with later programs than those of the
// present schema is refused, up and down, unless that is accepted.
func TestBreakingMigrationNeedsConsent(t *testing.T) {
	latest := migrations.Latest
	next := with(t, expand, contract, step{breaking(latest + 3), breaking(latest + 1)})
	for _, c := range []struct {
		from, to int64
		allowed  bool
	}{
		{0, latest + 3, true},
		{latest, latest + 1, true},
		{latest, latest + 2, false},
		{latest - 1, latest + 2, false},
		{latest + 1, latest + 2, true},
		{latest + 1, latest + 3, false},
		{latest + 2, latest + 3, false},
		{latest + 2, migrations.Newest, false},
		{latest + 3, latest + 2, false},
		{latest + 3, 0, true},
		{latest + 2, latest + 1, true},
		{latest + 2, latest, false},
		{latest + 1, latest, true},
	} {
		url := dbtest.NewBare(t).URL
		before, _ := openWith(t, url, migrations.Config{Files: next, Breaking: true})
		to(t, before, c.from)
		migrator, _ := openWith(t, url, migrations.Config{Files: next})
		reached, err := migrator.To(t.Context(), c.to)
		switch {
		case c.allowed && (err != nil || reached != c.to):
			t.Errorf("from %d to %d: reached %d, %v", c.from, c.to, reached, err)
		case !c.allowed && (!errors.Is(err, migrations.ErrBreaking) || reached != c.from || len(migrator.names) > 0):
			t.Errorf("from %d to %d: reached %d with %v: %v", c.from, c.to, reached, migrator.names, err)
		}
	}
}

// A program has nothing to migrate where a later one has been, if it works with
// what that left; a rollback runs it again.
func TestNewerSchemaNeedsNoMigration(t *testing.T) {
	database := dbtest.New(t)
	later, _ := openWith(t, database.URL, migrations.Config{Files: with(t, expand, contract), Breaking: true})
	migrator, _ := open(t, database.URL)
	to(t, later, migrations.Latest+1)
	if reached, err := migrator.To(t.Context(), migrations.Newest); err != nil || reached != migrations.Latest+1 || len(migrator.names) > 0 {
		t.Errorf("on a compatible schema: reached %d with %v: %v", reached, migrator.names, err)
	}
	to(t, later, migrations.Latest+2)
	if _, err := migrator.To(t.Context(), migrations.Newest); err == nil || !strings.HasSuffix(err.Error(), "use a newer program") {
		t.Errorf("on a breaking schema: %v", err)
	}
}

// While a migration waits for a transaction that reads a table, such as a dump,
// others read it. The migration is applied as soon as the transaction has ended.
func TestMigrationDoesNotBlockReaders(t *testing.T) {
	for name, s := range map[string]step{
		"column": {"ALTER TABLE prices ADD COLUMN note text;", "ALTER TABLE prices DROP COLUMN note;"},
		"lock":   {"LOCK TABLE prices;", "LOCK TABLE prices;"},
		"two":    {"CREATE TABLE made (); ALTER TABLE prices ADD COLUMN note text;", "DROP TABLE made; ALTER TABLE prices DROP COLUMN note;"},
	} {
		database := dbtest.NewWorld(t)
		reader, dump := database.Connect(t), database.Connect(t)
		waiting := make(chan string, 1000)
		migrator, _ := openWith(t, database.URL, migrations.Config{Files: with(t, s), Waiting: func(who string) { waiting <- who }})
		for _, version := range []int64{migrations.Latest + 1, migrations.Latest} {
			if _, err := dump.Exec(t.Context(), `SET application_name = 'nightly dump'; BEGIN; LOCK TABLE prices IN ACCESS SHARE MODE`); err != nil {
				t.Fatal(err)
			}
			done := make(chan error, 1)
			go func() {
				_, err := migrator.To(t.Context(), version)
				done <- err
			}()
			const attempts = 3
			for began, n := time.Now(), 0; n < attempts; {
				ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience/4)
				_, err := reader.Exec(ctx, `SELECT count(*) FROM prices`)
				cancel()
				if err != nil {
					t.Fatalf("%s: a reader waits for the migration: %v", name, err)
				}
				select {
				case who := <-waiting:
					if n++; !strings.Contains(who, `(application "nightly dump", login `) {
						t.Errorf("%s: it waits for %s", name, who)
					}
				case err := <-done:
					t.Fatalf("%s: the migration ended while the table was in use: %v", name, err)
				default:
					if time.Since(began) > testkit.Patience {
						t.Fatalf("%s: the migration made %d attempts", name, n)
					}
				}
			}
			if _, err := dump.Exec(t.Context(), `ROLLBACK`); err != nil {
				t.Fatal(err)
			}
			if err := <-done; err != nil {
				t.Errorf("%s: to version %d: %v", name, version, err)
			}
		}
	}
}

// A migration that waits in vain names whom it waited for and leaves nothing.
func TestMigrationGivesUp(t *testing.T) {
	database := dbtest.NewWorld(t)
	dump := database.Connect(t)
	if _, err := dump.Exec(t.Context(), `SET application_name = 'nightly dump'; BEGIN; LOCK TABLE prices IN ACCESS SHARE MODE`); err != nil {
		t.Fatal(err)
	}
	files := with(t, step{"CREATE TABLE made (); DROP TABLE prices CASCADE;", "SELECT 1;"})
	migrator, db := openWith(t, database.URL, migrations.Config{Files: files, LockWait: time.Millisecond})
	before := schema(t, db)
	reached, err := migrator.To(t.Context(), migrations.Newest)
	want := fmt.Sprintf(`the tables are in use: migration %d waited 1ms for a lock; the oldest transaction that holds locks is of pid %d (application "nightly dump", login `,
		migrations.Latest+1, dump.PgConn().PID())
	if !errors.Is(err, migrations.ErrInUse) || !strings.HasPrefix(err.Error(), want) || reached != migrations.Latest {
		t.Errorf("reached %d: %v\nwant %s", reached, err, want)
	}
	if schema(t, db) != before {
		t.Error("the schema was changed")
	}
	if timeouts := query(t, db, `SELECT setting FROM pg_settings WHERE name = 'lock_timeout'`); timeouts[0] != "0" {
		t.Errorf("lock_timeout is %s afterwards", timeouts[0])
	}
}

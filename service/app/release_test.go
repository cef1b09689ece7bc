package app_test

import (
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"example.com/rates/db/dbtest"
	"example.com/rates/db/migrations"
	"example.com/rates/internal/testkit"
	"example.com/rates/service/app"
	"example.com/rates/service/login"
)

// nextFiles returns the migrations of a program to come: one expands the tables that
// are read, and one contracts them, after which programs of today do not work.
func nextFiles(t *testing.T) fs.FS {
	t.Helper()
	all := fstest.MapFS{}
	entries, err := fs.Glob(os.DirFS("../../db/migrations"), "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range entries {
		text, err := fs.ReadFile(os.DirFS("../../db/migrations"), name)
		if err != nil {
			t.Fatal(err)
		}
		all[name] = &fstest.MapFile{Data: text}
	}
	latest := migrations.Latest
	all[fmt.Sprintf("%05d_expand.sql", latest+1)] = &fstest.MapFile{Data: []byte(`-- +goose Up
ALTER TABLE daily_rates ADD COLUMN note text;
ALTER TABLE ports ADD COLUMN terminal text NOT NULL DEFAULT '';
-- +goose Down
ALTER TABLE ports DROP COLUMN terminal;
ALTER TABLE daily_rates DROP COLUMN note;`)}
	all[fmt.Sprintf("%05d_contract.sql", latest+2)] = &fstest.MapFile{Data: fmt.Appendf(nil, `-- +goose Up
COMMENT ON TABLE goose_db_version IS 'Migrations that were applied, of set 5. They work with programs from version %d.';
ALTER TABLE ports ALTER COLUMN terminal DROP DEFAULT;
-- +goose Down
ALTER TABLE ports ALTER COLUMN terminal SET DEFAULT '';
COMMENT ON TABLE goose_db_version IS 'Migrations that were applied, of set 5.';`, latest+1)}
	return all
}

// load asks an instance over connections that are kept and over new ones, and counts
// what is not answered.
type load struct {
	current     atomic.Pointer[running]
	group       sync.WaitGroup
	stopped     chan struct{}
	asked, lost atomic.Int64
}

// newLoad starts clients that pause between two requests.
func newLoad(t *testing.T, first *running, clients int, pause time.Duration) *load {
	t.Helper()
	l := &load{stopped: make(chan struct{})}
	l.current.Store(first)
	for range clients {
		client := &kept{url: func() string { return l.current.Load().URL() }}
		l.group.Go(func() {
			defer client.close()
			for {
				select {
				case <-l.stopped:
					return
				case <-time.After(pause):
				}
				l.asked.Add(1)
				if status, err := client.ask(context.WithoutCancel(t.Context())); status != http.StatusOK {
					l.lost.Add(1)
					client.close()
					t.Logf("status %d, %v", status, err)
				}
			}
		})
	}
	t.Cleanup(func() { l.end(t) })
	return l
}

// more waits until more questions have been answered, and the instance is ready.
func (l *load) more(t *testing.T) {
	t.Helper()
	const enough = 50
	before := l.asked.Load()
	testkit.Eventually(t, "more questions are asked", func() bool { return l.asked.Load() > before+enough })
	wantStatus(t, l.current.Load().URL()+"/readyz", http.StatusOK)
	http.DefaultClient.CloseIdleConnections() // an instance that ends would wait for them
}

// takeOver lets an instance take over from the current one, which ends.
func (l *load) takeOver(t *testing.T, next *running) {
	t.Helper()
	l.more(t)
	old := l.current.Swap(next)
	if err := old.closed(context.WithoutCancel(t.Context())); err != nil {
		t.Errorf("Close: %v", err)
	}
	l.more(t)
}

// end stops asking, once.
func (l *load) end(t *testing.T) {
	t.Helper()
	select {
	case <-l.stopped:
		return
	default:
	}
	close(l.stopped)
	l.group.Wait()
	t.Logf("%d of %d requests were lost", l.lost.Load(), l.asked.Load())
	if l.lost.Load() > 0 {
		t.Error("requests were lost")
	}
}

const someClients = 4

// A release and its rollback lose no request: each migration runs while the program
// before it and the program after it answer, and a dump reads the tables meanwhile.
func TestReleaseHasNoGap(t *testing.T) {
	database := newDatabase(t)
	cfg := newConfig(database.As(dbtest.Reader))
	cfg.DrainDelay, cfg.CacheMB = 10*time.Millisecond, 0 // each question reads the tables
	this, next := cfg, cfg
	next.Program = migrations.Program{Oldest: migrations.Latest, Latest: migrations.Latest + 1}

	l := newLoad(t, start(t, this), someClients, 0)
	l.more(t)
	migrate := func(version int64) {
		t.Helper()
		migrateDuringDump(t, database, migrations.Config{Files: nextFiles(t)}, version)
		l.more(t)
	}
	migrate(migrations.Latest + 1)
	l.takeOver(t, start(t, next))
	migrate(migrations.Latest + 2)
	if _, err := app.Start(t.Context(), this, &testkit.Buffer{}); err == nil {
		t.Error("the program before starts on a schema that it does not work with")
	}
	migrate(migrations.Latest + 1)
	l.takeOver(t, start(t, this))
	migrate(migrations.Latest)
	l.takeOver(t, start(t, next)) // it is ready for a schema to come
	l.end(t)
}

// The same holds for the last two versions of the schema that are written, if this
// program works with both.
func TestLastReleaseHasNoGap(t *testing.T) {
	before := migrations.Program{Oldest: migrations.Latest - 1, Latest: migrations.Latest - 1}
	if before.Latest < migrations.Oldest {
		t.Skip("SKIP: this program does not work with the schema before the last")
	}
	database := newDatabase(t)
	if _, err := app.Migrate(t.Context(), database.URL, login.Source{}, before.Latest, migrations.Config{}); err != nil {
		t.Fatal(err)
	}
	this := newConfig(database.As(dbtest.Reader))
	this.DrainDelay, this.CacheMB = 10*time.Millisecond, 0
	earlier := this
	earlier.Program = before
	l := newLoad(t, start(t, earlier), someClients, 0)
	migrateDuringDump(t, database, migrations.Config{}, migrations.Latest)
	l.takeOver(t, start(t, this))
	l.takeOver(t, start(t, earlier))
	migrateDuringDump(t, database, migrations.Config{}, before.Latest)
	l.takeOver(t, start(t, this))
	l.end(t)
}

// migrateDuringDump migrates while a transaction like that of a dump reads, which
// ends once the migration waits for it, if it does.
func migrateDuringDump(t *testing.T, database dbtest.Database, cfg migrations.Config, version int64) {
	t.Helper()
	dump := database.Connect(t)
	if _, err := dump.Exec(t.Context(), `BEGIN; LOCK TABLE ports, daily_rates, prices IN ACCESS SHARE MODE`); err != nil {
		t.Fatal(err)
	}
	const attempts = 3
	waited := 0
	cfg.Waiting = func(string) {
		if waited++; waited == attempts {
			if _, err := dump.Exec(t.Context(), `ROLLBACK`); err != nil {
				t.Error(err)
			}
		}
	}
	if _, err := app.Migrate(t.Context(), database.URL, login.Source{}, version, cfg); err != nil {
		t.Fatal(err)
	}
}

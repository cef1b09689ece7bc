package importer_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
	"example.com/rates/service/importer"
	"example.com/rates/service/login"
	"example.com/rates/service/postgres"
)

// hold runs sql in a transaction that stays open until release is called.
func hold(t *testing.T, database dbtest.Database, application, sql string) (release func()) {
	t.Helper()
	conn, err := postgres.Connect(t.Context(), database.URL, login.Source{}, application)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), `BEGIN; `+sql); err != nil {
		t.Fatal(err)
	}
	release = sync.OnceFunc(func() { _ = conn.Close(context.Background()) }) // which rolls back
	t.Cleanup(release)
	return release
}

// replaced is an import with Replace that runs in the background.
type replaced struct {
	steps     testkit.Buffer
	interrupt context.CancelFunc
	done      chan error
}

func replaceInBackground(t *testing.T, database dbtest.Database, limit time.Duration) *replaced {
	t.Helper()
	ctx, interrupt := context.WithCancel(t.Context())
	t.Cleanup(interrupt)
	r := &replaced{interrupt: interrupt, done: make(chan error, 1)}
	loader := openLoader(t, database)
	files := slices.Concat(somePlaces, []importer.File{sameEverywhere(200)})
	go func() {
		_, err := loader.Import(ctx, files, importer.Options{Replace: true, LockWait: limit, Progress: func(p importer.Progress) {
			fmt.Fprintln(&r.steps, p.Step)
		}})
		r.done <- err
	}()
	return r
}

// waitsFor waits until the import says that it waits for an application.
func (r *replaced) waitsFor(t *testing.T, application string) {
	t.Helper()
	testkit.Eventually(t, "the import waits for "+application, func() bool {
		return strings.Contains(r.steps.String(), fmt.Sprintf("(application %q, login ", application))
	})
}

// queuedSQL asks whether readers have to queue.
const queuedSQL = `SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'
	AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))`

// A replacement waits for a transaction that reads its tables, such as a dump.
// Questions wait for neither: they are answered while both wait.
func TestReplaceWaitsForReaders(t *testing.T) {
	for _, tables := range []string{"prices, daily_rates", "daily_rates", "prices"} {
		database := dbtest.NewWorld(t)
		release := hold(t, database, "nightly dump", `LOCK TABLE `+tables+` IN ACCESS SHARE MODE`)
		store := openStore(t, database)
		replacing := replaceInBackground(t, database, 0)
		replacing.waitsFor(t, "nightly dump")
		admin := database.Connect(t)
		ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
		defer cancel()
		const looks = 4 // of the import at the sessions
		for strings.Count(replacing.steps.String(), "nightly dump") < looks {
			if queued := dbtest.Value[bool](t, admin, queuedSQL); queued {
				t.Fatalf("%s: the import queues for a lock, and readers behind it", tables)
			}
			answer, err := store.DailyRates(ctx, query(t, "CHINA NORTH 2021-01-01 2021-01-10"))
			if err != nil || len(answer.Rates) != 3 {
				t.Fatalf("%s: an answer of %d days: %v", tables, len(answer.Rates), err)
			}
		}
		release()
		if err := <-replacing.done; err != nil {
			t.Errorf("%s: %v", tables, err)
		}
		answer, err := store.DailyRates(t.Context(), query(t, "CHINA NORTH 2021-01-01 2021-01-10"))
		if err != nil || checkWhole(answer, answer) != nil {
			t.Errorf("%s: after the replacement: %+v, %v", tables, answer, err)
		}
	}
}

// A replacement that has waited for as long as it is allowed to fails, and names
// the session that is in its way.
func TestReplaceGivesUp(t *testing.T) {
	for name, sql := range map[string]string{
		"nightly dump": `LOCK TABLE prices, daily_rates IN ACCESS SHARE MODE`,
		"new index":    `CREATE INDEX ON prices (day)`,
		"manual check": `SELECT FROM prices FOR UPDATE`,
	} {
		database := dbtest.NewWorld(t)
		before := database.Contents(t)
		release := hold(t, database, name, sql)
		pid := dbtest.Value[int](t, database.Connect(t), `SELECT pid FROM pg_stat_activity
			WHERE datname = current_database() AND application_name = $1`, name)
		err := <-replaceInBackground(t, database, 100*time.Millisecond).done
		want := fmt.Sprintf("prices and daily_rates are in use: waited 100ms for pid %d (application %q, login ", pid, name)
		if !errors.Is(err, importer.ErrInUse) || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v\nwant %s…", name, err, want)
		}
		release()
		if after := database.Contents(t); after != before {
			t.Errorf("%s: the data have changed", name)
		}
	}
}

// A login that may see when other transactions began is told.
func TestReplaceSaysSinceWhen(t *testing.T) {
	database := dbtest.NewWorld(t)
	hold(t, database, "nightly dump", `LOCK TABLE prices IN ACCESS SHARE MODE`)
	began := dbtest.Value[time.Time](t, database.Connect(t), `SELECT xact_start FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'nightly dump'`)
	conn, err := postgres.Connect(t.Context(), database.URL, login.Source{}, "rates import") // as a superuser
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(context.Background())
	_, err = importer.NewLoader(conn).Import(t.Context(), somePlaces, importer.Options{Replace: true, AllowEmpty: true, LockWait: time.Millisecond})
	if want := began.UTC().Format("since 2006-01-02 15:04:05 UTC"); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v\nwant …%s…", err, want)
	}
}

// A replacement that waits for a reader can be interrupted, and releases its locks.
func TestReplaceIsInterruptedWhileItWaits(t *testing.T) {
	database := dbtest.NewWorld(t)
	before := database.Contents(t)
	hold(t, database, "nightly dump", `LOCK TABLE prices IN ACCESS SHARE MODE`)
	replacing := replaceInBackground(t, database, 0)
	replacing.waitsFor(t, "nightly dump")
	replacing.interrupt()
	if err := <-replacing.done; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	holdTurn(t, database)()
	if after := database.Contents(t); after != before {
		t.Error("the data have changed")
	}
}

// A writer that waits for its turn has a lock on prices. It goes first, so that
// neither waits for the other for ever.
func TestReplaceLetsWaitingWritersGoFirst(t *testing.T) {
	database := dbtest.NewWorld(t)
	admin := database.Connect(t)
	release := holdTurn(t, database)
	replacing := replaceInBackground(t, database, 0)
	testkit.Eventually(t, "the import waits for its turn", func() bool { return waitingImports(t, admin) == 1 })
	inserted := make(chan error, 1)
	writer := database.Connect(t)
	go func() {
		_, err := writer.Exec(t.Context(), `INSERT INTO prices VALUES ('CNGGZ', 'EETLL', '2021-01-01', 7)`)
		inserted <- err
	}()
	waiting := func() bool {
		return dbtest.Value[int](t, admin, `SELECT count(*) FROM pg_locks WHERE NOT granted AND pid = $1`, int(writer.PgConn().PID())) == 1
	}
	testkit.Eventually(t, "the writer waits for its turn", waiting)
	release()
	if err := errors.Join(<-inserted, <-replacing.done); err != nil {
		t.Error(err)
	}
	const sql = `SELECT count(*) FROM prices`
	if n := dbtest.Value[int](t, admin, sql); n != 120 {
		t.Errorf("%d prices, want those of the replacement", n)
	}
}

// While a replacement loads, writers wait for it without any lock on its tables.
func TestWritersWaitForReplace(t *testing.T) {
	database := dbtest.NewWorld(t)
	release := hold(t, database, "nightly dump", `LOCK TABLE prices IN ACCESS SHARE MODE`)
	replacing := replaceInBackground(t, database, 0)
	replacing.waitsFor(t, "nightly dump")
	results := make(chan error)
	statements := []string{
		`INSERT INTO prices VALUES ('CNGGZ', 'EETLL', '2021-01-01', 7)`,
		`DELETE FROM prices WHERE false`,
		`UPDATE ports SET name = 'Canton' WHERE code = 'CNGGZ'`,
	}
	for _, sql := range statements {
		conn := database.Connect(t)
		go func() {
			_, err := conn.Exec(t.Context(), sql)
			results <- err
		}()
	}
	admin := database.Connect(t)
	testkit.Eventually(t, "the writers wait", func() bool { return waitingWriters(t, admin) == len(statements) })
	release()
	err := <-replacing.done
	for range statements {
		err = errors.Join(err, <-results)
	}
	if err != nil {
		t.Error(err)
	}
	dbtest.CheckSums(t, database.ConnectQuick(t), "a replacement and writers")
	if n := dbtest.Value[int](t, admin, `SELECT count(*) FROM prices`); n != 121 {
		t.Errorf("%d prices, want 121", n)
	}
}

func waitingWriters(t *testing.T, conn *pgx.Conn) int {
	t.Helper()
	return dbtest.Value[int](t, conn, `SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name <> 'rates import' AND wait_event_type = 'Lock'`)
}

package postgres_test

import (
	"log/slog"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
	"example.com/rates/service/postgres"
)

// watchThrough starts a watch and returns its log.
func watchThrough(t *testing.T, url string) (*postgres.Watch, *testkit.Buffer) {
	t.Helper()
	logs := &testkit.Buffer{}
	w, err := postgres.NewWatch(t.Context(), postgres.Config{URL: url}, slog.New(slog.NewTextHandler(logs, nil)))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w, logs
}

// A watch that does not hear itself knows no version, and says so once. As soon as
// it hears itself it does.
func TestWatchBelievesWhatItHears(t *testing.T) {
	database := dbtest.New(t)
	p := database.Pooler(t)
	w, logs := watchThrough(t, p.Through(database.As(dbtest.Reader)))
	const once = "change notifications are lost; answering without the cache"
	testkit.Eventually(t, "it says that it hears nothing", func() bool {
		if version, ok := w.Current(); ok {
			t.Fatalf("it knows version %d", version)
		}
		return strings.Contains(logs.String(), once)
	})
	if !strings.Contains(logs.String(), "the database does not deliver notifications: a pooler shares its sessions between transactions") {
		t.Errorf("the log does not say why:\n%s", logs)
	}
	p.Set(dbtest.Whole)
	now := version(t, database)
	testkit.Eventually(t, "it knows the version", func() bool { got, ok := w.Current(); return ok && got == now })
	if n := strings.Count(logs.String(), once); n != 1 {
		t.Errorf("it said %d times that it hears nothing:\n%s", n, logs)
	}
}

// A watch whose notifications stop notices at the next change.
func TestWatchNoticesThatNotificationsStop(t *testing.T) {
	database := dbtest.New(t)
	p := database.Pooler(t)
	p.Set(dbtest.Whole)
	w, logs := watchThrough(t, p.Through(database.As(dbtest.Reader)))
	testkit.Eventually(t, "it knows the version", func() bool { _, ok := w.Current(); return ok })
	p.Set(dbtest.Deaf)
	database.Exec(t, "INSERT INTO regions VALUES ('sea', 'Sea', NULL)")
	testkit.Eventually(t, "it says that a notification is missing", func() bool {
		return strings.Contains(logs.String(), "the data changed and no notification came")
	})
	testkit.Eventually(t, "it knows no version", func() bool { _, ok := w.Current(); return !ok })
}

// Behind a pooler the service leaves nothing in sessions that others use next.
func TestSharedSessionsStayAsTheyWere(t *testing.T) {
	database := dbtest.NewWorld(t)
	p := database.Pooler(t)
	asked := 0
	store := openStore(t, database, func(c *postgres.Config) {
		c.URL = p.Through(database.As(dbtest.Reader))
		c.MaxConns = 1
		c.Tracer = startTracer(func(conn *pgx.Conn, _ string, _ []any) {
			asked++
			for sql, want := range map[string]string{
				"SHOW default_transaction_read_only": "off", "SHOW statement_timeout": "0", "SHOW plan_cache_mode": "auto",
				"SELECT count(*) FROM pg_prepared_statements WHERE name <> ''": "0",
			} {
				results, err := conn.PgConn().Exec(t.Context(), sql).ReadAll()
				if err != nil {
					t.Error(err)
				} else if got := string(results[0].Rows[0][0]); got != want {
					t.Errorf("%s is %s, want %s", sql, got, want)
				}
			}
		})
	})
	for range 2 {
		for _, q := range []string{question, "CNGGZ EETLL 2031-01-01 2031-01-31"} {
			if _, err := store.DailyRates(t.Context(), query(t, q)); err != nil {
				t.Error(err)
			}
		}
		if _, _, err := store.Ports(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if asked == 0 {
		t.Error("nothing was asked")
	}
}

package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
	"example.com/rates/service/login"
	"example.com/rates/service/postgres"
	"example.com/rates/service/rates"
)

// serviceFile returns the URL of a database whose login is in a service file, and
// a function that writes it.
func serviceFile(t testing.TB, database dbtest.Database, parameters string) (string, func(user string)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "service")
	u, err := url.Parse(with(t, database.URL, "service=rates&servicefile="+path+"&"+parameters))
	if err != nil {
		t.Fatal(err)
	}
	u.User = nil
	return u.String(), func(user string) {
		content := fmt.Sprintf("[rates]\nuser=%[1]s\npassword=%[1]s\n", user)
		if err := errors.Join(os.WriteFile(path+".new", []byte(content), 0o600), os.Rename(path+".new", path)); err != nil {
			t.Fatal(err)
		}
	}
}

// A login that was replaced in its file is taken up, by a store that runs too.
func TestRotatedLogin(t *testing.T) {
	database := dbtest.NewWorld(t)
	url, write := serviceFile(t, database, "pool_max_conn_lifetime=50ms&pool_health_check_period=20ms")
	write("rates_test_nobody")
	store := openStore(t, database, func(cfg *postgres.Config) { cfg.URL, cfg.Login = url, login.File() })
	err := store.Ready(t.Context())
	if refused, ok := errors.AsType[*postgres.RefusedError](err); !ok || !strings.Contains(refused.Error(), `"rates_test_nobody"`) {
		t.Fatalf("a login that does not exist: %v", err)
	}
	write(dbtest.Reader)
	if err := store.Ready(t.Context()); err != nil {
		t.Fatalf("the right login: %v", err)
	}
	write("rates_test_nobody")
	testkit.Eventually(t, "the pool has no connection with the old login", func() bool { return store.Ready(t.Context()) != nil })
	for user, want := range map[string]bool{dbtest.Loader: true, "rates_test_nobody": false} {
		write(user)
		conn, err := postgres.Connect(t.Context(), url, login.File(), "test")
		if (err == nil) != want {
			t.Errorf("%s, one connection: %v", user, err)
		}
		if err == nil {
			_ = conn.Close(t.Context()) // nothing runs on it
		}
		db, err := postgres.OpenDB(t.Context(), url, login.File(), "test")
		if (err == nil) != want {
			t.Errorf("%s, a *sql.DB: %v", user, err)
		}
		if err == nil {
			_ = db.Close() // nothing runs on it
		}
	}
}

// errSource are errors that a source of logins may have, which would mean something
// else in a question.
var errSource = map[string]error{
	"timeout":  fmt.Errorf("ask for a token: %w", context.DeadlineExceeded),
	"away":     &net.OpError{Op: "dial", Err: errors.New("connection refused")},
	"refused":  errors.New("the identity endpoint answers 400"),
	"settings": login.SettingsError("the connection string has a password"),
}

// Without a login a question is 503. The connections that there are stay.
func TestSourceFails(t *testing.T) {
	database := dbtest.NewWorld(t)
	for name, cause := range errSource {
		t.Run(name, func(t *testing.T) {
			var fails atomic.Bool
			source := login.Source{Name: "test", Set: func(context.Context, *pgx.ConnConfig) error {
				if fails.Load() {
					return cause
				}
				return nil
			}}
			store := openStore(t, database, func(cfg *postgres.Config) {
				cfg.Login, cfg.MaxConns = source, 1
				cfg.URL = with(t, cfg.URL, "application_name="+database.Name)
			})
			testkit.Eventually(t, "there is a connection", func() bool { return store.Ready(t.Context()) == nil })
			fails.Store(true)
			before := sessions(t, database)
			for range 10 {
				if err := store.Ready(t.Context()); err != nil {
					t.Errorf("with a connection: %v", err)
				}
			}
			if after := sessions(t, database); after != before {
				t.Errorf("the sessions were %s and are %s", before, after)
			}
			lonely := openStore(t, database, func(cfg *postgres.Config) { cfg.Login = source })
			err := wantKind(t, lonely.Ready(t.Context()), rates.Unavailable)
			if missing, ok := errors.AsType[*postgres.LoginError](err); !ok || missing.Source != "test" || missing.User != dbtest.Reader {
				t.Errorf("the error does not name the source and the login: %v", err)
			}
			if _, ok := errors.AsType[*postgres.RefusedError](err); ok {
				t.Errorf("the database is said to refuse: %v", err)
			}
		})
	}
}

func sessions(t testing.TB, database dbtest.Database) string {
	t.Helper()
	return dbtest.Value[string](t, database.Connect(t),
		`SELECT coalesce(string_agg(pid::text, ' ' ORDER BY pid), '') FROM pg_stat_activity WHERE application_name = $1`, database.Name)
}

// The connection of the watch ends too when it is old, without a warning, and
// stays while there is no login for another one.
func TestWatchChangesItsConnection(t *testing.T) {
	database := dbtest.New(t)
	var failing atomic.Bool
	var logins atomic.Int32
	source := login.Source{Name: "test", Set: func(context.Context, *pgx.ConnConfig) error {
		logins.Add(1)
		if failing.Load() {
			return errors.New("the identity endpoint is away")
		}
		return nil
	}}
	var logs bytes.Buffer
	url := with(t, database.As(dbtest.Reader), "pool_max_conn_lifetime=10ms&application_name="+database.Name)
	watch, err := postgres.NewWatch(t.Context(), postgres.Config{URL: url, Login: source}, slog.New(slog.NewTextHandler(&logs, nil)))
	if err != nil {
		t.Fatal(err)
	}
	first := ""
	testkit.Eventually(t, "there is a connection", func() bool { first = sessions(t, database); return first != "" })
	testkit.Eventually(t, "it is another one", func() bool {
		now := sessions(t, database)
		return now != "" && now != first
	})
	failing.Store(true)
	asked := logins.Load()
	testkit.Eventually(t, "a login was asked for", func() bool { return logins.Load() > asked })
	testkit.Eventually(t, "the version is known without one", func() bool { _, ok := watch.Current(); return ok })
	watch.Close()
	if strings.Contains(logs.String(), "are lost") || strings.Count(logs.String(), "watching for changes") > 1 {
		t.Errorf("the log says\n%s", &logs)
	}
}

// A command waits for its first login, for half a minute.
func TestAwaitLogin(t *testing.T) {
	for name, c := range map[string]struct {
		url  string
		err  error
		want time.Duration
	}{
		"away":     {"postgres://a@127.0.0.1/d", errSource["away"], 30 * time.Second},
		"settings": {"postgres://a@127.0.0.1/d", errSource["settings"], 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				source := login.Source{Name: "test", Set: func(context.Context, *pgx.ConnConfig) error { return c.err }}
				for _, open := range []func() error{
					func() error { _, err := postgres.Connect(t.Context(), c.url, source, "test"); return err },
					func() error { _, err := postgres.OpenDB(t.Context(), c.url, source, "test"); return err },
				} {
					begun := time.Now()
					err := open()
					if took := time.Since(begun); !errors.Is(err, c.err) || took < c.want || took > c.want+time.Second {
						t.Errorf("after %v: %v", took, err)
					}
				}
			})
		})
	}
}

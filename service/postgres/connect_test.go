package postgres_test

import (
	"context"
	"errors"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/rates/db/dbtest"
	"example.com/rates/service/login"
	"example.com/rates/service/postgres"
	"example.com/rates/service/rates"
)

// with returns a URL with more parameters.
func with(t testing.TB, raw string, parameters string) string {
	t.Helper()
	u, err := url.Parse(raw)
	if err != nil {
		t.Fatal(err)
	}
	query, err := url.ParseQuery(parameters)
	if err != nil {
		t.Fatal(err)
	}
	all := u.Query()
	for name, values := range query {
		all[name] = values
	}
	u.RawQuery = all.Encode()
	return u.String()
}

// A server is accepted by target_session_attrs if psql accepts it: what the
// service sets for its own session does not count.
func TestTargetSessionAttrs(t *testing.T) {
	database := dbtest.NewWorld(t)
	away := closedPort(t)
	socket, err := pgx.ParseConfig(database.URL)
	if err != nil {
		t.Fatal(err)
	}
	several := with(t, database.As(dbtest.Reader), "host=127.0.0.1,"+socket.Host+"&port="+away+",5432&sslmode=disable")
	for _, c := range []struct {
		attrs, role string // the latter as the login finds it
		want        error
	}{
		{"any", "off", nil},
		{"primary", "off", nil},
		{"read-write", "off", nil},
		{"prefer-standby", "off", nil},
		{"read-only", "off", pgconn.ErrReadWriteConnection},
		{"standby", "off", pgconn.ErrPrimaryConnection},
		{"read-only", "on", nil},
		{"read-write", "on", pgconn.ErrReadOnlyConnection},
	} {
		url := with(t, several, "target_session_attrs="+c.attrs+"&options=-cdefault_transaction_read_only%3D"+c.role)
		store := openStore(t, database, func(cfg *postgres.Config) { cfg.URL = url })
		if err := store.Ready(t.Context()); !errors.Is(err, c.want) {
			t.Errorf("%s, default_transaction_read_only %s: %v, want %v", c.attrs, c.role, err, c.want)
		}
		conn, err := postgres.Connect(t.Context(), url, login.Source{}, "test")
		if !errors.Is(err, c.want) {
			t.Errorf("%s, one connection: %v, want %v", c.attrs, err, c.want)
		}
		if err == nil {
			_ = conn.Close(t.Context()) // nothing runs on it
		}
	}
}

// closedPort returns a port of the loopback interface on which nobody listens.
func closedPort(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// What the server refuses for good is told apart from what passes, with what to
// do about it; both are 503 to clients.
func TestServerRefuses(t *testing.T) {
	database := dbtest.New(t)
	closed := dbtest.New(t)
	closed.Exec(t, "REVOKE CONNECT ON DATABASE "+closed.Name+" FROM PUBLIC")
	full := dbtest.New(t)
	full.Exec(t, "ALTER DATABASE "+full.Name+" CONNECTION LIMIT 0")
	reader := database.As(dbtest.Reader)
	for _, c := range []struct {
		name, url string
		want      string // "" if waiting may help
	}{
		{"no such database", strings.Replace(reader, database.Name, "nowhere", 1), `database "nowhere" does not exist (SQLSTATE 3D000); create the database, or correct its name`},
		{"no such role", strings.Replace(reader, dbtest.Reader+":", "nobody:", 1), `; check the user`},
		{"unknown parameter", with(t, reader, "no_such_setting=1"), `unrecognized configuration parameter "no_such_setting" (SQLSTATE 42704); remove the parameter`},
		{"invalid value", with(t, reader, "statement_timeout=soon"), `invalid value for parameter "statement_timeout": "soon" (SQLSTATE 22023); correct the parameter`},
		{"no right to connect", closed.As(dbtest.Reader), `permission denied for database "` + closed.Name + `" (SQLSTATE 42501); grant the login what it lacks`},
		{"full", full.As(dbtest.Reader), ""},
	} {
		store := openStore(t, database, func(cfg *postgres.Config) { cfg.URL = c.url })
		err := store.Ready(t.Context())
		_ = wantKind(t, err, rates.Unavailable)
		_, one := postgres.Connect(t.Context(), c.url, login.Source{}, "test")
		_, db := postgres.OpenDB(t.Context(), c.url, login.Source{}, "test")
		for _, err := range []error{err, one, db} {
			refused, ok := errors.AsType[*postgres.RefusedError](err)
			if ok != (c.want != "") || ok && !strings.Contains(refused.Error(), c.want) {
				t.Errorf("%s: %v\nwant %s", c.name, err, c.want)
			}
		}
	}
}

// A login that is refused while the service runs is 503, and loses no question
// while a connection is left.
func TestLoginRefusedLater(t *testing.T) {
	database := dbtest.NewWorld(t)
	store := openStore(t, database)
	if err := store.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	database.Exec(t, "REVOKE CONNECT ON DATABASE "+database.Name+" FROM PUBLIC")
	var answers []<-chan error
	for range 20 {
		answers = append(answers, ask(t.Context(), t, store))
	}
	for _, answer := range answers {
		if err := <-answer; err != nil {
			t.Errorf("with one connection left: %v", err)
		}
	}
	endConnections(t, database.Connect(t))
	_, err := store.DailyRates(t.Context(), query(t, question))
	_ = wantKind(t, err, rates.Unavailable)
	_ = wantKind(t, store.Ready(t.Context()), rates.Unavailable)
}

// Settings are those of the session alone, and made on each connection.
func TestSessionSettings(t *testing.T) {
	database := dbtest.NewWorld(t)
	seen := map[string]string{}
	store := openStore(t, database, func(c *postgres.Config) {
		c.Timeout = 7 * time.Second
		c.Tracer = startTracer(func(conn *pgx.Conn, _ string, _ []any) {
			for _, name := range []string{"application_name", "default_transaction_read_only", "statement_timeout", "plan_cache_mode", "client_encoding"} {
				results, err := conn.PgConn().Exec(context.Background(), "SHOW "+name).ReadAll()
				if err != nil {
					t.Error(err)
					return
				}
				seen[name] = string(results[0].Rows[0][0])
			}
		})
	})
	if err := store.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{
		"application_name": "rates", "default_transaction_read_only": "on", "statement_timeout": "7s",
		"plan_cache_mode": "force_generic_plan", "client_encoding": "UTF8",
	} {
		if seen[name] != want {
			t.Errorf("%s is %q, want %q", name, seen[name], want)
		}
	}
}

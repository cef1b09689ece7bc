package access

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"path/filepath"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// fixture is a database whose server checks passwords, with two logins of a service.
type fixture struct {
	dbtest.Database
	logins [2]string
	file   string // where credentials are published
}

func newFixture(t *testing.T) fixture {
	t.Helper()
	f := fixture{Database: dbtest.New(t), file: filepath.Join(t.TempDir(), "pg_service.conf")}
	dbtest.CheckPasswords(t)
	for i, suffix := range []string{"_a", "_b"} {
		f.logins[i] = f.role(t, suffix, "IN ROLE rates_reader")
	}
	return f
}

// role makes a role that is dropped when the test ends.
func (f fixture) role(t *testing.T, suffix, options string) string {
	t.Helper()
	role := f.Name + suffix
	f.Exec(t, "CREATE ROLE "+role+" "+options)
	f.dropAtEnd(t, role)
	return role
}

func (f fixture) dropAtEnd(t *testing.T, role string) {
	t.Helper()
	admin := f.Connect(t)
	t.Cleanup(func() {
		for _, sql := range []string{
			`SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = '` + role + `'`,
			`DROP ROLE IF EXISTS ` + role,
		} {
			if _, err := admin.Exec(context.Background(), sql); err != nil {
				t.Errorf("%s: %v", sql, err)
			}
		}
	})
}

var asked = Request{AskedBy: "alice", ApprovedBy: "bob", Reason: "the quarter ends"}

// manager returns a Manager over a new connection.
func (f fixture) manager(t *testing.T, url string) *Manager {
	t.Helper()
	return NewManager(f.connect(t, url), asked, newTestLog(io.Discard))
}

func (f fixture) connect(t *testing.T, url string) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) }) // the database is dropped next
	return conn
}

// leave ends sessions and waits until only the given number are left of a login: the
// server counts a session for a moment longer than its client.
func (f fixture) leave(t *testing.T, login string, left int, sessions ...*pgx.Conn) {
	t.Helper()
	for _, conn := range sessions {
		if err := conn.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	admin := f.Connect(t)
	testkit.Eventually(t, fmt.Sprintf("%s has %d sessions", login, left), func() bool {
		return value[int](t, admin, `SELECT count(*) FROM pg_stat_activity WHERE usename = $1`, login) == left
	})
}

// as returns the URL of the database for a login.
func (f fixture) as(t *testing.T, login, password string) string {
	t.Helper()
	u, err := url.Parse(f.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(login, password)
	return u.String()
}

// published returns the URL of the database for whoever reads the published file.
func (f fixture) published() string {
	u, _ := url.Parse(f.URL)
	u.User = nil
	query := u.Query()
	query.Set("service", "rates")
	query.Set("servicefile", f.file)
	u.RawQuery = query.Encode()
	return u.String()
}

func (f fixture) target(t *testing.T) Publisher {
	t.Helper()
	publisher, err := NewPublisher("file:"+f.file, "rates")
	if err != nil {
		t.Fatal(err)
	}
	return publisher
}

// events returns the kinds of the events of a login, in their order.
func (f fixture) events(t *testing.T, login string) string {
	t.Helper()
	rows, err := f.Connect(t).Query(t.Context(), `SELECT event FROM login_events WHERE login = $1 ORDER BY id`, login)
	if err != nil {
		t.Fatal(err)
	}
	kinds, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(kinds, " ")
}

func value[T any](t *testing.T, conn *pgx.Conn, sql string, args ...any) T {
	t.Helper()
	return dbtest.Value[T](t, conn, sql, args...)
}

func newTestLog(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, nil)) }

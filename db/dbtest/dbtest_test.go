package dbtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	program "os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

func TestMain(m *testing.M) { Main(m) }

// value returns the single value of a query.
func value[T any](t *testing.T, conn *pgx.Conn, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// Each test has its own database: migrated and empty, or without a schema.
func TestDatabasesAreSeparate(t *testing.T) {
	one, two, bare := New(t), New(t), NewBare(t)
	one.Exec(t, `INSERT INTO regions (slug, name) VALUES ($1, 'Baltic')`, "baltic")
	if n := value[int](t, one.Connect(t), `SELECT count(*) FROM regions`); n != 1 {
		t.Errorf("the first database holds %d regions, want 1", n)
	}
	if n := value[int](t, two.Connect(t), `SELECT count(*) FROM regions`); n != 0 {
		t.Errorf("the second database holds %d regions, want none", n)
	}
	if n := value[int](t, bare.Connect(t), `SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace`); n != 0 {
		t.Errorf("the bare database holds %d objects, want none", n)
	}
}

// When a test ends its database is dropped, even if a session is connected to it.
func TestDatabaseIsDroppedAfterItsTest(t *testing.T) {
	Need(t)
	var name string
	var left *pgx.Conn
	passed := t.Run("test", func(t *testing.T) {
		database := New(t)
		name = database.Name
		var err error
		if left, err = pgx.Connect(t.Context(), database.URL); err != nil {
			t.Fatal(err)
		}
	})
	if !passed {
		return
	}
	defer func() { _ = left.Close(context.Background()) }() // the server has ended it
	if value[bool](t, New(t).Connect(t), `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, name) {
		t.Errorf("database %s still exists", name)
	}
}

// The logins may do what their groups may, and no more.
func TestLogins(t *testing.T) {
	database := New(t)
	for _, c := range []struct {
		login, sql string
		allowed    bool
	}{
		{Reader, `SELECT count(*) FROM prices`, true},
		{Reader, `INSERT INTO regions (slug, name) VALUES ('reader', 'Reader')`, false},
		{Loader, `INSERT INTO regions (slug, name) VALUES ('loader', 'Loader')`, true},
		{Loader, `DROP TABLE prices`, false},
	} {
		conn, err := pgx.Connect(t.Context(), database.As(c.login))
		if err != nil {
			t.Fatal(err)
		}
		_, err = conn.Exec(t.Context(), c.sql)
		if pg, refused := errors.AsType[*pgconn.PgError](err); err != nil && (!refused || pg.Code != "42501") || refused == c.allowed {
			t.Errorf("%s: %s: %v, allowed is %v", c.login, c.sql, err, c.allowed)
		}
		if err := conn.Close(t.Context()); err != nil {
			t.Error(err)
		}
	}
}

// Start uses the server at the given URL, and Close removes only what Start created.
func TestGivenServer(t *testing.T) {
	database := New(t)
	t.Setenv(ServerVariable, database.URL)
	server, err := Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	made, err := server.Create(t.Context(), false)
	if err != nil {
		t.Fatal(err)
	}
	conn := database.Connect(t)
	const exists = `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`
	if !value[bool](t, conn, exists, made.Name) {
		t.Errorf("%s is not on the given server", made.Name)
	}
	if err := server.Drop(t.Context(), made.Name); err != nil {
		t.Error(err)
	}
	if err := server.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if value[bool](t, conn, exists, server.template) || !value[bool](t, conn, exists, database.Name) {
		t.Error("Close kept the template, or removed more than that")
	}
}

// The server of the tests does not begin in a folder that one of them has set.
func TestFolderOfATest(t *testing.T) {
	t.Setenv("TMPDIR", "/the/usual")
	seen := ""
	start := once(func() (*Server, error) { seen = os.TempDir(); return nil, nil })
	t.Setenv("TMPDIR", "/of/a/test")
	for range 2 {
		if _, err := start(); err != nil || seen != "/the/usual" || os.TempDir() != "/of/a/test" {
			t.Errorf("it starts with %s, %v; afterwards the test has %s", seen, err, os.TempDir())
		}
	}
}

// The error for a malformed URL does not repeat it.
func TestGivenServerMalformed(t *testing.T) {
	for _, url := range []string{"hunter2", "host=db password=hunter2", "postgres://user:hunter2@[/db"} {
		t.Setenv(ServerVariable, url)
		if _, err := Start(t.Context()); err == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the error is %v", url, err)
		}
	}
}

// fakeTB records how a test ended.
type fakeTB struct {
	testing.TB
	ended string
}

func (*fakeTB) Helper()                          {}
func (f *fakeTB) Skipf(format string, a ...any)  { f.end("skipped", fmt.Sprintf(format, a...)) }
func (f *fakeTB) Fatalf(format string, a ...any) { f.end("failed", fmt.Sprintf(format, a...)) }
func (f *fakeTB) Fatal(a ...any)                 { f.end("failed", fmt.Sprint(a...)) }

func (f *fakeTB) end(how, why string) {
	f.ended = how + ": " + why
	runtime.Goexit()
}

// Without a server a test is skipped with a message, or fails if a server is
// required or TestMain did not call Main.
func TestNeed(t *testing.T) {
	before, beforeShort := shared, short
	defer func() { shared, short = before, beforeShort }()
	short = true
	away := func() (*Server, error) { return nil, errors.New("no binaries") }
	for _, c := range []struct {
		shared        func() (*Server, error)
		require, want string
	}{
		{away, "", "skipped: SKIP: no PostgreSQL to test against: no binaries"},
		{away, "0", "skipped: SKIP: no PostgreSQL to test against: no binaries"},
		{away, "1", "failed: no PostgreSQL to test against: no binaries"},
		{nil, "1", "failed: TestMain must call dbtest.Main"},
	} {
		shared = c.shared
		t.Setenv(RequireVariable, c.require)
		fake := &fakeTB{TB: t}
		done := make(chan struct{})
		go func() {
			defer close(done)
			Need(fake)
		}()
		<-done
		if fake.ended != c.want {
			t.Errorf("%s=%s: the test %q, want %q", RequireVariable, c.require, fake.ended, c.want)
		}
	}
}

// A private server is not concerned by variables that are for other databases.
func TestOtherVariablesAreIgnored(t *testing.T) {
	Need(t)
	tests := program.Command(os.Args[0], "-test.run=^TestDatabasesAreSeparate$", "-test.v") // #nosec G204 -- this program
	tests.Env = []string{
		"PATH=" + os.Getenv("PATH"), RequireVariable + "=1",
		"PGSERVICE=prod", "PGCONNECT_TIMEOUT=abc", "PGOPTIONS=-c statement_timeout=1", "PGTARGETSESSIONATTRS=standby",
		"LC_ALL=no_SUCH.locale", "LANG=no_SUCH", "TZ=Mars/Olympus",
	}
	out, err := tests.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestDatabasesAreSeparate") {
		t.Errorf("%v\n%s", err, out)
	}
}

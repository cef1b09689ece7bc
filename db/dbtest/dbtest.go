// Package dbtest gives tests databases of their own on a real PostgreSQL.
package dbtest

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"example.com/rates/db/embedded"
)

// ServerVariable names the environment variable with the URL of a server on which
// tests may create databases, as a superuser. Without it Start starts a private
// server.
const ServerVariable = "RATES_TEST_DATABASE_URL"

// RequireVariable names the environment variable that, set to 1, makes tests fail if
// there is no server. Otherwise tests that need one are skipped.
const RequireVariable = "REQUIRE_DB"

// Reader and Loader are logins on the server, members of rates_reader and
// rates_loader. Their passwords are their names.
const (
	Reader = "rates_test_reader"
	Loader = "rates_test_loader"
)

// Database is one that a test has to itself.
type Database struct {
	Name string
	URL  string // as a superuser
}

// As returns the URL of the database for Reader or Loader.
func (d Database) As(login string) string {
	u, err := url.Parse(d.URL)
	if err != nil {
		panic(err) // withDatabase made it
	}
	u.User = url.UserPassword(login, login)
	return u.String()
}

// shared returns the server of this test process and starts it on the first call.
// It is nil until Main runs.
var shared func() (*Server, error)

// short reports whether tests that need a server run with -short too.
var short bool

// Main runs the tests of a package that needs a server. Call it in TestMain.
func Main(m *testing.M) {
	os.Exit(run(m))
}

// MainShort is Main for a package whose tests run with -short too.
func MainShort(m *testing.M) {
	short = true
	Main(m)
}

func run(m *testing.M) int {
	if os.Getenv(ServerVariable) == "" {
		embedded.Isolate()
	}
	ctx := context.Background()
	var started *Server
	shared = once(func() (server *Server, err error) {
		started, err = Start(ctx)
		return started, err
	})
	defer func() {
		if started == nil {
			return
		}
		if err := started.Close(ctx); err != nil {
			fmt.Fprintln(os.Stderr, "close the test server:", err)
		}
	}()
	return m.Run()
}

// once returns a function that calls start the first time, with the folder for
// temporary files as it is now: a test may set its own, which goes with the test.
func once(start func() (*Server, error)) func() (*Server, error) {
	const variable = "TMPDIR"
	folder := os.Getenv(variable)
	return sync.OnceValues(func() (*Server, error) {
		now := os.Getenv(variable)
		if err := os.Setenv(variable, folder); err != nil {
			return nil, err
		}
		server, err := start()
		return server, errors.Join(err, os.Setenv(variable, now))
	})
}

// New returns a migrated, empty database that is dropped when the test ends.
// Without a server the test is skipped, or fails if RequireVariable is 1. With
// -short it is skipped unless TestMain called MainShort.
func New(t testing.TB) Database {
	t.Helper()
	return create(t, false)
}

// NewBare is New for a database without a schema.
func NewBare(t testing.TB) Database {
	t.Helper()
	return create(t, true)
}

func create(t testing.TB, bare bool) Database {
	t.Helper()
	server := Need(t)
	db, err := server.Create(t.Context(), bare)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Drop(context.Background(), db.Name); err != nil {
			t.Error(err)
		}
	})
	return db
}

// Need returns the server of this test process, or skips or fails the test.
func Need(t testing.TB) *Server {
	t.Helper()
	if shared == nil {
		t.Fatal("TestMain must call dbtest.Main")
	}
	if testing.Short() && !short {
		t.Skip("SKIP: -short leaves out tests that need a database")
	}
	server, err := shared()
	switch {
	case err == nil:
	case os.Getenv(RequireVariable) == "1":
		t.Fatalf("no PostgreSQL to test against: %v", err)
	default:
		t.Skipf("SKIP: no PostgreSQL to test against: %v", err)
	}
	return server
}

// Exec runs SQL on the database and fails the test if it fails.
func (d Database) Exec(t testing.TB, sql string, args ...any) {
	t.Helper()
	conn := d.Connect(t)
	if _, err := conn.Exec(t.Context(), sql, args...); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
}

// Connect returns a connection that is closed when the test ends.
func (d Database) Connect(t testing.TB) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), d.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) }) // the database is dropped next
	return conn
}

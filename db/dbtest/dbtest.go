// Package dbtest gives tests databases of their own on a real PostgreSQL.
package dbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"example.com/rates/db/embedded"
	"example.com/rates/db/migrations"
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

// Server is a PostgreSQL server with a migrated, empty template database.
type Server struct {
	url      string // of the superuser
	admin    *sql.DB
	template string
	options  string // of CREATE DATABASE
	count    atomic.Int64
	private  bool // Start started it
	citus    bool // whether its databases are distributed
	close    func() error
}

// Start finds or starts a server and prepares it.
func Start(ctx context.Context) (*Server, error) {
	s := &Server{
		url:      os.Getenv(ServerVariable),
		template: fmt.Sprintf("rates_test_%d_%d", os.Getpid(), time.Now().UnixNano()),
		close:    func() error { return nil },
	}
	if s.url == "" {
		private, err := embedded.Start(ctx, embedded.Config{})
		if err != nil {
			return nil, err
		}
		s.url, s.close, s.private = private.URL("postgres"), private.Close, true
	}
	if err := s.prepare(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("prepare the test server: %w", err), s.close())
	}
	return s, nil
}

func (s *Server) prepare(ctx context.Context) error {
	url, err := withDatabase(s.url, s.template)
	if err != nil {
		return err
	}
	if s.admin, err = open(s.url); err != nil {
		return err
	}
	if err := exec(ctx, s.admin, "CREATE DATABASE "+s.template+" TEMPLATE template0"); err != nil {
		return err
	}
	db, err := open(url)
	if err != nil {
		return err
	}
	defer db.Close()
	cfg := migrations.Config{}
	if s.citus, err = s.loadCitus(ctx, db); s.citus {
		cfg.Distribution = migrations.Distributed
	}
	if err != nil {
		return err
	}
	// Copying the files takes half the time of the default, which PostgreSQL 15 changed.
	if err := db.QueryRowContext(ctx, `SELECT CASE WHEN current_setting('server_version_num')::int >= 150000
		THEN ' STRATEGY file_copy' ELSE '' END`).Scan(&s.options); err != nil {
		return fmt.Errorf("read the server's version: %w", err)
	}
	migrator, err := migrations.New(db, cfg)
	if err != nil {
		return err
	}
	if _, err := migrator.To(ctx, migrations.Latest); err != nil {
		return err
	}
	for login, group := range map[string]string{Reader: "rates_reader", Loader: "rates_loader"} {
		if err := exec(ctx, db, fmt.Sprintf(`
DO $$ BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('rates tests'));
	IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '%[1]s') THEN
		CREATE ROLE %[1]s LOGIN PASSWORD '%[1]s' IN ROLE %[2]s;
	END IF;
END $$`, login, group)); err != nil {
			return err
		}
	}
	if s.citus {
		return s.seal(ctx)
	}
	return nil
}

// Close removes what Start created.
func (s *Server) Close(ctx context.Context) error {
	if err := s.Drop(ctx, s.template); err != nil {
		return err
	}
	return errors.Join(s.admin.Close(), s.close())
}

// Create creates a database, migrated and empty or, if bare, without a schema.
func (s *Server) Create(ctx context.Context, bare bool) (Database, error) {
	name := fmt.Sprintf("%s_%d", s.template, s.count.Add(1))
	from := s.template
	if bare {
		from = "template0"
	}
	if err := exec(ctx, s.admin, "CREATE DATABASE "+name+" TEMPLATE "+from+s.options); err != nil { // #nosec G901 -- one of two constants
		return Database{}, err
	}
	url, err := withDatabase(s.url, name)
	return Database{Name: name, URL: url}, err
}

// Drop removes a database, even if sessions are connected to it.
func (s *Server) Drop(ctx context.Context, name string) error {
	return exec(ctx, s.admin, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)")
}

func open(url string) (*sql.DB, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", ServerVariable, err)
	}
	return stdlib.OpenDB(*cfg), nil
}

func exec(ctx context.Context, db *sql.DB, sql string) error {
	if _, err := db.ExecContext(ctx, sql); err != nil {
		return fmt.Errorf("%s: %w", strings.SplitN(strings.TrimSpace(sql), "\n", 2)[0], err)
	}
	return nil
}

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

func withDatabase(server, name string) (string, error) {
	u, err := url.Parse(server)
	if err != nil || u.Scheme == "" {
		return "", fmt.Errorf("%s must be a postgres:// URL", ServerVariable)
	}
	u.Path = "/" + name
	return u.String(), nil
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
	shared = sync.OnceValues(func() (server *Server, err error) {
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

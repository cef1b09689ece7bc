package dbtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"example.com/rates/db/embedded"
	"example.com/rates/db/migrations"
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

func withDatabase(server, name string) (string, error) {
	u, err := url.Parse(server)
	if err != nil || u.Scheme == "" {
		return "", fmt.Errorf("%s must be a postgres:// URL", ServerVariable)
	}
	u.Path = "/" + name
	return u.String(), nil
}

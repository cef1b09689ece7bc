package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
)

// connectTimeout bounds one attempt to connect, so that a host that drops
// packets is reported in seconds. The connection string may set another.
const connectTimeout = 3 * time.Second

// target is a database as its connection string describes it. Every connection
// of the program is made from one.
type target struct {
	pool    *pgxpool.Config
	ignored []string // names of parameters without effect, sorted
}

// parse reads a connection string: a libpq URL or key=value words. Its errors
// name parameters and never repeat a value, which may be a password.
func parse(url string) (*target, error) {
	if err := checkScheme(url); err != nil {
		return nil, err
	}
	conn, err := parseConn(url)
	if err != nil {
		return nil, err
	}
	// This reads the same string once more, for the parameters of the pool.
	pool, err := pgxpool.ParseConfig(url)
	if err != nil {
		return nil, parseError(err)
	}
	pool.ConnConfig = conn
	p := parameters{conn: conn}
	if err := p.apply(); err != nil {
		return nil, err
	}
	conn.ConnectTimeout = cmp.Or(conn.ConnectTimeout, connectTimeout)
	return &target{pool: pool, ignored: slices.Sorted(maps.Keys(p.ignored))}, nil
}

// settings are what a connection sets for its session.
type settings map[string]string

// config returns the configuration of a connection that the database knows by
// the name of the application, unless the connection string has a name for it.
//
// The settings are made after the server was found to be the one that
// target_session_attrs asks for. As parameters of the startup message they would
// change the answer (default_transaction_read_only), and poolers refuse them.
func (t *target) config(application string, session settings) *pgx.ConnConfig {
	cfg := t.pool.ConnConfig.Copy()
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = application
	}
	if len(session) > 0 {
		cfg.AfterConnect = session.apply
	}
	return cfg
}

// apply makes the settings, unless the session is shared: behind a pooler they
// would reach the sessions of others.
func (s settings) apply(ctx context.Context, conn *pgconn.PgConn) error {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	var calls []string
	for _, name := range slices.Sorted(maps.Keys(s)) {
		calls = append(calls, fmt.Sprintf("pg_catalog.set_config('%s', '%s', false)", name, strings.ReplaceAll(s[name], "'", "''")))
	}
	results, err := conn.Exec(ctx, fmt.Sprintf("SELECT %s WHERE pg_catalog.pg_backend_pid() = %d",
		strings.Join(calls, ", "), conn.PID())).ReadAll()
	if err != nil {
		return fmt.Errorf("set up the session: %w", err)
	}
	conn.CustomData()[sharedSession] = len(results) == 1 && len(results[0].Rows) == 0
	return nil
}

// sharedSession is the key of what apply found out about a connection. A pooler
// gives its clients keys to cancel with, so they name no process of the server.
const sharedSession = "shared session"

// isShared reports whether a pooler stands between the connection and the
// server, so that each transaction may be in another session.
func isShared(conn *pgx.Conn) bool {
	shared, _ := conn.PgConn().CustomData()[sharedSession].(bool)
	return shared
}

// Ignored returns the names of the parameters in a connection string that have no
// effect. It is empty for one that cannot be read.
func Ignored(url string) []string {
	t, err := parse(url)
	if err != nil {
		return nil
	}
	return t.ignored
}

// Connect opens one connection to the database at url, outside any pool. The
// database knows it by the name of the application.
func Connect(ctx context.Context, url, application string) (*pgx.Conn, error) {
	t, err := parse(url)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, t.config(application, nil))
	if err != nil {
		return nil, notConnected(err)
	}
	return conn, nil
}

// OpenDB connects to the database at url for packages that need a *sql.DB. The
// database knows the connections by the name of the application.
func OpenDB(ctx context.Context, url, application string) (*sql.DB, error) {
	t, err := parse(url)
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDB(*t.config(application, nil))
	if err := db.PingContext(ctx); err != nil {
		_ = db.Close() // it has no connection
		return nil, notConnected(err)
	}
	return db, nil
}

// notConnected says why there is no connection.
func notConnected(err error) error {
	if refused, ok := errors.AsType[*RefusedError](refusal(err)); ok {
		return refused
	}
	return failed("connect", err)
}

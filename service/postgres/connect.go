package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"

	"example.com/rates/service/login"
)

// connectTimeout bounds one attempt to connect, so that a host that drops
// packets is reported in seconds. The connection string may set another.
const connectTimeout = 3 * time.Second

// target is a database as its connection string describes it. Every connection
// of the program is made from one.
type target struct {
	pool    *pgxpool.Config
	source  login.Source
	random  bool     // each connection tries the hosts in another order
	ignored []string // names of parameters without effect, sorted
}

// parse reads a connection string: a libpq URL or key=value words. Its errors
// name parameters and never repeat a value, which may be a password.
func parse(url string, source login.Source) (*target, error) {
	url = strings.TrimSpace(url) // a file of secrets ends with a newline
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
	limitLife(pool, source)
	p := parameters{conn: conn}
	if err := p.apply(); err != nil {
		return nil, err
	}
	conn.ConnectTimeout = cmp.Or(conn.ConnectTimeout, connectTimeout)
	return &target{pool: pool, source: source, random: p.random, ignored: slices.Sorted(maps.Keys(p.ignored))}, nil
}

// config returns the configuration of a connection that the database knows by
// the name of the application, unless the connection string has a name for it.
//
// The session is prepared after the server was found to be the one that
// target_session_attrs asks for. As parameters of the startup message they would
// change the answer (default_transaction_read_only), and poolers refuse them.
func (t *target) config(application string, s session) *pgx.ConnConfig {
	cfg := t.pool.ConnConfig.Copy()
	if cfg.RuntimeParams["application_name"] == "" {
		cfg.RuntimeParams["application_name"] = application
	}
	cfg.AfterConnect = s.apply
	return cfg
}

// Ignored returns the names of the parameters in a connection string that have no
// effect. It is empty for one that cannot be read.
func Ignored(url string) []string {
	t, err := parse(url, login.Source{})
	if err != nil {
		return nil
	}
	return t.ignored
}

// Connect opens one connection to the database at url, outside any pool. The
// database knows it by the name of the application.
func Connect(ctx context.Context, url string, source login.Source, application string) (*pgx.Conn, error) {
	t, err := parse(url, source)
	if err != nil {
		return nil, err
	}
	cfg := t.config(application, writerSession())
	var conn *pgx.Conn
	err = awaitLogin(ctx, func() (err error) {
		conn, err = t.connect(ctx, cfg)
		return err
	})
	if err != nil {
		return nil, notConnected(err)
	}
	return conn, nil
}

// OpenDB connects to the database at url for packages that need a *sql.DB. The
// database knows the connections by the name of the application.
func OpenDB(ctx context.Context, url string, source login.Source, application string) (*sql.DB, error) {
	t, err := parse(url, source)
	if err != nil {
		return nil, err
	}
	db := stdlib.OpenDB(*t.config(application, writerSession()), stdlib.OptionBeforeConnect(t.prepare))
	if err := awaitLogin(ctx, func() error { return withSource(db.PingContext(ctx), source) }); err != nil {
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

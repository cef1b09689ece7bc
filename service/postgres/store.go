// Package postgres answers questions from PostgreSQL.
package postgres

import (
	"cmp"
	"context"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgconn/ctxwatch"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/rates/db/migrations"
	"example.com/rates/service/login"
	"example.com/rates/service/rates"
)

// Store answers questions from a PostgreSQL database. It needs a login that
// may SELECT, and nothing more.
type Store struct {
	pool    *pgxpool.Pool
	login   login.Source
	growth  growth
	citus   atomic.Bool // reports whether the database has Citus
	program migrations.Program
}

var _ rates.Store = (*Store)(nil)

// Config says how to reach the database.
type Config struct {
	URL      string        // libpq URL or key=value words
	Primary  string        // the same for the primary, if URL names standbys that follow it; "" if not
	Login    login.Source  // of each connection
	MaxConns int32         // in the pool
	Timeout  time.Duration // after which the server itself cancels a statement; 0 is never
	Tracer   pgx.QueryTracer
	Program  migrations.Program // the schemas to work with; the zero value is those of this program
}

// Open prepares a pool of connections. It does not connect yet: Ready reports
// whether the database answers.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	t, err := parse(cfg.URL, cfg.Login)
	if err != nil {
		return nil, err
	}
	// The first questions of a burst need not connect. More would leave a small server
	// no connections for others.
	t.pool.MinIdleConns = min(2, cfg.MaxConns)
	return open(ctx, cfg, t, t.config("rates", readerSession(cfg.Timeout)))
}

// OpenPrimary prepares a pool of connections to the primary of standbys, which
// connects only when it is asked.
func OpenPrimary(ctx context.Context, cfg Config) (*Store, error) {
	t, err := parse(cfg.Primary, cfg.Login)
	if err != nil {
		return nil, err
	}
	conn := t.config("rates primary", readerSession(cfg.Timeout))
	conn.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsPrimary
	return open(ctx, cfg, t, conn)
}

func open(ctx context.Context, cfg Config, t *target, conn *pgx.ConnConfig) (*Store, error) {
	pool := t.pool
	pool.MaxConns = cfg.MaxConns
	pool.BeforeConnect = t.prepare
	pool.ConnConfig = conn
	pool.ConnConfig.Tracer = cfg.Tracer
	// A question that nobody waits for any longer is cancelled in the server too,
	// and its connection stays usable.
	pool.ConnConfig.BuildContextWatcherHandler = func(conn *pgconn.PgConn) ctxwatch.Handler {
		return &pgconn.CancelRequestContextWatcherHandler{Conn: conn, DeadlineDelay: time.Second}
	}
	s := &Store{
		login: cfg.Login, growth: growth{most: int(cfg.MaxConns)},
		program: cmp.Or(cfg.Program, migrations.ThisProgram()),
	}
	pool.AfterConnect = func(_ context.Context, conn *pgx.Conn) error {
		s.citus.Store(hasCitus(conn))
		return nil
	}
	opened, err := pgxpool.NewWithConfig(ctx, pool)
	if err != nil {
		return nil, failed("open the connection pool", err)
	}
	s.pool = opened
	return s, nil
}

// Close closes all connections, after the questions that use them.
func (s *Store) Close() { s.pool.Close() }

// PoolStat returns the statistics of the connection pool.
func (s *Store) PoolStat() *pgxpool.Stat { return s.pool.Stat() }

// ask runs sql on any connection and passes the rows to read, which must read
// them all. Only a query shows that an idle connection has died; the others may
// have died with it, so ask drops them all and asks again on a new one. It only
// reads, so asking twice is safe.
func (s *Store) ask(ctx context.Context, read func(pgx.Rows) error, sql string, args ...any) error {
	err := s.askOnce(ctx, read, sql, args...)
	if err != nil && isAway(err) && !isConnect(err) && ctx.Err() == nil {
		s.pool.Reset()
		err = s.askOnce(ctx, read, sql, args...)
	}
	return err
}

func (s *Store) askOnce(ctx context.Context, read func(pgx.Rows) error, sql string, args ...any) error {
	conn, err := s.acquire(ctx)
	if err != nil {
		return err
	}
	defer s.release(conn)
	if isShared(conn.Conn()) {
		// A prepared statement would stay behind in a session of the pooler.
		args = append([]any{pgx.QueryExecModeCacheDescribe}, args...)
	}
	rows, err := conn.Query(ctx, sql, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	if err := read(rows); err != nil {
		return err
	}
	return rows.Err()
}

package subject

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/rates/bench/process"
	"example.com/rates/db/embedded"
)

// Cluster is a private, empty PostgreSQL server on a Unix socket.
type Cluster struct {
	server   *embedded.Server
	replicas []*embedded.Server
	conn     *pgx.Conn // to the database postgres

	Version    string // of PostgreSQL
	postmaster int    // id of the server's first process; 0 if unknown
}

// Database is a database of a Cluster.
type Database struct {
	Owner  string // URL of a superuser
	Reader string // URL of a login that may only read, like the service's
}

// StartCluster starts a server on new data in the temporary folder. It commits
// durably, by PostgreSQL's defaults. The meter may be nil.
func StartCluster(ctx context.Context, meter *process.Meter) (_ *Cluster, err error) {
	server, err := embedded.Start(ctx, embedded.Config{Durable: true})
	if err != nil {
		return nil, err
	}
	c := &Cluster{server: server}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close(ctx))
		}
	}()
	if c.conn, err = pgx.Connect(ctx, server.URL("postgres")); err != nil {
		return nil, fmt.Errorf("connect to the database server: %w", err)
	}
	if _, err := c.conn.Exec(ctx, "CREATE ROLE "+readerLogin+" LOGIN"); err != nil {
		return nil, fmt.Errorf("make a login: %w", err)
	}
	if err := c.conn.QueryRow(ctx, "SELECT current_setting('server_version')").Scan(&c.Version); err != nil {
		return nil, fmt.Errorf("query the server's version: %w", err)
	}
	c.postmaster, err = postmaster(ctx, c.conn, meter)
	return c, err
}

// postmaster returns the id of the first process of the server of a connection, 0
// without a meter.
func postmaster(ctx context.Context, conn *pgx.Conn, meter *process.Meter) (int, error) {
	if meter == nil {
		return 0, nil
	}
	var backend int
	if err := conn.QueryRow(ctx, "SELECT pg_backend_pid()").Scan(&backend); err != nil {
		return 0, fmt.Errorf("query the server's process: %w", err)
	}
	return meter.Parent(backend)
}

const readerLogin = "rates_service"

// Close stops the server and its replicas and removes their data, even after the end of
// ctx.
func (c *Cluster) Close(ctx context.Context) error {
	if c.conn != nil {
		// The server ends the connection anyway.
		_ = c.conn.Close(context.WithoutCancel(ctx))
	}
	var errs []error
	for _, replica := range c.replicas {
		errs = append(errs, replica.Close())
	}
	return errors.Join(append(errs, c.server.Close())...)
}

// Postmaster returns the id of the process whose children do the server's work, or
// 0 if it is unknown.
func (c *Cluster) Postmaster() int { return c.postmaster }

// Create makes an empty database.
func (c *Cluster) Create(ctx context.Context, name string) (Database, error) {
	if _, err := c.conn.Exec(ctx, "CREATE DATABASE "+pgx.Identifier{name}.Sanitize()); err != nil {
		return Database{}, fmt.Errorf("make the database %s: %w", name, err)
	}
	return on(c.server, name)
}

// on returns how to reach a database on a server.
func on(server *embedded.Server, name string) (Database, error) {
	owner, err := url.Parse(server.URL(name))
	if err != nil {
		return Database{}, fmt.Errorf("read the server's URL: %w", err)
	}
	reader := *owner
	reader.User = url.User(readerLogin)
	return Database{Owner: owner.String(), Reader: reader.String()}, nil
}

// CreateMigrated makes a database with the program's schema and no data.
func (c *Cluster) CreateMigrated(ctx context.Context, program Program, name string) (Database, error) {
	db, err := c.Create(ctx, name)
	if err != nil {
		return db, err
	}
	if err := program.Migrate(ctx, db.Owner); err != nil {
		return db, err
	}
	// The first migration of a server makes the group.
	return db, c.Exec(ctx, "GRANT rates_reader TO "+readerLogin)
}

// Drop removes a database and ends the connections to it.
func (c *Cluster) Drop(ctx context.Context, name string) error {
	return c.Exec(ctx, "DROP DATABASE "+pgx.Identifier{name}.Sanitize()+" WITH (FORCE)")
}

// Exec runs statements in the database postgres, as superuser.
func (c *Cluster) Exec(ctx context.Context, statements ...string) error {
	for _, sql := range statements {
		if _, err := c.conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// WaitForVacuum waits, for at most an hour, until autovacuum has ended its work. It
// must have been turned off.
func (c *Cluster) WaitForVacuum(ctx context.Context) error {
	const patience, pause = time.Hour, 100 * time.Millisecond
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		var working bool
		const sql = `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE backend_type = 'autovacuum worker')`
		if err := c.conn.QueryRow(ctx, sql).Scan(&working); err != nil {
			return fmt.Errorf("query autovacuum: %w", err)
		}
		if !working {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("wait for autovacuum: %w", context.Cause(ctx))
		case <-time.After(pause):
		}
	}
}

// Connect connects to a database as superuser.
func (d Database) Connect(ctx context.Context) (*pgx.Conn, error) {
	conn, err := pgx.Connect(ctx, d.Owner)
	if err != nil {
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	return conn, nil
}

// SlowDown makes each later query of the service's login for daily rates take longer,
// as one to a busy database far away does. It takes no processor time.
func (d Database) SlowDown(ctx context.Context, delay time.Duration) error {
	conn, err := d.Connect(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // it is idle
	_, err = conn.Exec(ctx, fmt.Sprintf(`
		ALTER TABLE daily_rates ENABLE ROW LEVEL SECURITY;
		CREATE POLICY slow ON daily_rates USING ((SELECT pg_sleep(%f)::text) IS NOT NULL)`, delay.Seconds()))
	if err != nil {
		return fmt.Errorf("slow down the database: %w", err)
	}
	return nil
}

// Lane is an ordered pair of places.
type Lane struct{ Orig, Dest string }

// Lanes returns the lanes that a query finds, at least one.
func Lanes(ctx context.Context, conn *pgx.Conn, sql string, args ...any) ([]Lane, error) {
	rows, err := conn.Query(ctx, sql, args...)
	if err != nil {
		return nil, fmt.Errorf("query the lanes: %w", err)
	}
	lanes, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Lane])
	if err == nil && len(lanes) == 0 {
		err = errors.New("there are none")
	}
	if err != nil {
		return nil, fmt.Errorf("read the lanes: %w", err)
	}
	return lanes, nil
}

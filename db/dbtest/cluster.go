package dbtest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/rates/db/embedded"
)

// RequireStandbys names the environment variable that, set to 1, makes tests fail if
// there can be no standbys. Otherwise those that need some are skipped.
const RequireStandbys = "REQUIRE_STANDBYS"

// Cluster is a database on a primary and on standbys that follow it, each a private
// server of its own.
type Cluster struct {
	Primary  Database
	Standbys []Database

	servers []*embedded.Server // the primary, then the standbys
}

// StartCluster starts a cluster with a migrated, empty database. The standbys need
// pg_basebackup, without which the error is fs.ErrNotExist.
func StartCluster(ctx context.Context, standbys int) (_ *Cluster, err error) {
	c := &Cluster{}
	defer func() {
		if err != nil {
			err = errors.Join(err, c.Close())
		}
	}()
	primary, err := c.start(ctx, embedded.Config{})
	if err != nil {
		return nil, err
	}
	s := &Server{url: primary.URL("postgres"), template: "template_rates"}
	if err := s.prepare(ctx); err != nil {
		return nil, err
	}
	defer s.admin.Close()
	if c.Primary, err = s.Create(ctx, false); err != nil {
		return nil, err
	}
	for range standbys {
		standby, err := c.start(ctx, embedded.Config{Follow: primary})
		if err != nil {
			return nil, err
		}
		c.Standbys = append(c.Standbys, Database{Name: c.Primary.Name, URL: standby.URL(c.Primary.Name)})
	}
	return c, nil
}

func (c *Cluster) start(ctx context.Context, cfg embedded.Config) (*embedded.Server, error) {
	server, err := embedded.Start(ctx, cfg)
	if err == nil {
		c.servers = append(c.servers, server)
	}
	return server, err
}

// Close ends the servers.
func (c *Cluster) Close() error {
	var errs []error
	for _, server := range c.servers {
		errs = append(errs, server.Close())
	}
	return errors.Join(errs...)
}

// StopPrimary ends the primary.
func (c *Cluster) StopPrimary() error { return c.servers[0].Close() }

// StopStandby ends a standby.
func (c *Cluster) StopStandby(number int) error { return c.servers[1+number].Close() }

// Promote makes a standby the primary.
func (c *Cluster) Promote(ctx context.Context, number int) error {
	return c.Standbys[number].run(ctx, "SELECT pg_promote()")
}

// Pause keeps what a standby receives from its readers, until Resume.
func (c *Cluster) Pause(ctx context.Context, number int) error {
	if err := c.Standbys[number].run(ctx, "SELECT pg_wal_replay_pause()"); err != nil {
		return err
	}
	return c.Standbys[number].await(ctx, "pg_get_wal_replay_pause_state() = 'paused'")
}

// Resume ends Pause.
func (c *Cluster) Resume(ctx context.Context, number int) error {
	return c.Standbys[number].run(ctx, "SELECT pg_wal_replay_resume()")
}

// Cut keeps a standby from receiving what the primary sends.
func (c *Cluster) Cut(ctx context.Context, number int) error {
	for _, sql := range []string{"ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()"} {
		if err := c.Standbys[number].run(ctx, sql); err != nil {
			return err
		}
	}
	return c.Standbys[number].await(ctx, "NOT EXISTS (SELECT FROM pg_stat_wal_receiver)")
}

// Follow waits until the standbys have everything that the primary has.
func (c *Cluster) Follow(ctx context.Context) error {
	conn, err := pgx.Connect(ctx, c.Primary.URL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	var end string
	if err := conn.QueryRow(ctx, "SELECT pg_current_wal_lsn()::text").Scan(&end); err != nil {
		return err
	}
	for _, standby := range c.Standbys {
		if err := standby.await(ctx, "pg_last_wal_replay_lsn() >= $1::pg_lsn", end); err != nil {
			return err
		}
	}
	return nil
}

// run runs a statement on a connection of its own.
func (d Database) run(ctx context.Context, sql string) error {
	conn, err := pgx.Connect(ctx, d.URL)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	if _, err := conn.Exec(ctx, sql); err != nil { // #nosec G901 -- constants of this file
		return fmt.Errorf("%s: %w", sql, err)
	}
	return nil
}

// await asks a condition in SQL again and again until it is true.
func (d Database) await(ctx context.Context, condition string, args ...any) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	conn, err := pgx.Connect(ctx, d.URL)
	if err != nil {
		return err
	}
	defer conn.Close(context.WithoutCancel(ctx))
	for holds := false; !holds; {
		if err := conn.QueryRow(ctx, "SELECT "+condition+" FROM pg_sleep(0.01)", args...).Scan(&holds); err != nil { // #nosec G901 -- constants of this file
			return fmt.Errorf("wait for %s: %w", condition, err)
		}
	}
	return nil
}

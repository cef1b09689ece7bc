package migrations

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"

	"github.com/pressly/goose/v3"
)

const distributedFile = "00001_distribute_daily_rates.sql"

//go:embed distributed/00001_distribute_daily_rates.sql
var distributed embed.FS

// Distribution says where the daily sums are to be kept.
type Distribution int

// With Distributed, Citus keeps the daily sums on several nodes, and with Undistributed
// the database keeps them itself.
const (
	Unchanged Distribution = iota
	Distributed
	Undistributed
)

var (
	// ErrNoCitus is the error for a database that cannot be distributed.
	ErrNoCitus = errors.New("the database has no Citus: put citus into shared_preload_libraries, restart PostgreSQL and run " +
		"CREATE EXTENSION citus as a superuser; on Azure, use an elastic cluster")

	// ErrDistributed is the error for a database whose schema must not go back yet.
	ErrDistributed = errors.New("the database is distributed, which older schemas cannot be; use --undistributed as well")
)

// distribute spreads the daily sums over the nodes of a Citus cluster. Again it does
// what was left undone.
func (m *Migrator) distribute(ctx context.Context) error {
	has, err := hasCitus(ctx, m.db)
	if err != nil {
		return err
	}
	if !has {
		return ErrNoCitus
	}
	is, err := isDistributed(ctx, m.db)
	if err != nil {
		return err
	}
	return m.runDistribution(ctx, !is, func(files *goose.Provider) error {
		_, err := files.Up(ctx)
		return err
	})
}

// undistribute brings the daily sums back, if Config says so, before the schema is
// moved to version.
func (m *Migrator) undistribute(ctx context.Context, version int64) error {
	is, err := isDistributed(ctx, m.db)
	switch {
	case err != nil || !is:
		return err
	case m.cfg.Distribution != Undistributed && version < m.latest:
		return ErrDistributed
	case m.cfg.Distribution != Undistributed:
		return nil
	}
	return m.runDistribution(ctx, true, func(files *goose.Provider) error {
		_, err := files.Down(ctx)
		return err
	})
}

func (m *Migrator) runDistribution(ctx context.Context, changes bool, run func(*goose.Provider) error) error {
	files, err := fs.Sub(distributed, "distributed")
	if err != nil {
		return fmt.Errorf("read the distribution: %w", err)
	}
	// The tables themselves say whether it was run.
	provider, err := goose.NewProvider(goose.DialectPostgres, m.db, files,
		goose.WithSessionLocker(m.turns), goose.WithDisableVersioning(true))
	if err != nil {
		return fmt.Errorf("read the distribution: %w", err)
	}
	err = m.insist(ctx, "the distribution", false, func() error { return run(provider) })
	if err == nil && changes {
		m.cfg.Applied(distributedFile)
	}
	return err
}

// queryer is a database or a connection to it.
type queryer interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

func hasCitus(ctx context.Context, db queryer) (has bool, err error) {
	if err := db.QueryRowContext(ctx, `SELECT to_regclass('pg_catalog.pg_dist_partition') IS NOT NULL`).Scan(&has); err != nil {
		return false, fmt.Errorf("look for Citus: %w", err)
	}
	return has, nil
}

// isDistributed reports whether the daily sums are on several nodes. Older schemas
// cannot be asked.
func isDistributed(ctx context.Context, db queryer) (is bool, err error) {
	err = db.QueryRowContext(ctx, `SELECT to_regproc('public.is_distributed') IS NOT NULL`).Scan(&is)
	if err == nil && is {
		err = db.QueryRowContext(ctx, `SELECT public.is_distributed()`).Scan(&is)
	}
	if err != nil {
		return false, fmt.Errorf("ask whether the database is distributed: %w", err)
	}
	return is, nil
}

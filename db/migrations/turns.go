package migrations

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// ErrInUse is wrapped by the error for a migration that has waited in vain for a
// lock.
var ErrInUse = errors.New("the tables are in use")

// turns makes migrators of several processes take turns, and bounds how long the
// statements of the one whose turn it is wait for a lock.
type turns struct {
	lock.SessionLocker
	patience time.Duration // 0 is without limit
	before   string        // lock_timeout of the session
	alone    bool          // Citus is kept from repeating the statements on other nodes
}

func newTurns() (*turns, error) {
	const pause, tries = 1, 300 // seconds: five minutes in all
	locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(pause, tries))
	if err != nil {
		return nil, fmt.Errorf("make migration lock: %w", err)
	}
	return &turns{SessionLocker: locker}, nil
}

// SessionLock implements lock.SessionLocker.
func (t *turns) SessionLock(ctx context.Context, conn *sql.Conn) error {
	if err := t.SessionLocker.SessionLock(ctx, conn); err != nil {
		return err
	}
	err := conn.QueryRowContext(ctx, `SHOW lock_timeout`).Scan(&t.before)
	if err == nil {
		err = setLockTimeout(ctx, conn, fmt.Sprintf("%dms", t.patience.Milliseconds()))
	}
	if err == nil {
		err = t.stayAlone(ctx, conn)
	}
	if err != nil {
		return errors.Join(err, t.SessionLocker.SessionUnlock(context.WithoutCancel(ctx), conn))
	}
	return nil
}

// SessionUnlock implements lock.SessionLocker.
func (t *turns) SessionUnlock(ctx context.Context, conn *sql.Conn) error {
	var err error
	if t.alone {
		_, err = conn.ExecContext(ctx, `RESET citus.enable_ddl_propagation`)
	}
	return errors.Join(err, setLockTimeout(ctx, conn, t.before), t.SessionLocker.SessionUnlock(ctx, conn))
}

// stayAlone keeps Citus from repeating the statements on other nodes, unless daily_rates
// is there: rates_owner, who owns everything, may not log in there before.
func (t *turns) stayAlone(ctx context.Context, conn *sql.Conn) error {
	has, err := hasCitus(ctx, conn)
	if err != nil || !has {
		t.alone = false
		return err
	}
	is, err := isDistributed(ctx, conn)
	if t.alone = err == nil && !is; t.alone {
		_, err = conn.ExecContext(ctx, `SET citus.enable_ddl_propagation = off`)
	}
	return err
}

func setLockTimeout(ctx context.Context, conn *sql.Conn, value string) error {
	if _, err := conn.ExecContext(ctx, `SELECT set_config('lock_timeout', $1, false)`, value); err != nil {
		return fmt.Errorf("set lock_timeout: %w", err)
	}
	return nil
}

// run runs one migration.
func (m *Migrator) run(ctx context.Context, number int64, up bool) error {
	concurrent, err := m.withoutTransaction(number)
	if err != nil {
		return err
	}
	return m.insist(ctx, fmt.Sprintf("migration %d", number), concurrent, func() error {
		result, err := m.goose.ApplyVersion(ctx, number, up)
		switch {
		case err == nil:
			m.cfg.Applied(result.Source.Path)
		case errors.Is(err, goose.ErrAlreadyApplied), errors.Is(err, goose.ErrNotApplied):
			return nil // another process did it
		}
		return err
	})
}

// insist applies what it is given. Whoever reads a table queues behind a migration
// that waits to lock it, so that waits for a moment only, gives up all that it did,
// and begins again later, as an import with --replace does. What builds an index
// concurrently waits for transactions, and nobody for it: then patient is true.
func (m *Migrator) insist(ctx context.Context, what string, patient bool, apply func() error) error {
	const shortest, longest, longestPause = 50 * time.Millisecond, 400 * time.Millisecond, time.Second
	began, pause := time.Now(), 2*shortest
	for patience := shortest; ; patience = min(2*patience, longest) {
		if m.turns.patience = patience; patient {
			m.turns.patience = 0
		}
		err := apply()
		if err == nil {
			return nil
		}
		if !isLocked(err) {
			return fmt.Errorf("migrate: %w", err)
		}
		if err := m.wait(ctx, what, began, pause); err != nil {
			return err
		}
		pause = min(2*pause, longestPause)
	}
}

// isLocked reports whether a statement failed because another session held a lock.
func isLocked(err error) bool {
	const lockNotAvailable, deadlock = "55P03", "40P01"
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && (pg.Code == lockNotAvailable || pg.Code == deadlock)
}

// wait waits for a pause, or fails if the time that the user allows is over.
func (m *Migrator) wait(ctx context.Context, what string, began time.Time, pause time.Duration) error {
	who, err := m.oldestTransaction(ctx)
	if err != nil {
		return err
	}
	if m.cfg.LockWait > 0 && time.Since(began) > m.cfg.LockWait {
		return fmt.Errorf("%w: %s waited %s for a lock; %s; nothing of it was applied. "+
			"End what they do, or migrate again later; --lock-wait sets how long to wait", ErrInUse, what, m.cfg.LockWait, who)
	}
	m.cfg.Waiting(who)
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// oldestTransaction describes the transaction of another session that began first
// of those that hold a lock. The login may not see when a transaction began.
func (m *Migrator) oldestTransaction(ctx context.Context) (string, error) {
	const oldestSQL = `
SELECT coalesce(l.pid, 0), coalesce(a.usename, ''), coalesce(a.application_name, '')
FROM pg_locks l JOIN pg_class c ON c.oid = l.relation LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.granted AND c.relnamespace = 'public'::regnamespace
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.pid IS DISTINCT FROM pg_backend_pid()
ORDER BY a.xact_start, l.pid LIMIT 1`
	var pid int
	var login, application string
	err := m.db.QueryRowContext(ctx, oldestSQL).Scan(&pid, &login, &application)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return "the sessions that held it came and went", nil
	case err != nil:
		return "", fmt.Errorf("look at the locks: %w", err)
	case pid == 0:
		return "a prepared transaction holds locks, see pg_prepared_xacts", nil
	}
	return fmt.Sprintf("the oldest transaction that holds locks is of pid %d (application %q, login %s)",
		pid, application, cmp.Or(login, "unknown")), nil
}

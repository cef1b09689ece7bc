package importer

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// takeTurn waits until no other transaction changes the data, and reports whether
// prices are to be stored by replacement. If so, nobody can write to the tables
// that are replaced before the transaction ends: a writer that waited for this
// import while it holds a lock on them would never let it finish.
func (l *load) takeTurn(ctx context.Context, file string) (replace bool, err error) {
	// Shorter than any deadlock_timeout in use: a writer may hold a lock on prices
	// and wait for the turn, and goes first if this lock is not granted.
	const brief = 300 * time.Millisecond
	wait := newWait(l, file, "written to")
	for {
		turn, err := l.tx.Begin(ctx)
		if err != nil {
			return false, failed("begin", err)
		}
		if err := l.lockData(ctx, turn, file); err != nil {
			return false, err
		}
		if replace, err = replaces(ctx, turn, l.opts); err != nil {
			return false, err
		}
		locked := true
		if replace {
			locked, err = tryLock(ctx, turn, "EXCLUSIVE", brief)
		}
		if err != nil {
			return false, err
		}
		if locked {
			return replace, failed("begin", turn.Commit(ctx))
		}
		if err := turn.Rollback(ctx); err != nil {
			return false, failed("let other writers go first", err)
		}
		if err := l.endAutovacuum(ctx); err != nil {
			return false, err
		}
		if _, err := wait.look(ctx, writers); err != nil {
			return false, err
		}
		if err := wait.pause(ctx); err != nil {
			return false, err
		}
	}
}

// lockData waits for the turn of a writer.
func (l *load) lockData(ctx context.Context, turn pgx.Tx, file string) error {
	const patience = time.Second
	waiting := time.AfterFunc(patience, func() {
		l.opts.Progress(Progress{File: file, Step: "waiting for another writer"})
	})
	_, err := turn.Exec(ctx, `SELECT lock_data()`)
	waiting.Stop()
	return failed("wait for other writers", err)
}

// endAutovacuum ends an autovacuum of the tables that are replaced, which would be
// in vain: the server ends it once somebody has waited for it for deadlock_timeout.
func (l *load) endAutovacuum(ctx context.Context) error {
	const sql = `SELECT try_lock_prices('SHARE UPDATE EXCLUSIVE',
		(extract(epoch FROM current_setting('deadlock_timeout')::interval) * 1000)::integer + 500)`
	trial, err := l.tx.Begin(ctx)
	if err != nil {
		return failed("begin", err)
	}
	if _, err := trial.Exec(ctx, sql); err != nil {
		return failed("end an autovacuum", err)
	}
	return failed("end an autovacuum", trial.Rollback(ctx))
}

// lockOutReaders waits until nobody reads the tables that are replaced, and keeps
// readers out for the rest of the transaction. A reader that comes meanwhile queues
// behind an attempt to lock, so none is made while somebody reads for longer than
// questions do, such as a dump, and an attempt is short.
func (l *load) lockOutReaders(ctx context.Context, file string) error {
	const shortest, longest = 50 * time.Millisecond, 400 * time.Millisecond
	wait := newWait(l, file, "read")
	for patience := shortest; ; {
		stayed, err := wait.look(ctx, readers)
		if err != nil {
			return err
		}
		if !stayed {
			locked, err := tryLock(ctx, l.tx, "ACCESS EXCLUSIVE", patience)
			if err != nil || locked {
				return err
			}
			patience = min(2*patience, longest)
		}
		if err := wait.pause(ctx); err != nil {
			return err
		}
	}
}

// tryLock locks the tables that are replaced unless that takes longer than patience.
func tryLock(ctx context.Context, tx pgx.Tx, mode string, patience time.Duration) (locked bool, err error) {
	err = tx.QueryRow(ctx, `SELECT try_lock_prices($1, $2)`, mode, patience.Milliseconds()).Scan(&locked)
	return locked, failed(fmt.Sprintf("lock prices and daily_rates in %s mode", mode), err)
}

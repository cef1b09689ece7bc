package importer

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"
)

// ErrInUse is wrapped by the error for an import that has waited in vain for the
// sessions that use the tables it replaces.
var ErrInUse = errors.New("prices and daily_rates are in use")

// wait waits for other sessions that hold locks on prices and daily_rates.
type wait struct {
	load    *load
	file    string // shown in the progress
	use     string // what the sessions do with the tables
	began   time.Time
	next    time.Duration // length of the next pause
	holders []holder      // at the last look, the longest known first
	looked  bool
}

func newWait(l *load, file, use string) *wait {
	const first = 100 * time.Millisecond
	return &wait{load: l, file: file, use: use, began: time.Now(), next: first}
}

// holder is a transaction that holds a lock.
type holder struct {
	Transaction        string // its virtual number
	PID                int32  // 0 for a prepared transaction
	Login, Application string
	Since              *time.Time // its begin, which only members of pg_read_all_stats see
	seen               time.Time  // at the first look that found it
}

// The locks that look looks for.
const (
	readers = `true`
	writers = `l.mode <> 'AccessShareLock'`
)

// look finds out who else holds locks, and reports whether somebody stays: holds one
// since the look before, or at the first look.
func (w *wait) look(ctx context.Context, locks string) (stayed bool, err error) {
	const sql = `
SELECT DISTINCT l.virtualtransaction, coalesce(l.pid, 0), coalesce(a.usename, ''), coalesce(a.application_name, ''), a.xact_start
FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.granted AND l.locktype = 'relation' AND l.relation IN ('public.prices'::regclass, 'public.daily_rates'::regclass)
  AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
  AND l.pid IS DISTINCT FROM pg_backend_pid() AND `
	// A transaction sees the sessions as they were when it first looked, until then.
	if _, err := w.load.tx.Exec(ctx, `SELECT pg_stat_clear_snapshot()`); err != nil {
		return false, failed("look at the sessions", err)
	}
	rows, err := w.load.tx.Query(ctx, sql+locks)
	if err != nil {
		return false, failed("look at the locks", err)
	}
	found, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (h holder, err error) {
		err = row.Scan(&h.Transaction, &h.PID, &h.Login, &h.Application, &h.Since)
		return h, err
	})
	if err != nil {
		return false, failed("look at the locks", err)
	}
	stayed = !w.looked && len(found) > 0
	for i := range found {
		found[i].seen = time.Now()
		for _, before := range w.holders {
			if before.Transaction == found[i].Transaction {
				found[i].seen, stayed = before.seen, true
			}
		}
	}
	slices.SortFunc(found, func(a, b holder) int {
		return cmp.Or(a.seen.Compare(b.seen), cmp.Compare(a.PID, b.PID))
	})
	w.holders, w.looked = found, true
	return stayed, nil
}

// pause shows whom the import waits for, and waits a little, or fails if the time
// that the user allows is over.
func (w *wait) pause(ctx context.Context) error {
	const longest = time.Second
	who := w.who()
	if limit := w.load.opts.LockWait; limit > 0 && time.Since(w.began) > limit {
		return fmt.Errorf("%w: waited %s for %s; nothing was changed. "+
			"End what they do, or import again later; --lock-wait sets how long to wait", ErrInUse, limit, who)
	}
	w.load.opts.Progress(Progress{File: w.file, Step: "waiting for " + who})
	timer := time.NewTimer(w.next)
	defer timer.Stop()
	w.next = min(2*w.next, longest)
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

// who describes the sessions that the import waits for.
func (w *wait) who() string {
	if len(w.holders) == 0 {
		return "sessions that came and went"
	}
	text := w.holders[0].String()
	if more := len(w.holders) - 1; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// String describes a session for a person who looks for it.
func (h *holder) String() string {
	if h.PID == 0 {
		return "a prepared transaction, see pg_prepared_xacts"
	}
	since := fmt.Sprintf("for at least %s", time.Since(h.seen).Round(time.Second))
	if h.Since != nil {
		since = "since " + h.Since.UTC().Format("2006-01-02 15:04:05 UTC")
	}
	return fmt.Sprintf("pid %d (application %q, login %s, %s)", h.PID, h.Application, cmp.Or(h.Login, "unknown"), since)
}

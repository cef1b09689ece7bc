package postgres

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/rates/db/migrations"
)

// Watch knows the version of the data without a query: the database notifies it
// of every commit that changes them, over a connection of its own. While that
// connection is down, or notifications do not arrive, or the program does not work
// with the schema, the version is unknown. While there is no primary, the version of
// a standby counts, which is asked once a second.
type Watch struct {
	history
	target   *target // the primary
	config   *pgx.ConnConfig
	standbys *target // of the questions, which may be the primary too
	standby  *pgx.ConnConfig
	program  migrations.Program
	proof    string // a channel that only this watch notifies
	log      *slog.Logger
	version  atomic.Int64 // may be unknownVersion
	read     int64        // the last version that was read
	cancel   context.CancelFunc
	done     chan struct{}
}

const unknownVersion = 0 // less than every version

const (
	// heartbeat bounds how long a connection that died silently goes unnoticed,
	// and heartbeatTimeout how long it may take to answer.
	heartbeat        = time.Second
	heartbeatTimeout = time.Second
	reconnectPause   = 500 * time.Millisecond
	// A server that cannot notify, such as a standby or one behind a pooler, is
	// asked less and less often.
	longestPause = 10 * time.Second
)

// NewWatch starts to watch the database at url. It ends with Close, not with ctx.
// Of several hosts it watches the primary, because a standby sends no
// notifications. It uses the URLs, the login and the program of cfg.
func NewWatch(ctx context.Context, cfg Config, log *slog.Logger) (*Watch, error) {
	standbys, err := parse(cfg.URL, cfg.Login)
	if err != nil {
		return nil, err
	}
	t, err := parse(cmp.Or(cfg.Primary, cfg.URL), cfg.Login)
	if err != nil {
		return nil, err
	}
	conn := watching(t)
	conn.ValidateConnect = pgconn.ValidateConnectTargetSessionAttrsPrimary
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	w := &Watch{
		target: t, config: conn, program: cmp.Or(cfg.Program, migrations.ThisProgram()),
		standbys: standbys, standby: watching(standbys),
		proof: "rates_watch_" + strings.ToLower(rand.Text()),
		log:   log, cancel: cancel, done: make(chan struct{}),
	}
	go w.run(ctx)
	return w, nil
}

// watching returns the configuration of a connection of a watch.
func watching(t *target) *pgx.ConnConfig {
	cfg := t.config("rates watch", readerSession(0))
	cfg.DefaultQueryExecMode = pgx.QueryExecModeExec // leaves no prepared statement behind a pooler
	return cfg
}

// Current returns the current version of the data. ok is false while it is
// unknown.
func (w *Watch) Current() (version int64, ok bool) {
	version = w.version.Load()
	return version, version != unknownVersion
}

// Saw reports a version that a client is told of, so that it never gets an older
// answer after a newer one. An unknown version stays unknown.
func (w *Watch) Saw(version int64) {
	raise(&w.told, version)
	w.exists(version)
	for {
		known := w.version.Load()
		if known == unknownVersion || version <= known || w.version.CompareAndSwap(known, version) {
			return
		}
	}
}

// Primary reports a version that the primary had after the given one was known. If
// it is older, the database has lost changes, as when a standby that had not received
// them took over: its data are the newest that there are.
func (w *Watch) Primary(known, version int64) {
	if w.lost(known, version) {
		w.log.Warn("the database has lost changes, by a restore or a failover: its data are older than before")
	}
}

// Close ends the connection.
func (w *Watch) Close() {
	w.cancel()
	<-w.done
}

func (w *Watch) run(ctx context.Context) {
	defer close(w.done)
	pause := reconnectPause
	for warned := false; ctx.Err() == nil; {
		begun := time.Now()
		listened, err := w.listen(ctx)
		w.version.Store(unknownVersion)
		if ctx.Err() != nil {
			return
		}
		if listened || !warned {
			w.log.Warn("change notifications are lost; answering without the cache", "error", err)
			warned = true
		}
		// The version is unknown while the primary is tried: not most of the time, then.
		if isConnect(err) && w.poll(ctx, max(heartbeat, 4*time.Since(begun))) {
			pause = reconnectPause
			continue
		}
		if listened || isConnect(err) && !errors.Is(err, pgconn.ErrStandbyConnection) {
			pause = reconnectPause
		}
		select {
		case <-ctx.Done():
		case <-time.After(pause):
			pause = min(2*pause, longestPause)
		}
	}
}

// listen watches until the connection fails or misses a notification. listened
// reports whether it ever knew the version.
func (w *Watch) listen(ctx context.Context) (listened bool, err error) {
	conn, err := w.open(ctx)
	if err != nil {
		return false, err
	}
	defer func() { w.end(ctx, conn) }()
	until := time.Now().Add(w.target.life())
	for notified := true; ; {
		if time.Now().After(until) {
			// The old connection stays until the new one is proven: there may be no login for it.
			w.version.Store(unknownVersion) // it may be out of date by then
			notified, until = true, time.Now().Add(longestPause)
			if next, err := w.open(ctx); err == nil {
				w.end(ctx, conn)
				conn, until = next, time.Now().Add(w.target.life())
			}
		}
		if err := w.readVersion(ctx, conn, notified); err != nil {
			return listened, err
		}
		if !listened {
			w.log.Info("watching for changes of the data")
		}
		listened = true
		if notified, err = w.wait(ctx, conn, heartbeat); err != nil {
			return listened, err
		}
	}
}

// end ends a connection on which no query is running.
func (w *Watch) end(ctx context.Context, conn *pgx.Conn) { _ = conn.Close(context.WithoutCancel(ctx)) }

// readVersion queries the version, after LISTEN or a notification so that no
// change is missed. A version that grew without a notification proves that they
// do not arrive any longer, unless this one is on its way.
func (w *Watch) readVersion(ctx context.Context, conn *pgx.Conn, notified bool) error {
	newest := w.Newest()
	version, err := w.ask(ctx, conn)
	if err != nil {
		return err
	}
	w.Primary(newest, version)
	w.exists(version)
	known := w.read
	w.read = version
	raise(&w.version, version)
	if notified || version == known {
		return nil
	}
	switch late, err := w.wait(ctx, conn, heartbeatTimeout); {
	case err != nil:
		return err
	case !late:
		return errNotNotified
	default:
		return w.readVersion(ctx, conn, true)
	}
}

// ask asks for the version of the data. It fails if the program does not work with
// the schema.
func (w *Watch) ask(ctx context.Context, conn *pgx.Conn) (version int64, err error) {
	ctx, cancel := context.WithTimeout(ctx, heartbeatTimeout)
	defer cancel()
	const sql = `SELECT version, state.* FROM public.data_version, (` + migrations.StateSQL + `) AS state`
	var state migrations.State
	if err := conn.QueryRow(ctx, sql).Scan(&version, &state.Version, &state.About); err != nil {
		return 0, fmt.Errorf("read the data version: %w", err)
	}
	return version, w.program.Check(state)
}

// wait waits for a notification, and returns false if there is none for a while.
func (w *Watch) wait(ctx context.Context, conn *pgx.Conn, most time.Duration) (notified bool, err error) {
	quiet, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	switch _, err := conn.WaitForNotification(quiet); {
	case err == nil:
		// The version that was known is out of date from here on.
		w.version.Store(unknownVersion)
		return true, nil
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil && !conn.IsClosed():
		return false, nil
	default:
		return false, fmt.Errorf("wait for changes: %w", err)
	}
}

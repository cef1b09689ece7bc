package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5"
)

// Watch knows the version of the data without a query: the database notifies it
// of every commit that changes them, over a connection of its own. While that
// connection is down, the version is unknown.
type Watch struct {
	config  *pgx.ConnConfig
	log     *slog.Logger
	version atomic.Int64 // may be unknownVersion
	cancel  context.CancelFunc
	done    chan struct{}
}

const unknownVersion = 0

const (
	// heartbeat bounds how long a connection that died silently goes unnoticed,
	// and heartbeatTimeout how long it may take to answer.
	heartbeat        = time.Second
	heartbeatTimeout = time.Second
	reconnectPause   = 500 * time.Millisecond
)

// NewWatch starts to watch the database at url. It ends with Close, not with ctx.
func NewWatch(ctx context.Context, url string, log *slog.Logger) (*Watch, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, ErrURL
	}
	cfg.ConnectTimeout = connectTimeout
	cfg.RuntimeParams["application_name"] = "rates watch"
	cfg.AfterConnect = readerSession(0).apply
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	w := &Watch{config: cfg, log: log, cancel: cancel, done: make(chan struct{})}
	go w.run(ctx)
	return w, nil
}

// Current returns the current version of the data. ok is false while it is
// unknown.
func (w *Watch) Current() (version int64, ok bool) {
	version = w.version.Load()
	return version, version != unknownVersion
}

// Saw reports a version that an answer had, so that a client never gets an older
// answer after a newer one. An unknown version stays unknown.
func (w *Watch) Saw(version int64) {
	for {
		known := w.version.Load()
		if known == unknownVersion || version <= known || w.version.CompareAndSwap(known, version) {
			return
		}
	}
}

// Close ends the connection.
func (w *Watch) Close() {
	w.cancel()
	<-w.done
}

func (w *Watch) run(ctx context.Context) {
	defer close(w.done)
	for warned := false; ctx.Err() == nil; {
		listened, err := w.listen(ctx)
		w.version.Store(unknownVersion)
		if ctx.Err() != nil {
			return
		}
		if listened || !warned {
			w.log.Warn("change notifications are lost; answering without the cache", "error", err)
			warned = true
		}
		select {
		case <-ctx.Done():
		case <-time.After(reconnectPause):
		}
	}
}

// listen watches until the connection fails. listened reports whether it ever
// knew the version.
func (w *Watch) listen(ctx context.Context) (listened bool, err error) {
	conn, err := pgx.ConnectConfig(ctx, w.config)
	if err != nil {
		return false, fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // no query is running on it
	if _, err := conn.Exec(ctx, "LISTEN rates_data"); err != nil {
		return false, fmt.Errorf("listen: %w", err)
	}
	for {
		if err := w.readVersion(ctx, conn); err != nil {
			return listened, err
		}
		if !listened {
			w.log.Info("watching for changes of the data")
			listened = true
		}
		if err := w.wait(ctx, conn); err != nil {
			return listened, err
		}
	}
}

// readVersion queries the version, after LISTEN or a notification so that no
// change is missed.
func (w *Watch) readVersion(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, heartbeatTimeout)
	defer cancel()
	var version int64
	if err := conn.QueryRow(ctx, "SELECT version FROM public.data_version").Scan(&version); err != nil {
		return fmt.Errorf("read the data version: %w", err)
	}
	if !w.version.CompareAndSwap(unknownVersion, version) {
		w.Saw(version)
	}
	return nil
}

// wait returns nil after a notification and when a heartbeat is due.
func (w *Watch) wait(ctx context.Context, conn *pgx.Conn) error {
	quiet, cancel := context.WithTimeout(ctx, heartbeat)
	defer cancel()
	switch _, err := conn.WaitForNotification(quiet); {
	case err == nil:
		// The version that was known is out of date from here on.
		w.version.Store(unknownVersion)
		return nil
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil && !conn.IsClosed():
		return nil
	default:
		return fmt.Errorf("wait for changes: %w", err)
	}
}

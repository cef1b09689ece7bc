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

// Watch knows the version of the data without asking for it each time: the
// database tells of every commit that changes them, over a connection of its
// own. While that connection is down it knows nothing.
type Watch struct {
	config  *pgx.ConnConfig
	log     *slog.Logger
	version atomic.Int64 // unknownVersion while it is not known
	cancel  context.CancelFunc
	done    chan struct{}
}

const unknownVersion = 0

const (
	// heartbeat bounds how long a connection that died without a word is
	// believed in, and heartbeatTimeout how long it may take to answer.
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
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	w := &Watch{config: cfg, log: log, cancel: cancel, done: make(chan struct{})}
	go w.run(ctx)
	return w, nil
}

// Current returns the version of the data as of now. ok is false while it is
// not known.
func (w *Watch) Current() (version int64, ok bool) {
	version = w.version.Load()
	return version, version != unknownVersion
}

// Saw tells the watch of a version that was seen elsewhere, so that whoever was
// given an answer of it is not given an older one next. What is not known stays
// unknown.
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
	for told := false; ctx.Err() == nil; {
		listened, err := w.listen(ctx)
		w.version.Store(unknownVersion)
		if ctx.Err() != nil {
			return
		}
		if listened || !told {
			w.log.Warn("changes of the data cannot be heard of; answering without the cache", "error", err)
			told = true
		}
		select {
		case <-ctx.Done():
		case <-time.After(reconnectPause):
		}
	}
}

// listen watches until the connection fails. listened is false if it never
// came so far.
func (w *Watch) listen(ctx context.Context) (listened bool, err error) {
	conn, err := pgx.ConnectConfig(ctx, w.config)
	if err != nil {
		return false, fmt.Errorf("connect: %w", err)
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // nothing is under way on it
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

// readVersion asks for the version after LISTEN or a notification, so that no
// change falls between the two.
func (w *Watch) readVersion(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, heartbeatTimeout)
	defer cancel()
	var version int64
	if err := conn.QueryRow(ctx, "SELECT version FROM data_version").Scan(&version); err != nil {
		return fmt.Errorf("read the data version: %w", err)
	}
	if !w.version.CompareAndSwap(unknownVersion, version) {
		w.Saw(version)
	}
	return nil
}

// wait returns nil after a notification, and when it is time for a heartbeat.
func (w *Watch) wait(ctx context.Context, conn *pgx.Conn) error {
	quiet, cancel := context.WithTimeout(ctx, heartbeat)
	defer cancel()
	switch _, err := conn.WaitForNotification(quiet); {
	case err == nil:
		// What is known is out of date from here on.
		w.version.Store(unknownVersion)
		return nil
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil && !conn.IsClosed():
		return nil
	default:
		return fmt.Errorf("wait for changes: %w", err)
	}
}

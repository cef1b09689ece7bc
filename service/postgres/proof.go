package postgres

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Behind a pooler that shares sessions, LISTEN succeeds and nothing is ever heard.
var (
	errNotHeard    = errors.New("the database does not deliver notifications: a pooler shares its sessions between transactions, or drops them")
	errNotNotified = errors.New("the data changed and no notification came: a pooler has moved the session, or drops notifications")
)

// proofTimeout is how long a notification may take.
const proofTimeout = 2 * time.Second

// open opens a connection that is notified of changes, which is proven.
func (w *Watch) open(ctx context.Context) (*pgx.Conn, error) {
	conn, err := w.target.connect(ctx, w.config)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	if err := w.begin(ctx, conn); err != nil {
		w.end(ctx, conn)
		return nil, err
	}
	return conn, nil
}

// begin listens, and proves that notifications arrive: it sends one from another
// session. One from the same session would arrive even where a pooler gives the
// session to others while the watch is idle.
func (w *Watch) begin(ctx context.Context, conn *pgx.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout+proofTimeout)
	defer cancel()
	// In one message, and so in one session.
	if _, err := conn.PgConn().Exec(ctx, "LISTEN rates_data; LISTEN "+w.proof).ReadAll(); err != nil {
		return fmt.Errorf("listen: %w", err)
	}
	token := rand.Text()
	if err := w.notify(ctx, token); err != nil {
		return fmt.Errorf("send a notification: %w", err)
	}
	ctx, cancel = context.WithTimeout(ctx, proofTimeout)
	defer cancel()
	for {
		heard, err := conn.WaitForNotification(ctx)
		switch {
		case err != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
			return errNotHeard
		case err != nil:
			return fmt.Errorf("wait for a notification: %w", err)
		case heard.Channel == w.proof && heard.Payload == token:
			return nil
		}
	}
}

// notify sends a notification to this watch from a session of its own.
func (w *Watch) notify(ctx context.Context, token string) error {
	conn, err := w.target.connect(ctx, w.config)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }() // no query is running on it
	_, err = conn.PgConn().Exec(ctx, "NOTIFY "+w.proof+", '"+token+"'").ReadAll()
	return err
}

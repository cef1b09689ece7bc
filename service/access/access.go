// Package access changes who may log in to the database: it rotates the credential of
// the service, gives people access for a time, and records each step in the table
// login_events. No password reaches an argument, the environment, the output or a log.
package access

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
)

// Manager changes logins over one connection, for one request.
type Manager struct {
	conn    *pgx.Conn
	request Request
	log     *slog.Logger
}

// NewManager returns a Manager whose connection must be a session of its own: behind
// a pooler the lock that it holds would not be.
func NewManager(conn *pgx.Conn, request Request, log *slog.Logger) *Manager {
	return &Manager{conn: conn, request: request, log: log}
}

// lock lets one Manager at a time change logins. The caller calls unlock.
func (m *Manager) lock(ctx context.Context) (unlock func(), err error) {
	const key = `hashtext('rates logins')`
	var got bool
	if err := m.conn.QueryRow(ctx, `SELECT pg_try_advisory_lock(`+key+`)`).Scan(&got); err != nil {
		return nil, fmt.Errorf("lock the logins: %w", err)
	}
	if !got {
		return nil, errBusy
	}
	return func() {
		// A connection that was lost has lost its lock too.
		_, _ = m.conn.Exec(context.WithoutCancel(ctx), `SELECT pg_advisory_unlock(`+key+`)`)
	}, nil
}

// in returns the time of the database after d, in whole seconds.
func (m *Manager) in(ctx context.Context, d time.Duration) (time.Time, error) {
	var now time.Time
	if err := m.conn.QueryRow(ctx, `SELECT date_trunc('second', clock_timestamp())`).Scan(&now); err != nil {
		return time.Time{}, fmt.Errorf("ask the database for the time: %w", err)
	}
	return now.UTC().Add(d), nil
}

// open lets a role log in with a credential until that ends.
func open(ctx context.Context, tx pgx.Tx, c Credential) error {
	verifier, err := c.verifier()
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, fmt.Sprintf(`ALTER ROLE %s LOGIN PASSWORD %s VALID UNTIL %s`,
		name(c.User), literal(verifier), literal(c.ValidUntil.Format(time.RFC3339)))); err != nil {
		return fmt.Errorf("set the password of %s: %w", c.User, err)
	}
	return nil
}

// shut lets a role log in no longer. Its sessions go on.
func shut(ctx context.Context, tx pgx.Tx, login string) error {
	if _, err := tx.Exec(ctx, `ALTER ROLE `+name(login)+` NOLOGIN PASSWORD NULL`); err != nil {
		return fmt.Errorf("close %s: %w", login, err)
	}
	return nil
}

// name quotes the name of a role for SQL: a command that changes roles takes no
// parameters.
func name(role string) string { return pgx.Identifier{role}.Sanitize() }

// literal quotes a text for SQL. Each session has standard_conforming_strings on.
func literal(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

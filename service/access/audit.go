package access

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Request says who asked for a change of logins, who approved it and why. All of it
// is recorded as it is given.
type Request struct {
	AskedBy, ApprovedBy, Reason string
}

// kind is what happened to a login.
type kind string

// The kinds of events. The comment on the table login_events lists them.
const (
	prepared  kind = "prepared"  // it can log in with a new password
	proved    kind = "proved"    // it did, and could read
	published kind = "published" // programs were given its new password
	closed    kind = "closed"    // it cannot log in any more
	granted   kind = "granted"   // it was made for a person, for a time
	revoked   kind = "revoked"   // a person's access was ended
	expired   kind = "expired"   // a person's access ended by itself
)

// event is one row of login_events.
type event struct {
	kind   kind
	login  string
	detail string
	until  time.Time // zero if it does not matter
}

// record adds an event to the table in the transaction of a change, which so is made
// only if it is recorded.
func (m *Manager) record(ctx context.Context, tx pgx.Tx, e event) error {
	var until *time.Time
	if !e.until.IsZero() {
		until = &e.until
	}
	_, err := tx.Exec(ctx, `INSERT INTO public.login_events (event, login, detail, valid_until, asked_by, approved_by, reason)
		VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		string(e.kind), e.login, e.detail, until, m.request.AskedBy, m.request.ApprovedBy, m.request.Reason)
	if err != nil {
		return fmt.Errorf("record that %s was %s: %w", e.login, e.kind, err)
	}
	return nil
}

// tell writes an event to the log, once it cannot be undone any more.
func (m *Manager) tell(ctx context.Context, e event) {
	args := []any{"event", string(e.kind), "login", e.login}
	if e.detail != "" {
		args = append(args, "detail", e.detail)
	}
	if !e.until.IsZero() {
		args = append(args, "valid_until", e.until)
	}
	m.log.InfoContext(ctx, "login changed", append(args,
		"asked_by", m.request.AskedBy, "approved_by", m.request.ApprovedBy, "reason", m.request.Reason)...)
}

// change runs do and records e in one transaction.
func (m *Manager) change(ctx context.Context, e event, do func(tx pgx.Tx) error) error {
	err := pgx.BeginFunc(ctx, m.conn, func(tx pgx.Tx) error {
		if err := do(tx); err != nil {
			return err
		}
		return m.record(ctx, tx, e)
	})
	if err != nil {
		return err
	}
	m.tell(ctx, e)
	return nil
}

// note records what happened outside of the database.
func (m *Manager) note(ctx context.Context, e event) error {
	return m.change(ctx, e, func(pgx.Tx) error { return nil })
}

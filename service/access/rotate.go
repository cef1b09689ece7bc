package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Rotation says how to rotate the credential of a program that alternates between two
// logins.
type Rotation struct {
	Logins  [2]string
	Valid   time.Duration // after which the new password ends by itself
	Drain   time.Duration // the longest wait for sessions of the old login to end
	Publish Publisher
}

// Plan is what a rotation does: Next replaces Used.
type Plan struct {
	Used, Next string
	Sessions   []Session // of Used
	Until      time.Time // of Next
}

// Plan returns what Rotate would do now, and changes nothing.
func (m *Manager) Plan(ctx context.Context, r Rotation) (Plan, error) {
	pair, err := m.pair(ctx, r.Logins)
	if err != nil {
		return Plan{}, err
	}
	plan, ok := choose(pair)
	if !ok {
		return Plan{}, bothUsed(pair)
	}
	plan.Until, err = m.in(ctx, r.Valid)
	return plan, err
}

// Rotate gives the idle login a new password, proves that it works, publishes it,
// waits until nobody uses the other login, and closes that. Until it publishes,
// nothing changes for the login that is in use, and after an error another Rotate
// puts everything right. If sessions of the old login are left after r.Drain, that
// stays open and the error is a *LeftError.
func (m *Manager) Rotate(ctx context.Context, r Rotation) (Plan, error) {
	unlock, err := m.lock(ctx)
	if err != nil {
		return Plan{}, err
	}
	defer unlock()
	plan, err := m.waitForPlan(ctx, r)
	if err != nil {
		return plan, err
	}
	fresh := newCredential(plan.Next, plan.Until)
	if err := m.prepare(ctx, fresh); err != nil {
		return plan, err
	}
	if err := r.Publish.Publish(ctx, fresh); err != nil {
		return plan, fmt.Errorf("publish %s, which may be incomplete now; %s still works, run this again: %w", plan.Next, plan.Used, err)
	}
	// From here on an interruption must not leave the event out.
	event := event{kind: published, login: plan.Next, detail: r.Publish.String(), until: plan.Until}
	if err := m.note(context.WithoutCancel(ctx), event); err != nil {
		return plan, err
	}
	return plan, m.retire(ctx, plan, r.Drain)
}

// waitForPlan waits until one of the logins is idle: a rotation that did not end may
// have left sessions on both.
func (m *Manager) waitForPlan(ctx context.Context, r Rotation) (plan Plan, err error) {
	var used *LeftError
	err = poll(ctx, r.Drain, func() (bool, error) {
		var err error
		plan, err = m.Plan(ctx, r)
		if wait := errors.As(err, &used); wait {
			return false, nil
		}
		used = nil
		return true, err
	})
	if err == nil && used != nil {
		err = used
	}
	return plan, err
}

// prepare sets the password of a login and logs in with it.
func (m *Manager) prepare(ctx context.Context, c Credential) error {
	e := event{kind: prepared, login: c.User, until: c.ValidUntil}
	if err := m.change(ctx, e, func(tx pgx.Tx) error { return open(ctx, tx, c) }); err != nil {
		return err
	}
	if err := m.prove(ctx, c); err != nil {
		return fmt.Errorf("the new password of %s was not published: %w", c.User, err)
	}
	e.kind = proved
	return m.note(ctx, e)
}

// retire closes the login that was in use, once nobody is on it.
func (m *Manager) retire(ctx context.Context, plan Plan, most time.Duration) error {
	left, err := m.drain(ctx, plan.Used, most)
	if err != nil {
		return err
	}
	if len(left) > 0 {
		return &LeftError{
			Done: plan.Next + " is published", Login: plan.Used, Sessions: left,
			Advice: "it stays open: see why they do not change over, then run this again",
		}
	}
	return m.change(ctx, event{kind: closed, login: plan.Used}, func(tx pgx.Tx) error { return shut(ctx, tx, plan.Used) })
}

// readSQL reads one row of each table that answers need, because grants drift.
const readSQL = `SELECT (SELECT count(*) FROM (SELECT 1 FROM public.goose_db_version LIMIT 1) AS t)
	+ (SELECT count(*) FROM (SELECT 1 FROM public.data_version LIMIT 1) AS t)
	+ (SELECT count(*) FROM (SELECT 1 FROM public.regions LIMIT 1) AS t)
	+ (SELECT count(*) FROM (SELECT 1 FROM public.ports LIMIT 1) AS t)
	+ (SELECT count(*) FROM (SELECT 1 FROM public.daily_rates LIMIT 1) AS t)`

// prove logs in with a credential, on the same way as this connection, and reads.
func (m *Manager) prove(ctx context.Context, c Credential) (err error) {
	cfg := m.conn.Config()
	cfg.User, cfg.Password = c.User, c.password
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return refuse("log in as %s: %v", c.User, err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	var user string
	var rows int64
	if err := conn.QueryRow(ctx, `SELECT session_user, (`+readSQL+`)`).Scan(&user, &rows); err != nil {
		return refuse("read as %s: %v", c.User, err)
	}
	if user != c.User {
		return refuse("logged in as %s, the database says %s", c.User, user)
	}
	return nil
}

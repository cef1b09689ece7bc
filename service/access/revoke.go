package access

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Revoke ends the access of a person at once: the login can do nothing any more, and
// its sessions are ended. If some are left, the error is a *LeftError.
func (m *Manager) Revoke(ctx context.Context, person string) error {
	unlock, err := m.lock(ctx)
	if err != nil {
		return err
	}
	defer unlock()
	p, err := m.person(ctx, person)
	if err != nil {
		return err
	}
	if !p.granted {
		return refuse("%s was not given access by 'rates login grant'; 'rates login status' lists who was", person)
	}
	return m.end(ctx, revoked, person)
}

// Sweep ends the access of everybody whose time is over, and their sessions. It
// returns whose it ended, also if it failed for others.
func (m *Manager) Sweep(ctx context.Context) (ended []string, err error) {
	unlock, err := m.lock(ctx)
	if err != nil {
		return nil, err
	}
	defer unlock()
	rows, err := m.conn.Query(ctx, `SELECT rolname FROM pg_roles r
		WHERE rolvaliduntil <= clock_timestamp() AND `+grantedSQL+` AND (rolcanlogin
			OR EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid)
			OR EXISTS (SELECT FROM pg_stat_activity WHERE usesysid = r.oid))
		ORDER BY rolname`)
	if err != nil {
		return nil, fmt.Errorf("look for access that is over: %w", err)
	}
	over, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("look for access that is over: %w", err)
	}
	var errs []error
	for _, person := range over {
		if err := m.end(ctx, expired, person); err != nil {
			errs = append(errs, err)
			continue
		}
		ended = append(ended, person)
	}
	return ended, errors.Join(errs...)
}

// grantedSQL tells whether the role r was made by Grant.
const grantedSQL = `EXISTS (SELECT FROM public.login_events WHERE login = r.rolname AND event = 'granted')`

type person struct {
	exists, granted bool
	open, over      bool // may log in; its time is over
}

func (m *Manager) person(ctx context.Context, login string) (person, error) {
	p := person{exists: true}
	err := m.conn.QueryRow(ctx, `SELECT `+grantedSQL+`, rolcanlogin, coalesce(rolvaliduntil <= clock_timestamp(), false)
		FROM pg_roles r WHERE rolname = $1`, login).Scan(&p.granted, &p.open, &p.over)
	if errors.Is(err, pgx.ErrNoRows) {
		return person{}, nil
	}
	if err != nil {
		return p, fmt.Errorf("read the login %s: %w", login, err)
	}
	return p, nil
}

// end takes all rights from a login, which stops its sessions too, then closes them.
// It keeps the login: without its name nobody could tell whose sessions are left.
func (m *Manager) end(ctx context.Context, why kind, login string) error {
	err := m.change(ctx, event{kind: why, login: login}, func(tx pgx.Tx) error {
		if err := leaveGroups(ctx, tx, login); err != nil {
			return err
		}
		return shut(ctx, tx, login)
	})
	if err != nil {
		return err
	}
	const patience = 5 * time.Second
	_, killErr := m.conn.Exec(ctx, `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1`, login)
	most := patience
	if killErr != nil {
		most = 0 // it may not
	}
	left, err := m.drain(ctx, login, most)
	if err != nil || len(left) == 0 {
		return err
	}
	return &LeftError{
		Done: login + " has lost all rights", Login: login, Sessions: left,
		Advice: "to end them, this command's login must be a member of pg_signal_backend",
	}
}

// leaveGroups ends the memberships of a login. Since PostgreSQL 16 each is ended in
// the name of who gave it.
func leaveGroups(ctx context.Context, tx pgx.Tx, login string) error {
	rows, err := tx.Query(ctx, `SELECT format('REVOKE %I FROM %I', pg_get_userbyid(roleid), $1::text)
			|| CASE WHEN current_setting('server_version_num')::int >= 160000
				THEN format(' GRANTED BY %I', pg_get_userbyid(grantor)) ELSE '' END
		FROM pg_auth_members WHERE member = (SELECT oid FROM pg_roles WHERE rolname = $1)`, login)
	if err != nil {
		return fmt.Errorf("read the groups of %s: %w", login, err)
	}
	statements, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("read the groups of %s: %w", login, err)
	}
	for _, sql := range statements {
		if _, err := tx.Exec(ctx, sql); err != nil { // #nosec G901 -- PostgreSQL made it, and quoted each name
			return fmt.Errorf("take its groups from %s: %w", login, err)
		}
	}
	return nil
}

package access

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// role is one of the two logins of a program.
type role struct {
	name     string
	open     bool  // it may log in
	last     int64 // number of the event when it was published last, or 0
	sessions []Session
}

// pair reads the two logins, and refuses those that a rotation must not touch.
func (m *Manager) pair(ctx context.Context, names [2]string) (found [2]role, err error) {
	if names[0] == names[1] {
		return found, refuse("both logins are %s; a rotation needs two", names[0])
	}
	for i, login := range names {
		if found[i], err = m.role(ctx, login); err != nil {
			return found, err
		}
	}
	return found, nil
}

func (m *Manager) role(ctx context.Context, login string) (role, error) {
	const reader = "rates_reader"
	found := role{name: login}
	var powerful, reads bool
	err := m.conn.QueryRow(ctx, `SELECT rolcanlogin, rolsuper OR rolcreaterole OR rolreplication OR rolbypassrls,
			pg_has_role(oid, $2, 'USAGE'),
			(SELECT coalesce(max(id), 0) FROM public.login_events WHERE login = rolname AND event = $3)
		FROM pg_roles WHERE rolname = $1`, login, reader, string(published)).
		Scan(&found.open, &powerful, &reads, &found.last)
	switch {
	case errors.Is(err, pgx.ErrNoRows):
		return found, refuse("there is no login %s; an administrator makes it: CREATE ROLE %s IN ROLE %s", login, name(login), reader)
	case err != nil:
		return found, fmt.Errorf("read the login %s: %w", login, err)
	case powerful:
		return found, refuse("%s is an administrator; rotate only logins that answer questions", login)
	case !reads:
		return found, refuse("%s is not a member of %s; an administrator changes that: GRANT %[2]s TO %s", login, reader, name(login))
	case login == m.conn.Config().User:
		return found, refuse("this command is logged in as %s; use the login that manages the others", login)
	}
	found.sessions, err = m.sessions(ctx, login)
	return found, err
}

// choose returns which login replaces which. The one with sessions is in use; without
// any, the one that was published last, or else the one that may log in. ok is false
// while both have sessions.
func choose(pair [2]role) (plan Plan, ok bool) {
	a, b := pair[0], pair[1]
	if len(a.sessions) > 0 && len(b.sessions) > 0 {
		return Plan{}, false
	}
	swap := false // b is in use
	switch {
	case len(a.sessions) > 0:
	case len(b.sessions) > 0:
		swap = true
	case a.last != b.last:
		swap = b.last > a.last
	default:
		swap = b.open && !a.open
	}
	if swap {
		a, b = b, a
	}
	return Plan{Used: a.name, Next: b.name, Sessions: a.sessions}, true
}

// bothUsed is the error for two logins with sessions.
func bothUsed(pair [2]role) error {
	older := pair[0]
	if pair[1].last < older.last {
		older = pair[1]
	}
	return &LeftError{
		Done: "nothing was changed: both logins are in use", Login: older.name, Sessions: older.sessions,
		Advice: "an earlier rotation did not end: see why they do not change over, then run this again",
	}
}

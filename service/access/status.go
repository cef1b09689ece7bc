package access

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// Account is a login that may do something with the data, and who uses it.
type Account struct {
	Name       string
	May        []string // reader, loader, owner, access, superuser or roles
	Open       bool     // it may log in
	Until      *time.Time
	Event      string // the last that was recorded; empty if none was
	Since      *time.Time
	AskedBy    string
	ApprovedBy string
	Reason     string
	Sessions   []Session
}

// Over reports whether the account ended by itself before now.
func (a Account) Over(now time.Time) bool { return a.Until != nil && !now.Before(*a.Until) }

// statusSQL selects the logins that have a right, and those with an event whose
// sessions are not ended yet.
const statusSQL = `
SELECT r.rolname, may.list, r.rolcanlogin, CASE WHEN isfinite(r.rolvaliduntil) THEN r.rolvaliduntil END,
	coalesce(e.event, ''), e.happened_at, coalesce(e.asked_by, ''), coalesce(e.approved_by, ''), coalesce(e.reason, '')
FROM pg_roles r
CROSS JOIN LATERAL (SELECT array(
	SELECT right_ FROM (VALUES
		(1, 'superuser', r.rolsuper),
		(2, 'roles', r.rolcreaterole AND NOT r.rolsuper),
		(3, 'owner', NOT r.rolsuper AND pg_has_role(r.oid, 'rates_owner', 'MEMBER')),
		(4, 'access', NOT r.rolsuper AND pg_has_role(r.oid, 'rates_access', 'MEMBER')),
		(5, 'loader', NOT r.rolsuper AND pg_has_role(r.oid, 'rates_loader', 'MEMBER')),
		(6, 'reader', NOT r.rolsuper AND pg_has_role(r.oid, 'rates_reader', 'MEMBER'))
	) AS rights (position, right_, has) WHERE has ORDER BY position) AS list) AS may
LEFT JOIN LATERAL (
	SELECT * FROM public.login_events WHERE login = r.rolname AND event NOT IN ('prepared', 'proved') ORDER BY id DESC LIMIT 1) AS e ON true
WHERE r.rolname NOT IN ('rates_owner', 'rates_access', 'rates_loader', 'rates_reader') AND r.rolname !~ '^pg_'
	AND (r.rolcanlogin AND may.list <> '{}' OR e.event IS NOT NULL)
ORDER BY r.rolname`

// Status returns who may do what, and who is connected.
func (m *Manager) Status(ctx context.Context) ([]Account, error) {
	rows, err := m.conn.Query(ctx, statusSQL)
	if err != nil {
		return nil, fmt.Errorf("read the logins: %w", err)
	}
	accounts, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (a Account, err error) {
		return a, row.Scan(&a.Name, &a.May, &a.Open, &a.Until, &a.Event, &a.Since, &a.AskedBy, &a.ApprovedBy, &a.Reason)
	})
	if err != nil {
		return nil, fmt.Errorf("read the logins: %w", err)
	}
	for i, a := range accounts {
		if accounts[i].Sessions, err = m.sessions(ctx, a.Name); err != nil {
			return nil, err
		}
	}
	return accounts, nil
}

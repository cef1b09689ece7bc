package access

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
)

// sessions returns the connections of a login to any database of the server.
func (m *Manager) sessions(ctx context.Context, login string) ([]Session, error) {
	rows, err := m.conn.Query(ctx, `SELECT pid, coalesce(application_name, ''), coalesce(host(client_addr), '')
		FROM pg_stat_activity WHERE usename = $1 AND pid <> pg_backend_pid() ORDER BY pid`, login)
	if err != nil {
		return nil, fmt.Errorf("look for sessions of %s: %w", login, err)
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByPos[Session])
	if err != nil {
		return nil, fmt.Errorf("look for sessions of %s: %w", login, err)
	}
	return found, nil
}

// askAgain is the pause between two looks for sessions.
const askAgain = 200 * time.Millisecond

// poll asks until done returns true or an error, or for most at the longest.
func poll(ctx context.Context, most time.Duration, done func() (bool, error)) error {
	late := time.After(most)
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-late:
			return nil
		case <-time.After(askAgain):
		}
	}
}

// drain waits until a login has no session, and returns those that are left.
func (m *Manager) drain(ctx context.Context, login string, most time.Duration) (left []Session, err error) {
	err = poll(ctx, most, func() (bool, error) {
		var err error
		left, err = m.sessions(ctx, login)
		return len(left) == 0, err
	})
	return left, err
}

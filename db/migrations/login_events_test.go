package migrations_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
)

const aLoginEvent = `INSERT INTO login_events (event, login, detail, asked_by, approved_by, reason)
	VALUES ('granted', 'alice', 'reader', 'carol', 'bob', 'why')`

// Whoever manages logins adds events and changes none, not even their time and who
// recorded them. Whoever was given access can neither read nor write them.
func TestLoginEvents(t *testing.T) {
	database := dbtest.New(t)
	as := func(role string) *pgx.Conn {
		conn := database.Connect(t)
		run(t, conn, `SET ROLE `+role)
		return conn
	}
	access := as("rates_access")
	run(t, access, aLoginEvent)
	if n := dbtest.Value[int](t, access, `SELECT count(*) FROM login_events WHERE recorded_by = session_user
		AND happened_at BETWEEN now() - interval '1 minute' AND now()`); n != 1 {
		t.Errorf("%d events are as they were recorded, want 1", n)
	}
	const denied = "permission denied for table login_events"
	for _, sql := range []string{
		`UPDATE login_events SET reason = 'another'`, `DELETE FROM login_events`, `TRUNCATE login_events`,
		`INSERT INTO login_events (event, login, detail, asked_by, approved_by, reason, recorded_by) VALUES ('granted', 'a', '', 'b', '', '', 'c')`,
		`INSERT INTO login_events (event, login, detail, asked_by, approved_by, reason, happened_at) VALUES ('granted', 'a', '', 'b', '', '', now())`,
	} {
		wantRefused(t, access, sql, "42501", denied)
	}
	for _, role := range []string{"rates_reader", "rates_loader"} {
		conn := as(role)
		for _, sql := range []string{`SELECT FROM login_events`, aLoginEvent, `UPDATE login_events SET reason = ''`, `DELETE FROM login_events`, `TRUNCATE login_events`} {
			wantRefused(t, conn, sql, "42501", denied)
		}
	}
	wantRefused(t, access, `SELECT FROM prices`, "42501", "permission denied for table prices")
}

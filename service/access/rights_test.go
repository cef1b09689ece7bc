package access

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// rights are what docs/access.md has an administrator run for the login of rotations.
const rights = `GRANT rates_access TO {manager}`

// managerFixture is a fixture with a login that may rotate and do nothing else.
func managerFixture(t *testing.T, oldest, newest int) (f fixture, manager string) {
	t.Helper()
	f = newFixture(t)
	if major := value[int](t, f.Connect(t), `SELECT current_setting('server_version_num')::int / 10000`); major < oldest || major > newest {
		t.Skipf("SKIP: this server is PostgreSQL %d; this test is about %d to %d. RATES_TEST_DATABASE_URL names another", major, oldest, newest)
	}
	manager = f.role(t, "_manager", "LOGIN CREATEROLE PASSWORD 'manager'")
	f.Exec(t, strings.ReplaceAll(rights, "{manager}", manager))
	return f, manager
}

func wantCode(t *testing.T, what string, err error, code string) {
	t.Helper()
	if pg, ok := errors.AsType[*pgconn.PgError](err); !ok || pg.Code != code {
		t.Errorf("%s: %v, want SQLSTATE %s", what, err, code)
	}
}

// Up to PostgreSQL 15 CREATEROLE suffices, and is the right of an administrator: it
// may make itself a member of anything.
func TestRightsUpTo15(t *testing.T) {
	f, manager := managerFixture(t, 13, 15)
	url := f.as(t, manager, "manager")
	if _, err := f.manager(t, url).Rotate(t.Context(), f.rotation(t)); err != nil {
		t.Fatal(err)
	}
	conn := f.connect(t, url)
	_, err := conn.Exec(t.Context(), `SELECT FROM prices`)
	wantCode(t, "reads", err, "42501")
	if _, err := conn.Exec(t.Context(), `GRANT rates_owner TO `+manager); err != nil {
		t.Errorf("it is less than docs/access.md says: %v", err)
	}
	f.Exec(t, `REVOKE rates_owner FROM `+manager)
}

// Since PostgreSQL 16 it takes CREATEROLE and the administration of both logins, and
// gives nothing else.
func TestRightsSince16(t *testing.T) {
	f, manager := managerFixture(t, 16, 99)
	url := f.as(t, manager, "manager")
	_, err := f.manager(t, url).Rotate(t.Context(), f.rotation(t))
	wantCode(t, "rotates without ADMIN OPTION", err, "42501")
	f.Exec(t, `GRANT `+f.logins[0]+`, `+f.logins[1]+` TO `+manager+` WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`)
	for range 2 {
		if _, err := f.manager(t, url).Rotate(t.Context(), f.rotation(t)); err != nil {
			t.Fatal(err)
		}
	}
	conn := f.connect(t, url)
	for _, sql := range []string{`SELECT FROM prices`, `GRANT rates_owner TO ` + manager, `GRANT rates_reader TO ` + manager, `SET ROLE ` + f.logins[0]} {
		_, err := conn.Exec(t.Context(), sql)
		wantCode(t, sql, err, "42501")
	}
	f.Exec(t, `ALTER ROLE `+manager+` NOCREATEROLE`)
	_, err = f.manager(t, url).Rotate(t.Context(), f.rotation(t))
	wantCode(t, "rotates without CREATEROLE", err, "42501")
}

// A login that does not manage others changes nothing.
func TestReaderMayNotRotate(t *testing.T) {
	f := newFixture(t)
	reader := f.role(t, "_reader", "LOGIN PASSWORD 'reader' IN ROLE rates_reader")
	_, err := f.manager(t, f.as(t, reader, "reader")).Rotate(t.Context(), f.rotation(t))
	wantCode(t, "rotates", err, "42501")
}

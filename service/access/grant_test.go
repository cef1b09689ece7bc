package access

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// grant gives a person access as the superuser and returns their login.
func (f fixture) grant(t *testing.T, role string, d time.Duration) string {
	t.Helper()
	person := "x" + f.Name + "_alice" // a person's name does not begin with rates_
	f.dropAtEnd(t, person)
	if _, err := f.manager(t, f.URL).Grant(t.Context(), f.access(t, person, role, d)); err != nil {
		t.Fatal(err)
	}
	return person
}

func (f fixture) access(t *testing.T, person, role string, d time.Duration) Grant {
	t.Helper()
	return Grant{Person: person, Role: role, For: d, Publish: f.target(t)}
}

// end lets the time of a person's access pass.
func (f fixture) end(t *testing.T, person string) {
	t.Helper()
	f.Exec(t, `ALTER ROLE `+person+` VALID UNTIL '2021-01-01'`)
}

// A person may do what the role may, for the time that was given, and it is recorded.
func TestGrant(t *testing.T) {
	for role, writes := range map[string]bool{"reader": false, "loader": true} {
		f := newFixture(t)
		person := f.grant(t, role, 2*time.Hour)
		conn := f.connect(t, f.published())
		if got := value[string](t, conn, `SELECT session_user || (SELECT count(*) FROM prices)`); got != person+"0" {
			t.Errorf("logged in as %s, want %s", got, person)
		}
		if _, err := conn.Exec(t.Context(), `INSERT INTO regions VALUES ('north', 'North', NULL)`); (err == nil) != writes {
			t.Errorf("a %s writes: %v", role, err)
		}
		_, err := conn.Exec(t.Context(), `UPDATE login_events SET reason = 'mine'`)
		wantCode(t, "changes the record", err, "42501")
		row := value[string](t, f.Connect(t), `SELECT concat_ws(' ', event, login, detail, valid_until > now() + '119 minutes', asked_by, approved_by, reason)
			FROM login_events`)
		if want := "granted " + person + " " + role + " t alice bob the quarter ends"; row != want {
			t.Errorf("recorded: %s, want %s", row, want)
		}
	}
}

// Revoke ends the sessions of a person, and the login, at once. Access can be given
// again, and then has the new role alone.
func TestRevoke(t *testing.T) {
	f := newFixture(t)
	person := f.grant(t, "loader", time.Hour)
	conn := f.connect(t, f.published())
	if err := f.manager(t, f.URL).Revoke(t.Context(), person); err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Exec(t.Context(), `SELECT FROM prices`); err == nil {
		t.Error("the session goes on")
	}
	_, err := pgx.Connect(t.Context(), f.published())
	if err == nil {
		t.Error("the login goes on")
	}
	f.grant(t, "reader", time.Hour)
	conn = f.connect(t, f.published())
	if !value[bool](t, conn, `SELECT pg_has_role('rates_reader', 'USAGE') AND NOT pg_has_role('rates_loader', 'MEMBER')`) {
		t.Error("as a reader, the person is still a loader")
	}
	if got, want := f.events(t, person), "granted revoked expired granted"; got != want {
		t.Errorf("events: %s, want %s", got, want)
	}
}

// When the time is over, Sweep ends the sessions of those whose time it was, once,
// and of nobody else.
func TestSweep(t *testing.T) {
	f := newFixture(t)
	f.rotate(t)
	service := f.connect(t, f.published())
	person := f.grant(t, "reader", time.Hour)
	conn := f.connect(t, f.published()+"&application_name=late")
	for range 2 {
		if ended, err := f.manager(t, f.URL).Sweep(t.Context()); err != nil || len(ended) > 0 {
			t.Fatalf("before the time is over: %v, %v", ended, err)
		}
	}
	f.end(t, person)
	f.end(t, f.logins[1]) // a program's login is not a person's access
	if got := value[int](t, conn, `SELECT 1`); got != 1 {
		t.Error("PostgreSQL ends sessions by itself; Sweep has no purpose")
	}
	if ended, err := f.manager(t, f.URL).Sweep(t.Context()); err != nil || len(ended) != 1 || ended[0] != person {
		t.Fatalf("afterwards: %v, %v", ended, err)
	}
	if _, err := conn.Exec(t.Context(), `SELECT 1`); err == nil {
		t.Error("the session goes on")
	}
	value[int](t, service, `SELECT 1`)
	if ended, err := f.manager(t, f.URL).Sweep(t.Context()); err != nil || len(ended) > 0 {
		t.Errorf("again: %v, %v", ended, err)
	}
	if got, want := f.events(t, person), "granted expired"; got != want {
		t.Errorf("events: %s, want %s", got, want)
	}
}

// A password that does not reach the person opens nothing.
func TestGrantIsNotPublished(t *testing.T) {
	f := newFixture(t)
	person := "x" + f.Name
	f.dropAtEnd(t, person)
	access := f.access(t, person, "reader", time.Hour)
	access.Publish = refusing{func() {}}
	if _, err := f.manager(t, f.URL).Grant(t.Context(), access); err == nil || !strings.Contains(err.Error(), "no such vault") {
		t.Fatalf("%v", err)
	}
	if value[bool](t, f.Connect(t), `SELECT rolcanlogin OR pg_has_role(oid, 'rates_reader', 'MEMBER') FROM pg_roles WHERE rolname = $1`, person) {
		t.Error("the login is open")
	}
	if got, want := f.events(t, person), "granted revoked"; got != want {
		t.Errorf("events: %s, want %s", got, want)
	}
}

// Grant and Revoke touch no login that Grant did not make, and nobody has access
// twice.
func TestOtherLoginsAreLeftAlone(t *testing.T) {
	f := newFixture(t)
	person := f.grant(t, "reader", time.Hour)
	f.Exec(t, `CREATE ROLE x`+f.Name+` LOGIN PASSWORD 'mine'`)
	other := "x" + f.Name
	f.dropAtEnd(t, other)
	for login, want := range map[string]string{
		person:     "has access already; end it first: rates login revoke " + person,
		other:      "exists and was not made by 'rates login grant'",
		"postgres": "exists and was not made by 'rates login grant'",
	} {
		_, err := f.manager(t, f.URL).Grant(t.Context(), f.access(t, login, "reader", time.Hour))
		if _, ok := errors.AsType[*RefusedError](err); !ok || !strings.Contains(err.Error(), want) {
			t.Errorf("grant %s: %v, want %s", login, err, want)
		}
	}
	for _, login := range []string{other, "postgres", f.logins[0], "nobody"} {
		err := f.manager(t, f.URL).Revoke(t.Context(), login)
		if _, ok := errors.AsType[*RefusedError](err); !ok || !strings.Contains(err.Error(), "was not given access") {
			t.Errorf("revoke %s: %v", login, err)
		}
	}
	if err := f.connect(t, f.as(t, other, "mine")).Ping(t.Context()); err != nil {
		t.Errorf("the other login: %v", err)
	}
}

func TestAccessIsChecked(t *testing.T) {
	good := Grant{Person: "alice", Role: "reader", For: time.Hour}
	if err := good.Check(asked); err != nil {
		t.Error(err)
	}
	for want, spoil := range map[string]func(*Grant){
		`the person is ""`:       func(a *Grant) { a.Person = "" },
		`the person is "Alice"`:  func(a *Grant) { a.Person = "Alice" },
		`the person is "a b"`:    func(a *Grant) { a.Person = "a b" },
		`the person is "a\nb"`:   func(a *Grant) { a.Person = "a\nb" },
		`"rates_owner"; names`:   func(a *Grant) { a.Person = "rates_owner" },
		`"pg_signal_backend"`:    func(a *Grant) { a.Person = "pg_signal_backend" },
		"the time is 0s":         func(a *Grant) { a.For = 0 },
		"the time is -1h0m0s":    func(a *Grant) { a.For = -time.Hour },
		"the time is 24h0m1s":    func(a *Grant) { a.For = LongestGrant + time.Second },
		"approve their own":      func(a *Grant) { a.Person = "bob" },
		`role is "owner"; expec`: func(a *Grant) { a.Role = "owner" },
	} {
		a := good
		spoil(&a)
		if err := a.Check(asked); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: %v, want %s", a, err, want)
		}
	}
}

// Without the right to end sessions, the person has lost all rights nevertheless, and
// the error says who is left.
func TestRevokeWithoutTheRightToEndSessions(t *testing.T) {
	f, manager := managerFixture(t, 13, 99)
	if value[int](t, f.Connect(t), `SELECT current_setting('server_version_num')::int`) >= 160000 {
		f.Exec(t, `GRANT rates_reader TO `+manager+` WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`)
	}
	url := f.as(t, manager, "manager")
	person := "x" + f.Name
	f.dropAtEnd(t, person)
	if _, err := f.manager(t, url).Grant(t.Context(), f.access(t, person, "reader", time.Hour)); err != nil {
		t.Fatal(err)
	}
	conn := f.connect(t, f.published())
	err := f.manager(t, url).Revoke(t.Context(), person)
	if left, ok := errors.AsType[*LeftError](err); !ok || len(left.Sessions) != 1 || !strings.Contains(err.Error(), "pg_signal_backend") {
		t.Errorf("%v", err)
	}
	_, err = conn.Exec(t.Context(), `SELECT FROM prices`)
	wantCode(t, "reads", err, "42501")
	f.Exec(t, `GRANT pg_signal_backend TO `+manager)
	if err := f.manager(t, url).Revoke(t.Context(), person); err != nil {
		t.Errorf("again: %v", err)
	}
}

// Status shows who may do what, since when and until when, and who is connected.
func TestStatus(t *testing.T) {
	f := newFixture(t)
	f.rotate(t)
	person := f.grant(t, "loader", time.Hour)
	conn := f.connect(t, f.published()+"&application_name=psql")
	accounts, err := f.manager(t, f.URL).Status(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]Account{}
	for _, a := range accounts {
		found[a.Name] = a
	}
	a := found[person]
	if len(a.Sessions) != 1 || a.Sessions[0].PID != int32(conn.PgConn().PID()) || a.Sessions[0].Application != "psql" {
		t.Errorf("sessions: %v", a.Sessions)
	}
	if strings.Join(a.May, " ") != "loader reader" || !a.Open || a.Event != "granted" || a.ApprovedBy != "bob" || a.Until == nil || a.Over(time.Now()) {
		t.Errorf("%+v", a)
	}
	if a := found[f.logins[1]]; a.Event != "published" || a.Since == nil || strings.Join(a.May, " ") != "reader" {
		t.Errorf("%+v", a)
	}
	if a := found[f.logins[0]]; a.Open || a.Event != "closed" {
		t.Errorf("%+v", a)
	}
	if a := found["postgres"]; strings.Join(a.May, " ") != "superuser" {
		t.Errorf("%+v", a)
	}
	f.end(t, person)
	if accounts, err = f.manager(t, f.URL).Status(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, a := range accounts {
		if a.Name == person && !a.Over(time.Now()) {
			t.Errorf("its time is over: %+v", a)
		}
	}
}

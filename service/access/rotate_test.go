package access

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/rates/internal/testkit"
)

func (f fixture) rotation(t *testing.T) Rotation {
	t.Helper()
	return Rotation{Logins: f.logins, Valid: time.Hour, Drain: testkit.Patience, Publish: f.target(t)}
}

// rotate rotates as the superuser and returns the plan.
func (f fixture) rotate(t *testing.T) Plan {
	t.Helper()
	plan, err := f.manager(t, f.URL).Rotate(t.Context(), f.rotation(t))
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

// Each rotation publishes the other login, which can log in and read, and closes the
// one before. Each step is recorded with who asked and why.
func TestRotate(t *testing.T) {
	f := newFixture(t)
	a, b := f.logins[0], f.logins[1]
	used := ""
	for _, want := range []string{b, a, b} { // nobody uses either, so the first counts as used
		plan := f.rotate(t)
		if plan.Next != want || used != "" && plan.Used != used {
			t.Fatalf("%s replaces %s, want %s to replace %s", plan.Next, plan.Used, want, used)
		}
		used = want
		conn := f.connect(t, f.published())
		if got := value[string](t, conn, `SELECT session_user || (SELECT count(*) FROM daily_rates)`); got != want+"0" {
			t.Errorf("the published login is %s, want %s", got, want)
		}
		f.leave(t, want, 0, conn)
		until := value[time.Time](t, f.Connect(t), `SELECT rolvaliduntil FROM pg_roles WHERE rolname = $1`, want)
		if left := time.Until(until); left < 59*time.Minute || left > 61*time.Minute {
			t.Errorf("the password ends in %v, want an hour", left)
		}
		if value[bool](t, f.Connect(t), `SELECT rolcanlogin OR rolpassword IS NOT NULL FROM pg_authid WHERE rolname = $1`, plan.Used) {
			t.Errorf("%s is still open", plan.Used)
		}
	}
	if got, want := f.events(t, b), "prepared proved published closed prepared proved published"; got != want {
		t.Errorf("events of %s: %s, want %s", b, got, want)
	}
	if n := value[int](t, f.Connect(t), `SELECT count(*) FROM login_events WHERE asked_by <> 'alice' OR approved_by <> 'bob'
		OR reason <> 'the quarter ends' OR recorded_by <> 'postgres'`); n > 0 {
		t.Errorf("%d events do not say who asked, who approved and why", n)
	}
}

// The login with sessions is the one in use, whatever was recorded, and it stays open
// until its last session has ended.
func TestRotateWaitsForSessions(t *testing.T) {
	f := newFixture(t)
	f.rotate(t)
	program := f.connect(t, f.published())
	done := make(chan error, 1)
	manager, rotation := f.manager(t, f.URL), f.rotation(t)
	go func() {
		_, err := manager.Rotate(t.Context(), rotation)
		done <- err
	}()
	testkit.Eventually(t, "the new login is published", func() bool {
		return strings.HasSuffix(f.events(t, f.logins[0]), "published")
	})
	if got := f.events(t, f.logins[1]); strings.HasSuffix(got, "closed") {
		t.Errorf("events of the login that is in use: %s", got)
	}
	f.connect(t, f.published()) // the program changes over
	if err := program.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if got := f.events(t, f.logins[1]); !strings.HasSuffix(got, "closed") {
		t.Errorf("events of the old login: %s", got)
	}
}

// Sessions that do not change over are named, and their login stays open. Once they
// have, another rotation puts everything right.
func TestRotateSaysWhoIsLeft(t *testing.T) {
	f := newFixture(t)
	f.rotate(t)
	stuck := f.connect(t, f.published()+"&application_name=stuck")
	f.leave(t, f.logins[1], 1) // the rotation has tried the login too
	hasty := f.rotation(t)
	hasty.Drain = time.Millisecond
	plan, err := f.manager(t, f.URL).Rotate(t.Context(), hasty)
	left, ok := errors.AsType[*LeftError](err)
	if !ok || left.Login != f.logins[1] || !strings.Contains(err.Error(), fmt.Sprintf(`1 session: pid %d "stuck"`, stuck.PgConn().PID())) {
		t.Fatalf("%v", err)
	}
	fresh := f.connect(t, f.published()) // the published login works, and so does the old
	if got := value[string](t, fresh, `SELECT session_user`); got != plan.Next {
		t.Errorf("published is %s", got)
	}
	_, err = f.manager(t, f.URL).Rotate(t.Context(), hasty)
	if left, ok := errors.AsType[*LeftError](err); !ok || left.Login != f.logins[1] || !strings.Contains(err.Error(), "both logins are in use") {
		t.Errorf("again, with sessions on both: %v", err)
	}
	f.leave(t, f.logins[1], 0, stuck)
	if _, err := f.manager(t, f.URL).Rotate(t.Context(), hasty); err == nil {
		t.Error("the session on the login that is in use now does not count")
	}
	f.leave(t, plan.Next, 0, fresh)
	if plan := f.rotate(t); plan.Used != f.logins[1] {
		t.Errorf("%s was in use, want %s", plan.Used, f.logins[1])
	}
	if open := value[int](t, f.Connect(t), `SELECT count(*) FROM pg_roles WHERE rolcanlogin AND rolname = ANY($1)`, f.logins[:]); open != 1 {
		t.Errorf("%d logins are open, want 1", open)
	}
}

// Two rotations at the same time would undo each other.
func TestRotationsTakeTurns(t *testing.T) {
	f := newFixture(t)
	rotation := f.rotation(t)
	rotation.Publish = refusing{func() {
		if _, err := f.manager(t, f.URL).Rotate(t.Context(), f.rotation(t)); !errors.Is(err, errBusy) {
			t.Errorf("the second: %v", err)
		}
	}}
	if _, err := f.manager(t, f.URL).Rotate(t.Context(), rotation); err == nil {
		t.Error("it succeeded")
	}
	f.rotate(t) // the lock is released
}

// Plan changes nothing.
func TestPlan(t *testing.T) {
	f := newFixture(t)
	plan, err := f.manager(t, f.URL).Plan(t.Context(), f.rotation(t))
	if err != nil || plan.Used != f.logins[0] || plan.Next != f.logins[1] {
		t.Errorf("%+v, %v", plan, err)
	}
	if n := value[int](t, f.Connect(t), `SELECT count(*) FROM pg_authid WHERE (rolcanlogin OR rolpassword IS NOT NULL) AND rolname = ANY($1)`, f.logins[:]); n > 0 {
		t.Errorf("%d logins were opened", n)
	}
	if _, err := os.Stat(f.file); !os.IsNotExist(err) {
		t.Errorf("something was published: %v", err)
	}
}

// Logins that a rotation must not touch are refused, with what to do.
func TestLoginsAreChecked(t *testing.T) {
	f := newFixture(t)
	stranger := f.role(t, "_stranger", "")
	powerful := f.role(t, "_powerful", "CREATEROLE IN ROLE rates_reader")
	for other, want := range map[string]string{
		f.logins[0]:   "a rotation needs two",
		"nobody":      `CREATE ROLE "nobody" IN ROLE rates_reader`,
		stranger:      `GRANT rates_reader TO "` + stranger + `"`,
		powerful:      "is an administrator",
		"postgres":    "is an administrator",
		`x"; DROP --`: `there is no login x"; DROP --`,
	} {
		rotation := f.rotation(t)
		rotation.Logins[1] = other
		_, err := f.manager(t, f.URL).Rotate(t.Context(), rotation)
		if _, refused := errors.AsType[*RefusedError](err); !refused || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", other, err, want)
		}
	}
}

// With log_statement=all, the server logs no password: it gets only the verifier.
func TestServerLogsNoPassword(t *testing.T) {
	f := newFixture(t)
	f.Exec(t, "ALTER DATABASE "+f.Name+" SET log_statement = 'all'; ALTER DATABASE "+f.Name+" SET log_min_duration_statement = 0; "+
		"ALTER DATABASE "+f.Name+" SET client_min_messages = 'log'") // what it logs, it also sends
	cfg, err := pgx.ParseConfig(f.URL)
	if err != nil {
		t.Fatal(err)
	}
	var logged strings.Builder
	cfg.OnNotice = func(_ *pgconn.PgConn, n *pgconn.Notice) { fmt.Fprintln(&logged, n.Message, n.Detail) }
	conn, err := pgx.ConnectConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }() // the database is dropped next
	var said testkit.Buffer
	manager := NewManager(conn, asked, newTestLog(&said))
	if _, err := manager.Rotate(t.Context(), f.rotation(t)); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(f.file)
	if err != nil {
		t.Fatal(err)
	}
	_, password, _ := strings.Cut(strings.TrimSpace(string(text)), "password=")
	log := logged.String()
	if !strings.Contains(log, "ALTER ROLE") || !strings.Contains(log, "SCRAM-SHA-256$4096") {
		t.Fatalf("the log is not that of the rotation:\n%s", log)
	}
	if len(password) != 26 || strings.Contains(log+said.String(), password) {
		t.Errorf("the password %q is logged:\n%s", password, log)
	}
}

package access

import (
	"context"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
)

// refusing does not publish.
type refusing struct{ before func() }

func (r refusing) Publish(context.Context, Credential) error {
	r.before()
	return errors.New("no such vault")
}

func (refusing) String() string { return "exec:refusing" }

// A failure before the new login is published changes nothing for the one in use:
// its file, its password and its sessions. The next rotation succeeds.
func TestRotateFails(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, f fixture, r *Rotation) (want, repair string){
		"it cannot be published": func(_ *testing.T, f fixture, r *Rotation) (string, string) {
			r.Publish = refusing{func() {}}
			return f.logins[1] + " still works, run this again: no such vault", `SELECT 1`
		},
		"it may not read": func(t *testing.T, f fixture, _ *Rotation) (string, string) {
			t.Helper()
			f.Exec(t, `REVOKE SELECT ON daily_rates FROM rates_reader`)
			return "was not published: read as " + f.logins[0] + ": ERROR: permission denied", `GRANT SELECT ON daily_rates TO rates_reader`
		},
		"it may not connect": func(t *testing.T, f fixture, _ *Rotation) (string, string) {
			t.Helper()
			f.Exec(t, `ALTER ROLE `+f.logins[0]+` CONNECTION LIMIT 0`)
			return "was not published: log in as " + f.logins[0], `ALTER ROLE ` + f.logins[0] + ` CONNECTION LIMIT -1`
		},
		"it cannot be recorded": func(t *testing.T, f fixture, _ *Rotation) (string, string) {
			t.Helper()
			f.Exec(t, `ALTER TABLE login_events ADD CONSTRAINT full_ CHECK (event <> 'prepared') NOT VALID`)
			return "record that " + f.logins[0] + " was prepared", `ALTER TABLE login_events DROP CONSTRAINT full_`
		},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t)
			f.rotate(t)
			before, err := os.ReadFile(f.file)
			if err != nil {
				t.Fatal(err)
			}
			running := f.connect(t, f.published())
			rotation := f.rotation(t)
			want, repair := spoil(t, f, &rotation)
			if _, err := f.manager(t, f.URL).Rotate(t.Context(), rotation); err == nil || !strings.Contains(err.Error(), want) {
				t.Fatalf("%v, want %s", err, want)
			}
			if after, err := os.ReadFile(f.file); err != nil || string(after) != string(before) {
				t.Errorf("the file changed: %v", err)
			}
			f.Exec(t, repair)
			fresh := f.connect(t, f.published())
			for _, conn := range []*pgx.Conn{running, fresh} {
				if got := value[string](t, conn, `SELECT session_user`); got != f.logins[1] {
					t.Errorf("logged in as %s, want %s", got, f.logins[1])
				}
			}
			f.leave(t, f.logins[0], 0)
			f.leave(t, f.logins[1], 0, running, fresh)
			if plan := f.rotate(t); plan.Next != f.logins[0] {
				t.Errorf("afterwards %s is published, want %s", plan.Next, f.logins[0])
			}
		})
	}
}

// A publisher that failed may have published all the same. Programs that use the new
// login then decide which is the idle one.
func TestRotateAfterHalfAPublication(t *testing.T) {
	f := newFixture(t)
	f.rotate(t)
	rotation, target := f.rotation(t), f.target(t)
	rotation.Publish = halfDone{target}
	if _, err := f.manager(t, f.URL).Rotate(t.Context(), rotation); err == nil {
		t.Fatal("it succeeded")
	}
	program := f.connect(t, f.published())
	f.leave(t, f.logins[1], 0)
	plan, err := f.manager(t, f.URL).Plan(t.Context(), f.rotation(t))
	if err != nil || plan.Used != f.logins[0] {
		t.Errorf("in use is %s, %v; want %s", plan.Used, err, f.logins[0])
	}
	if err := program.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

type halfDone struct{ Publisher }

func (h halfDone) Publish(ctx context.Context, c Credential) error {
	return errors.Join(h.Publisher.Publish(ctx, c), errors.New("the line was cut"))
}

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
)

// logins are roles of a test, dropped when it ends.
func logins(t *testing.T, database dbtest.Database, create ...string) {
	t.Helper()
	admin := database.Connect(t)
	for _, sql := range create {
		role, options, _ := strings.Cut(sql, " ")
		if options != "later" {
			database.Exec(t, "CREATE ROLE "+sql)
		}
		t.Cleanup(func() {
			_, err := admin.Exec(context.Background(), "DROP ROLE IF EXISTS "+role)
			if err != nil {
				t.Error(err)
			}
		})
	}
}

const why = " --reason why --approved-by bob --asked-by carol"

// Rotate, status, grant, revoke and sweep do what they say, and log each step.
func TestLogin(t *testing.T) {
	database := dbtest.New(t)
	a, b, alice := database.Name+"_a", database.Name+"_b", "x"+database.Name
	logins(t, database, a+" IN ROLE rates_reader", b+" IN ROLE rates_reader", alice+" later")
	file := filepath.Join(t.TempDir(), "pg_service.conf")
	login := func(args string) result {
		return command(t.Context(), nil, strings.Fields("login "+args+" --database-url "+database.URL)...)
	}
	expect := func(args, out string) result {
		t.Helper()
		got := login(args)
		if got.code != exitOK || !regexp.MustCompile("^(?:"+out+")$").MatchString(got.out) {
			t.Errorf("%s: exit code %d\n%s%s\nwant %s", args, got.code, got.out, got.err, out)
		}
		return got
	}
	const minute = `\d{4}-\d\d-\d\d \d\d:\d\d UTC`
	rotate := "rotate --publish file:" + file + " --logins " + a + "," + b
	expect(rotate+" --dry-run", fmt.Sprintf("%s, with 0 sessions, would be replaced by %s, until %s, through file:%s; nothing was changed\n", a, b, minute, file))
	got := expect(rotate+why, fmt.Sprintf("%s is in use until %s; %s is closed\n", b, minute, a))
	for _, step := range []string{"prepared", "proved", "published", "closed"} {
		if !regexp.MustCompile(`"event":"` + step + `".*"asked_by":"carol","approved_by":"bob","reason":"why"`).MatchString(got.err) {
			t.Errorf("%s is not logged:\n%s", step, got.err)
		}
	}
	expect("grant "+alice+" --role loader --for 2h --publish file:"+file+".alice"+why, alice+" is a loader until "+minute+"\n")
	expect("status", "LOGIN +MAY +STATE +UNTIL +SESSIONS +LAST CHANGE\n(.*\n)*"+
		a+" +reader +closed +- +- +closed "+minute+" by carol, approved by bob: why\n"+
		b+" +reader +open +"+minute+" +- +published "+minute+" by carol, approved by bob: why\n(.*\n)*"+
		alice+" +loader,reader +open +"+minute+" +- +granted "+minute+" by carol, approved by bob: why\n(.*\n)*")
	expect("sweep", "")
	expect("revoke "+alice+" --reason gone", alice+" has no access any more, and no session\n")
	for _, path := range []string{file, file + ".alice"} {
		text, err := os.ReadFile(path)
		_, password, _ := strings.Cut(strings.TrimSpace(string(text)), "password=")
		if err != nil || len(password) < 26 || strings.Contains(got.out+got.err, password) {
			t.Errorf("%s: %v, %q", path, err, text)
		}
	}
}

// Sessions that are left have an exit code of their own.
func TestLoginSessionsAreLeft(t *testing.T) {
	database := dbtest.New(t)
	a, b := database.Name+"_a", database.Name+"_b"
	logins(t, database, a+" LOGIN PASSWORD 'x' IN ROLE rates_reader", b+" IN ROLE rates_reader")
	cfg, err := pgx.ParseConfig(database.URL)
	if err != nil {
		t.Fatal(err)
	}
	cfg.User, cfg.Password = a, "x"
	stuck, err := pgx.ConnectConfig(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = stuck.Close(context.Background()) }() // the database is dropped next
	got := command(t.Context(), nil, strings.Fields("login rotate --drain 1ms --publish file:"+filepath.Join(t.TempDir(), "f")+
		" --logins "+a+","+b+why+" --database-url "+database.URL)...)
	if want := fmt.Sprintf("rates: %s is published, but %s has 1 session: pid %d", b, a, stuck.PgConn().PID()); got.code != exitLeft || !strings.Contains(got.err, want) {
		t.Errorf("exit code %d, %s\nwant %s", got.code, got.err, want)
	}
	if err := stuck.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// Without a terminal nobody changes logins without saying why, and who approved it.
func TestLoginNeedsReasons(t *testing.T) {
	const (
		url      = " --database-url=postgres:///x"
		reason   = "--reason is required: why, in a few words"
		approval = "--approved-by is required: the name of whoever approved it"
	)
	for args, want := range map[string]string{
		"rotate --publish file:x":                            reason + "\n" + approval,
		"rotate --publish file:x --reason why":               approval,
		"rotate --publish file:x --approved-by bob":          reason,
		"grant alice --for 2h --publish file:x":              reason + "\n" + approval,
		"grant alice --for 2h --publish exec:x --reason why": approval,
		"revoke alice": reason,
	} {
		command(t.Context(), nil, strings.Fields("login "+args+url)...).want(t, exitUsage, "", "rates: "+want+"\n")
	}
}

func TestLoginWrongUse(t *testing.T) {
	const url = " --database-url=postgres:///x"
	for args, want := range map[string]string{
		"rotate" + url:                                                    "login rotate: --publish: expected file:PATH or exec:COMMAND",
		"rotate --publish file:x":                                         "login rotate: " + noURL,
		"rotate --publish file:x --logins a" + url:                        "login rotate: --logins has 1 names; expected 2, as in a,b",
		"rotate --publish file:x --valid-days 0" + url:                    "login rotate: --valid-days is 0; expected 1 to 366",
		"rotate --publish file:x --drain=-1s" + url:                       "login rotate: --drain is -1s; expected 0 or more",
		"rotate --publish file:x --service a]b" + url:                     `login rotate: --publish: the service is named "a]b"; expected letters, digits, '_', '-' and '.'`,
		"grant alice --publish file:x" + url:                              "login grant: the time is 0s; expected more than 0 and at most 24h0m0s",
		"grant alice --publish file:x --for 48h" + url:                    "login grant: the time is 48h0m0s; expected more than 0 and at most 24h0m0s",
		"grant alice --publish file:x --for 1h --approved-by Alice" + url: "login grant: alice is to approve their own access; somebody else must",
		"grant alice --publish file:x --for 1h --role owner" + url:        `--role must be one of "reader","loader" but got "owner"`,
		"revoke" + url: `expected "<person>"`,
		"sweep":        "login sweep: " + noURL,
		"status":       "login status: " + noURL,
	} {
		command(t.Context(), nil, strings.Fields("login "+args)...).want(t, exitUsage, "", "rates: "+want+"\n"+hint)
	}
}

// Whoever may not manage logins is told what they lack, and nothing is changed.
func TestLoginWithoutRights(t *testing.T) {
	database := dbtest.New(t)
	for _, args := range []string{"status", "sweep", "revoke alice --reason why", "grant alice --for 1h --publish file:/nonexistent/x" + why} {
		got := command(t.Context(), nil, strings.Fields("login "+args+" --database-url "+database.As(dbtest.Reader))...)
		if got.code != exitFailure || got.out != "" || !strings.Contains(got.err, "rates: "+needsAccess) {
			t.Errorf("%s: exit code %d, %s%s", args, got.code, got.out, got.err)
		}
	}
}

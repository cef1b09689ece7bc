package app_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/rates/db/dbtest"
	"example.com/rates/db/migrations"
	"example.com/rates/internal/testkit"
	"example.com/rates/service/app"
)

// A service that starts before its database waits for it.
func TestStartWaitsForTheDatabase(t *testing.T) {
	database := newDatabase(t)
	line := database.Line(t)
	line.Set(dbtest.Cut)
	logs := &testkit.Buffer{}
	started := make(chan error, 1)
	var a *app.App
	go func() {
		var err error
		a, err = app.Start(t.Context(), newConfig(line.Through(database.As(dbtest.Reader))), logs)
		started <- err
	}()
	testkit.Eventually(t, "it says that it waits", func() bool { return strings.Contains(logs.String(), "waiting for the database") })
	select {
	case err := <-started:
		t.Fatalf("started without a database: %v", err)
	default:
	}
	line.Set(dbtest.Whole)
	if err := <-started; err != nil {
		t.Fatal(err)
	}
	wantStatus(t, a.URL()+question, http.StatusOK)
	if err := a.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// It waits no longer than configured, and then says what to check.
func TestStartGivesUp(t *testing.T) {
	database := dbtest.New(t)
	line := database.Line(t)
	line.Set(dbtest.Cut)
	for _, wait := range []time.Duration{0, 50 * time.Millisecond} {
		cfg := newConfig(line.Through(database.As(dbtest.Reader)))
		cfg.DatabaseWait = wait
		_, err := app.Start(t.Context(), cfg, &testkit.Buffer{})
		want := "the database did not answer within " + wait.String() + "; check DATABASE_URL and that the database runs: "
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("waiting for %v: %v\nwant %s", wait, err, want)
		}
	}
}

// Without a login the database was not even asked.
func TestStartGivesUpWithoutLogin(t *testing.T) {
	t.Setenv("PGPASSFILE", filepath.Join(t.TempDir(), "absent"))
	cfg := newConfig("host=127.0.0.1 user=somebody dbname=rates sslmode=disable")
	cfg.DatabaseLogin, cfg.DatabaseWait = "file", 50*time.Millisecond
	_, err := app.Start(t.Context(), cfg, &testkit.Buffer{})
	const want = "there was no login for the database within 50ms: "
	if err == nil || !strings.HasPrefix(err.Error(), want) {
		t.Errorf("the error is %v\nwant %s", err, want)
	}
}

// Interrupting it while it waits is not reported as a timeout.
func TestStartIsInterrupted(t *testing.T) {
	database := dbtest.New(t)
	line := database.Line(t)
	line.Set(dbtest.Cut)
	ctx, interrupt := context.WithCancel(t.Context())
	logs := &testkit.Buffer{}
	started := make(chan error, 1)
	go func() {
		_, err := app.Start(ctx, newConfig(line.Through(database.As(dbtest.Reader))), logs)
		started <- err
	}()
	testkit.Eventually(t, "it waits", func() bool { return strings.Contains(logs.String(), "waiting for the database") })
	interrupt()
	if err := <-started; !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

// Another schema is refused at once, with the command that fixes it: waiting
// would not help.
func TestStartRefusesAnotherSchema(t *testing.T) {
	older, newer, other := dbtest.New(t), dbtest.New(t), dbtest.New(t)
	other.Exec(t, `COMMENT ON TABLE goose_db_version IS NULL`)
	older.Exec(t, `DELETE FROM goose_db_version WHERE version_id >= $1`, migrations.Oldest)
	newer.Later(t, 1000, 1000)
	for url, remedy := range map[string]string{
		dbtest.NewBare(t).As(dbtest.Reader): "it is empty; run 'rates migrate' first",
		older.As(dbtest.Reader):             "it is older; run 'rates migrate'",
		newer.As(dbtest.Reader): fmt.Sprintf("it is newer and works only with programs from version 1000; run one of these, "+
			"or go back with its 'rates migrate --to %d --breaking'", migrations.Latest),
		other.As(dbtest.Reader): migrations.ErrOtherSet.Error(),
	} {
		logs := &testkit.Buffer{}
		_, err := app.Start(t.Context(), newConfig(url), logs)
		if !errors.Is(err, migrations.ErrSchema) || !strings.HasSuffix(err.Error(), remedy) {
			t.Errorf("the error is %v\nwant it to say: %s", err, remedy)
		}
		if strings.Contains(logs.String(), "waiting") {
			t.Errorf("it waited:\n%s", logs)
		}
	}
}

// While the database is unavailable, questions get 503 and the service is not
// ready; it recovers without a restart.
func TestDatabaseGoesAndComesBack(t *testing.T) {
	database := newDatabase(t)
	line := database.Line(t)
	a := start(t, newConfig(line.Through(database.As(dbtest.Reader))))
	wantStatus(t, a.URL()+question, http.StatusOK)
	for range 2 {
		line.Set(dbtest.Cut)
		testkit.Eventually(t, "questions are refused", func() bool {
			status, _, err := testkit.Get(t.Context(), a.URL()+question)
			return err == nil && status == http.StatusServiceUnavailable
		})
		body := wantStatus(t, a.URL()+"/readyz", http.StatusServiceUnavailable)
		if !strings.Contains(body, "The database cannot be reached. Try again in a few seconds.") {
			t.Errorf("/readyz says %s", body)
		}
		wantStatus(t, a.URL()+"/healthz", http.StatusOK)
		line.Set(dbtest.Whole)
		testkit.Eventually(t, "questions are answered again", func() bool {
			status, _, err := testkit.Get(t.Context(), a.URL()+question)
			return err == nil && status == http.StatusOK
		})
		wantStatus(t, a.URL()+"/readyz", http.StatusOK)
	}
}

// withLogin returns the URL of a database with a login.
func withLogin(t *testing.T, database dbtest.Database, user, password string) string {
	t.Helper()
	u, err := url.Parse(database.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(user, password)
	return u.String()
}

// However a connection string is wrong, its password is in no error and no log.
func TestPasswordStaysSecret(t *testing.T) {
	const secret = "hunter2"
	database := dbtest.New(t)
	line := database.Line(t)
	nowhere := database.Line(t)
	nowhere.Set(dbtest.Cut)
	for _, url := range []string{
		"postgres://rates:hunter2@[/rates",
		"postgres://rates:hunter2@127.0.0.1:1/rates?sslmode=hunter2",
		"postgres://rates:hunter2@127.0.0.1:1/rates",
		"host=127.0.0.1 port=1 user=rates password=hunter2",
		"host=127.0.0.1 port=nonsense password=hunter2",
		"password=hunter2 nonsense",
		nowhere.Through(withLogin(t, database, "rates", secret)),
		line.Through(withLogin(t, database, "nobody", secret)),
	} {
		cfg := newConfig(url)
		cfg.DatabaseWait = 0
		logs := &testkit.Buffer{}
		_, err := app.Start(t.Context(), cfg, logs)
		if err == nil || strings.Contains(err.Error()+logs.String(), secret) {
			t.Errorf("%s: %v\n%s", url, err, logs)
		}
	}
}

// A running service shows its password nowhere.
func TestPasswordStaysSecretWhileRunning(t *testing.T) {
	const secret = "hunter2"
	database := newDatabase(t)
	login := "rates_secret_" + database.Name
	database.Exec(t, "CREATE ROLE "+login+" LOGIN PASSWORD '"+secret+"' IN ROLE rates_reader")
	defer database.Exec(t, "DROP ROLE "+login)
	line := database.Line(t)
	cfg := newConfig(line.Through(withLogin(t, database, login, secret)))
	cfg.LogLevel = "debug"
	a := start(t, cfg)
	wantStatus(t, a.URL()+question, http.StatusOK)
	line.Set(dbtest.Cut)
	testkit.Eventually(t, "a question fails", func() bool {
		status, _, err := testkit.Get(t.Context(), a.URL()+question)
		return err == nil && status == http.StatusServiceUnavailable
	})
	seen := wantStatus(t, a.AdminURL()+"/metrics", http.StatusOK) + wantStatus(t, a.AdminURL()+"/debug/pprof/cmdline", http.StatusOK)
	if err := a.closed(t.Context()); err != nil {
		t.Error(err)
	}
	if log := a.logs.String(); strings.Contains(log+seen, secret) || !strings.Contains(log, "database cannot be reached") {
		t.Errorf("the password is shown, or nothing is logged:\n%s", log)
	}
}

package steps_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cucumber/godog"

	"example.com/rates/internal/testkit"
	"example.com/rates/service/login/logintest"
)

// tokensTag is on scenarios that need a server that verifies tokens.
const tokensTag = "@tokens"

// serverWithTokens returns a server that ends with the test, or an error if this
// machine has no PostgreSQL that can verify tokens.
func serverWithTokens(t *testing.T) (*logintest.Server, error) {
	t.Helper()
	server, err := logintest.Start(t.Context())
	if errors.Is(err, logintest.ErrNoLDAP) {
		return nil, err
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := server.Close(); err != nil {
			t.Error(err)
		}
	})
	return server, nil
}

func (w *world) registerLogins(sc *godog.ScenarioContext) {
	sc.Step(`^a database that accepts tokens of Entra only$`, w.aDatabaseThatAcceptsTokens)
	sc.Step(`^the tokens say "(\w+)": "([^"]*)"$`, w.theTokensSay)
	sc.Step(`^tokens live for (\d+) seconds, and connections for (\d+) seconds?$`, w.tokensLive)
	sc.Step(`^the connection string has the password "([^"]*)"$`, w.theConnectionStringHasPassword)
	sc.Step(`^the endpoint of the identity goes away$`, func() { w.endpoint.SetAway(true) })
	sc.Step(`^the endpoint of the identity is back$`, func() { w.endpoint.SetAway(false) })
	sc.Step(`^the endpoint of the identity was asked$`, w.theEndpointWasAsked)
	sc.Step(`^"rates migrate" is run with a token, without waiting$`, w.migrateWithToken)
	sc.Step(`^the service wrote no token$`, w.theServiceWroteNoToken)
	sc.Step(`^the log of the service soon holds "([^"]*)"$`, w.theLogSoonSays)
	sc.Step(`^the login of the service is in a file$`, w.theLoginIsInAFile)
	sc.Step(`^the login in the file is replaced, and the old one can log in no longer$`, w.theLoginIsReplaced)
	sc.Step(`^the old login soon has no session$`, w.theOldLoginHasNoSession)
}

func (w *world) aDatabaseThatAcceptsTokens() error {
	w.endpoint = w.tokens.Endpoint("rates_service")
	w.atEnd(func(context.Context) error { w.endpoint.Close(); return nil })
	maps.Copy(w.settings, w.endpoint.Settings())
	w.settings["DATABASE_URL"] = w.tokens.As("rates_service")
	w.settings["RATES_CACHE_MB"] = "0" // each question needs a connection
	return w.own()
}

func (w *world) theTokensSay(claim, value string) {
	if number, err := strconv.Atoi(value); err == nil {
		w.endpoint.Change(claim, number)
		return
	}
	w.endpoint.Change(claim, value)
}

func (w *world) tokensLive(tokens, connections int) {
	w.endpoint.SetLife(time.Duration(tokens) * time.Second)
	w.settings["DATABASE_URL"] += fmt.Sprintf(patient+"&pool_max_conn_lifetime=%ds&pool_health_check_period=100ms", connections)
}

func (w *world) theConnectionStringHasPassword(password string) {
	w.settings["DATABASE_URL"] += "&password=" + password
}

func (w *world) theEndpointWasAsked() error {
	return testkit.Retry(func() error {
		if w.endpoint.Refused() == 0 {
			return errors.New("nobody asked the endpoint")
		}
		return nil
	})
}

func (w *world) migrateWithToken() error {
	endpoint := w.tokens.Endpoint("rates_migrate")
	endpoint.SetAway(true)
	w.endpoint.Close()
	w.endpoint = endpoint
	env := endpoint.Settings()
	env["DATABASE_URL"] = w.tokens.As("rates_migrate")
	proc, err := w.program.start(launch{dir: w.dir, env: env, args: []string{"migrate"}})
	if err != nil {
		return err
	}
	w.command = proc
	w.atEnd(func(context.Context) error { return proc.stop() })
	return nil
}

func (w *world) theServiceWroteNoToken() error {
	wrote := w.command.stdout.String() + w.command.stderr.String()
	for _, token := range w.endpoint.Issued() {
		signature := token[strings.LastIndex(token, ".")+1:]
		if strings.Contains(wrote, signature) || strings.Contains(wrote, token[:40]) {
			return fmt.Errorf("it wrote a token:\n%s", wrote)
		}
	}
	if len(w.endpoint.Issued()) == 0 {
		return errors.New("no token was asked for")
	}
	return nil
}

func (w *world) theLogSoonSays(text string) error {
	return testkit.Retry(func() error {
		if !strings.Contains(w.service.proc.stderr.String(), text) {
			return errors.New("the log does not say so")
		}
		return nil
	})
}

// theLoginIsInAFile makes a login of its own, which the service finds in a service
// file.
func (w *world) theLoginIsInAFile(ctx context.Context) error {
	db, err := w.database(ctx)
	if err != nil {
		return err
	}
	service, err := w.with(serviceFile)
	if err != nil {
		return err
	}
	w.settings["DATABASE_URL"] = service + patient + "&pool_max_conn_lifetime=1s&pool_health_check_period=100ms"
	w.settings["RATES_DATABASE_LOGIN"] = "file"
	w.settings["RATES_CACHE_MB"] = "0"
	return w.newLogin(ctx, db.Name+"_a")
}

// newLogin makes a login and puts it into the file.
func (w *world) newLogin(ctx context.Context, name string) error {
	conn, err := w.connection(ctx)
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, fmt.Sprintf("CREATE ROLE %[1]s LOGIN PASSWORD '%[1]s' IN ROLE rates_reader", name)); err != nil {
		return fmt.Errorf("make a login: %w", err)
	}
	w.atEnd(func(ctx context.Context) error {
		_, err := conn.Exec(ctx, "DROP ROLE "+name)
		return err
	})
	file, path := fmt.Sprintf("[rates]\nuser=%[1]s\npassword=%[1]s\n", name), w.path(serviceFile)
	return errors.Join(os.WriteFile(path+".new", []byte(file), 0o600), os.Rename(path+".new", path))
}

func (w *world) theLoginIsReplaced(ctx context.Context) error {
	w.login = w.db.Name + "_a"
	if err := w.newLogin(ctx, w.db.Name+"_b"); err != nil {
		return err
	}
	_, err := w.admin.Exec(ctx, "ALTER ROLE "+w.login+" NOLOGIN")
	return err
}

func (w *world) theOldLoginHasNoSession(ctx context.Context) error {
	return testkit.Retry(func() error {
		var old, others int
		err := w.admin.QueryRow(ctx, `SELECT count(*) FILTER (WHERE usename = $1), count(*) FILTER (WHERE usename = $2)
			FROM pg_stat_activity`, w.login, w.db.Name+"_b").Scan(&old, &others)
		if err == nil && (old > 0 || others == 0) {
			err = fmt.Errorf("%d sessions have the old login, %d the new one", old, others)
		}
		return err
	})
}

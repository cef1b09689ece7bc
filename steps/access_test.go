package steps_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os"
	"strings"

	"github.com/cucumber/godog"
	"github.com/jackc/pgx/v5"

	"example.com/rates/internal/testkit"
)

// serviceFile is where the scenarios publish the login of the service.
const serviceFile = "pg_service.conf"

func (w *world) registerAccess(sc *godog.ScenarioContext) {
	sc.Step(`^two logins that the service uses in turn$`, w.twoLogins)
	sc.Step(`^the login of the service is rotated (\d+) times?$`, w.theLoginIsRotated)
	sc.Step(`^the login of the service is rotated, waiting for (\S+)$`, func(ctx context.Context, most string) error {
		return w.rotate(ctx, "--drain "+most)
	})
	sc.Step(`^the login of the service is rotated, with "([^"]*)"$`, w.rotate)
	sc.Step(`^the old login is closed nevertheless$`, w.theOldLoginIsClosed)
	sc.Step(`^"([^"]*)" has no login$`, w.hasNoLogin)
	sc.Step(`^the time of "([^"]*)" is over$`, w.theTimeIsOver)
	sc.Step(`^nobody wrote the password in "([^"]*)"$`, w.nobodyWroteThePassword)
	sc.Step(`^whoever has "([^"]*)" (may|may not) run "([^"]*)"$`, w.whoeverHas)
	sc.Step(`^the sessions of "([^"]*)" have ended$`, w.theSessionsHaveEnded)
	sc.Step(`^it is recorded that:$`, w.itIsRecorded)
}

// twoLogins makes the logins, and publishes one of them for the service.
func (w *world) twoLogins(ctx context.Context) error {
	db, err := w.database(ctx)
	if err != nil {
		return err
	}
	if err := w.databases.server.CheckPasswords(ctx); err != nil {
		return err
	}
	w.logins = [2]string{db.Name + "_a", db.Name + "_b"}
	conn, err := w.connection(ctx)
	if err != nil {
		return err
	}
	for _, login := range w.logins {
		if err := w.hasNoLogin(ctx, login); err != nil {
			return err
		}
		if _, err := conn.Exec(ctx, "CREATE ROLE "+login+" IN ROLE rates_reader"); err != nil {
			return fmt.Errorf("make a login: %w", err)
		}
	}
	// Connections that last for seconds change over in seconds.
	service, err := w.with(serviceFile)
	if err != nil {
		return err
	}
	w.settings["DATABASE_URL"] = service + patient + "&pool_max_conn_lifetime=1s"
	return w.theLoginIsRotated(ctx, 1)
}

// hasNoLogin drops the login, if there is one, now and when the scenario ends.
func (w *world) hasNoLogin(ctx context.Context, login string) error {
	conn, err := w.connection(ctx)
	if err != nil {
		return err
	}
	drop := func(ctx context.Context) error {
		if err := endSessions(ctx, conn, login); err != nil {
			return err
		}
		_, err := conn.Exec(ctx, "DROP ROLE IF EXISTS "+login)
		return err
	}
	w.atEnd(drop)
	return errors.Join(w.databases.server.CheckPasswords(ctx), drop(ctx))
}

func endSessions(ctx context.Context, conn *pgx.Conn, login string) error {
	return testkit.Retry(func() error {
		var left int
		err := conn.QueryRow(ctx, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE usename = $1`, login).Scan(&left)
		if err == nil && left > 0 {
			err = fmt.Errorf("%s still has %d sessions", login, left)
		}
		return err
	})
}

func (w *world) theLoginIsRotated(ctx context.Context, times int) error {
	for range times {
		if err := w.rotate(ctx, ""); err != nil {
			return err
		}
		if err := w.command.failure(); err != nil {
			return err
		}
	}
	return nil
}

// rotate runs the command with more arguments, of which the last counts.
func (w *world) rotate(ctx context.Context, more string) error {
	if w.service == nil && w.settings["RATES_DATABASE_LOGIN"] != "" {
		if err := w.startService(ctx); err != nil {
			return err
		}
	}
	line := "login rotate --logins " + strings.Join(w.logins[:], ",") + " --publish file:" + serviceFile +
		" --reason drill --approved-by bob " + more
	return w.runAndWait(ctx, line, "", nil)
}

// theOldLoginIsClosed ends the login that was not published last, with its sessions.
func (w *world) theOldLoginIsClosed(ctx context.Context) error {
	var old string
	err := w.admin.QueryRow(ctx, `SELECT login FROM login_events WHERE event = 'published' GROUP BY login ORDER BY max(id) LIMIT 1`).Scan(&old)
	if err != nil {
		return fmt.Errorf("find the old login: %w", err)
	}
	if _, err := w.admin.Exec(ctx, "ALTER ROLE "+old+" NOLOGIN"); err != nil {
		return fmt.Errorf("close the old login: %w", err)
	}
	return endSessions(ctx, w.admin, old)
}

func (w *world) theTimeIsOver(ctx context.Context, login string) error {
	_, err := w.admin.Exec(ctx, "ALTER ROLE "+login+" VALID UNTIL '2021-01-01'")
	return err
}

// nobodyWroteThePassword looks in the output of the last command, in the log of the
// service and in the record.
func (w *world) nobodyWroteThePassword(ctx context.Context, file string) error {
	text, err := os.ReadFile(w.path(file))
	if err != nil {
		return err
	}
	_, password, _ := strings.Cut(strings.TrimSpace(string(text)), "password=")
	if len(password) < 20 {
		return fmt.Errorf("%s has no password", file)
	}
	written := w.command.stdout.String() + w.command.stderr.String()
	if w.service != nil {
		written += w.service.proc.stderr.String()
	}
	var record string
	if err := w.admin.QueryRow(ctx, `SELECT string_agg(e::text, E'\n') FROM login_events e`).Scan(&record); err != nil {
		return fmt.Errorf("read the record: %w", err)
	}
	if strings.Contains(written+record, password) {
		return fmt.Errorf("the password %s was written:\n%s\n%s", password, written, record)
	}
	return nil
}

// with returns the URL of the database for whoever has a published file.
func (w *world) with(file string) (string, error) {
	u, err := url.Parse(w.db.URL)
	if err != nil {
		return "", fmt.Errorf("read the URL of the database: %w", err)
	}
	u.User = nil
	query := u.Query()
	query.Set("service", "rates")
	query.Set("servicefile", w.path(file))
	u.RawQuery = query.Encode()
	return u.String(), nil
}

// whoeverHas runs SQL in a session that stays open if it may.
func (w *world) whoeverHas(ctx context.Context, file, may, sql string) error {
	target, err := w.with(file)
	if err != nil {
		return err
	}
	conn, err := pgx.Connect(ctx, target)
	if err == nil {
		w.sessionsOf = append(w.sessionsOf, conn)
		w.atEnd(func(ctx context.Context) error { return conn.Close(ctx) })
		_, err = conn.Exec(ctx, sql)
	}
	if (err == nil) != (may == "may") {
		return fmt.Errorf("%s: %w", sql, orSuccess(err))
	}
	return nil
}

// orSuccess returns err, or one that says that there is none.
func orSuccess(err error) error {
	if err == nil {
		return errors.New("it succeeded")
	}
	return err
}

func (w *world) theSessionsHaveEnded(ctx context.Context) error {
	if len(w.sessionsOf) == 0 {
		return errors.New("there was no session")
	}
	for _, conn := range w.sessionsOf {
		if _, err := conn.Exec(ctx, "SELECT 1"); err == nil {
			return errors.New("a session goes on")
		}
	}
	w.sessionsOf = nil
	return nil
}

func (w *world) itIsRecorded(ctx context.Context, want *godog.Table) error {
	var columns []string
	for _, cell := range want.Rows[0].Cells {
		columns = append(columns, pgx.Identifier{cell.Value}.Sanitize())
	}
	rows, err := w.admin.Query(ctx, "SELECT concat_ws('|', "+strings.Join(columns, ", ")+") FROM login_events ORDER BY id")
	if err != nil {
		return fmt.Errorf("read the record: %w", err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return fmt.Errorf("read the record: %w", err)
	}
	var lines []string
	for _, row := range want.Rows[1:] {
		var cells []string
		for _, cell := range row.Cells {
			cells = append(cells, cell.Value)
		}
		lines = append(lines, strings.Join(cells, "|"))
	}
	if a, b := strings.Join(got, "\n"), strings.Join(lines, "\n"); a != b {
		return fmt.Errorf("recorded:\n%s\nwant:\n%s", a, b)
	}
	return nil
}

package steps_test

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/cucumber/godog"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
)

func (w *world) registerDatabase(sc *godog.ScenarioContext) {
	sc.Step(`^an empty database$`, w.anEmptyDatabase)
	sc.Step(`^the database sets for its sessions:$`, w.theDatabaseSets)
	sc.Step(`^the schema of the database is newer than the program$`, w.theSchemaIsNewer)
	sc.Step(`^the schema of the database needs a newer program$`, w.theSchemaNeedsANewerProgram)
	sc.Step(`^a line to the database that can be cut$`, func(ctx context.Context) error { return w.aLineToTheDatabase(ctx, dbtest.NewLine) })
	sc.Step(`^a line to the database that drops notifications$`, func(ctx context.Context) error { return w.aLineToTheDatabase(ctx, dbtest.NewPooler) })
	sc.Step(`^the database refuses the service from now on$`, w.theServiceIsRefused)
	sc.Step(`^the line to the database is cut$`, func() error { return w.setLine(dbtest.Cut) })
	sc.Step(`^the line to the database falls silent$`, func() error { return w.setLine(dbtest.Silent) })
	sc.Step(`^the line to the database is restored$`, func() error { return w.setLine(dbtest.Whole) })
	sc.Step(`^the service soon gets change notifications$`, w.notificationsBegin)
	sc.Step(`^the service loses its change notifications$`, w.notificationsEnd)
	sc.Step(`^another session locks (the data|"\w+") against (reading|writing)$`, w.anotherSessionLocks)
	sc.Step(`^another session reads the data, as a dump does$`, w.anotherSessionReads)
	sc.Step(`^the other session (?:releases its lock|ends)$`, w.theOtherSessionReleases)
	sc.Step(`^the login of the service runs:$`, w.theLoginRuns)
	sc.Step(`^the database denies permission$`, w.theDatabaseDeniesPermission)
	sc.Step(`^the database allows it$`, func() error { return w.refusal })
}

// anEmptyDatabase has no schema.
func (w *world) anEmptyDatabase(ctx context.Context) error {
	db, err := w.databases.server.Create(ctx, true)
	if err != nil {
		return fmt.Errorf("make a database: %w", err)
	}
	w.db = db
	w.atEnd(func(ctx context.Context) error { return w.databases.server.Drop(ctx, db.Name) })
	return w.own()
}

// theDatabaseSets makes settings for all sessions that begin from now on. Those of
// the scenario itself have begun.
func (w *world) theDatabaseSets(ctx context.Context, settings *godog.Table) error {
	conn, err := w.connection(ctx)
	if err != nil {
		return err
	}
	_, rows := split(settings)
	for _, row := range rows {
		sql := fmt.Sprintf("ALTER DATABASE %s SET %s TO '%s'", w.db.Name, row[0], row[1]) // takes no parameters
		if _, err := conn.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

func (w *world) theSchemaIsNewer(ctx context.Context) error {
	conn, err := w.connection(ctx)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, `INSERT INTO goose_db_version (version_id, is_applied) SELECT max(version_id) + 1, true FROM goose_db_version`)
	return err
}

// theSchemaNeedsANewerProgram stands for a breaking migration of a later program.
func (w *world) theSchemaNeedsANewerProgram(ctx context.Context) error {
	if err := w.theSchemaIsNewer(ctx); err != nil {
		return err
	}
	conn, err := w.connection(ctx)
	if err != nil {
		return err
	}
	_, err = conn.Exec(ctx, `DO $$ BEGIN
		EXECUTE format('COMMENT ON TABLE goose_db_version IS %L',
			(SELECT obj_description('goose_db_version'::regclass) || ' They work with programs from version ' || max(version_id) || '.'
			FROM goose_db_version));
	END $$`)
	return err
}

func (w *world) aLineToTheDatabase(ctx context.Context, begin func(database string) (*dbtest.Line, error)) error {
	if w.service != nil {
		return errors.New("the service is connected to its database already")
	}
	db, err := w.database(ctx)
	if err != nil {
		return err
	}
	w.line, err = begin(db.URL)
	if err != nil {
		return err
	}
	w.atEnd(func(context.Context) error { return w.line.Close() })
	return nil
}

// refuse refuses new connections to everybody but superusers, and ends the sessions of
// the service for which a condition on pg_stat_activity holds.
func (w *world) refuse(ctx context.Context, condition string) error {
	conn, err := w.connection(ctx)
	if err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, "REVOKE CONNECT ON DATABASE "+w.db.Name+" FROM PUBLIC"); err != nil {
		return fmt.Errorf("refuse new connections: %w", err)
	}
	end := `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND ` + condition
	if _, err := conn.Exec(ctx, end); err != nil {
		return fmt.Errorf("end the sessions: %w", err)
	}
	return nil
}

// theServiceIsRefused takes the right to connect from the login of the service,
// and ends its sessions.
func (w *world) theServiceIsRefused(ctx context.Context) error {
	return w.refuse(ctx, "usename = '"+dbtest.Reader+"'")
}

func (w *world) setLine(state dbtest.LineState) error {
	if w.line == nil {
		return errors.New("there is no line that can be cut")
	}
	w.line.Set(state)
	return nil
}

// notificationsBegin waits for the connection with change notifications, which
// the service opens while it answers the first questions.
func (w *world) notificationsBegin(ctx context.Context) error {
	if _, err := w.running(ctx); err != nil {
		return err
	}
	return testkit.Retry(func() error {
		if !strings.Contains(w.service.proc.stderr.String(), "watching for changes of the data") {
			return errors.New("the service does not say that it watches for changes")
		}
		return nil
	})
}

// notificationsEnd closes the connection with change notifications and prevents
// another. The connections for questions stay open.
func (w *world) notificationsEnd(ctx context.Context) error {
	if err := w.refuse(ctx, "application_name = 'rates watch'"); err != nil {
		return err
	}
	return testkit.Retry(func() error {
		if !strings.Contains(w.service.proc.stderr.String(), "change notifications are lost") {
			return errors.New("the service does not say that notifications are lost")
		}
		return nil
	})
}

// dataTables are the tables with data.
const dataTables = "regions, ports, prices, daily_rates"

// anotherSessionLocks keeps one table, or all with data, from being read or written
// until the session releases its lock.
func (w *world) anotherSessionLocks(ctx context.Context, what, against string) error {
	db, err := w.database(ctx)
	if err != nil {
		return err
	}
	conn, err := w.connect(ctx, db.URL)
	if err != nil {
		return err
	}
	tables := strings.Trim(what, `"`)
	if what == "the data" {
		tables = dataTables
	}
	mode := map[string]string{"reading": "ACCESS EXCLUSIVE", "writing": "SHARE"}[against]
	if w.blocker, err = conn.Begin(ctx); err != nil {
		return fmt.Errorf("begin to lock: %w", err)
	}
	_, err = w.blocker.Exec(ctx, "LOCK TABLE "+tables+" IN "+mode+" MODE")
	return err
}

// anotherSessionReads holds the locks of a dump.
func (w *world) anotherSessionReads(ctx context.Context) error {
	db, err := w.database(ctx)
	if err != nil {
		return err
	}
	conn, err := w.connect(ctx, db.URL)
	if err != nil {
		return err
	}
	if w.blocker, err = conn.Begin(ctx); err != nil {
		return fmt.Errorf("begin to read: %w", err)
	}
	_, err = w.blocker.Exec(ctx, "SET application_name = 'pg_dump'; LOCK TABLE "+dataTables+" IN ACCESS SHARE MODE")
	return err
}

func (w *world) theOtherSessionReleases(ctx context.Context) error {
	if w.blocker == nil {
		return errors.New("no other session locks anything")
	}
	return w.blocker.Rollback(ctx)
}

// theLoginRuns keeps the error of the database for the next step.
func (w *world) theLoginRuns(ctx context.Context, sql *godog.DocString) error {
	db, err := w.database(ctx)
	if err != nil {
		return err
	}
	conn, err := w.connect(ctx, db.As(dbtest.Reader))
	if err != nil {
		return err
	}
	_, w.refusal = conn.Exec(ctx, sql.Content)
	return nil
}

// theDatabaseDeniesPermission requires the error code for missing privileges: a
// read-only transaction is not enough.
func (w *world) theDatabaseDeniesPermission() error {
	const insufficientPrivilege = "42501"
	var refused *pgconn.PgError
	if !errors.As(w.refusal, &refused) || refused.Code != insufficientPrivilege {
		return fmt.Errorf("the database did not deny permission: %w", w.refusal)
	}
	return nil
}

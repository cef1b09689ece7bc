package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
	"example.com/rates/service/rates"
)

// An error says what happened in words for the user of a command, and keeps those of
// the database.
func TestExplain(t *testing.T) {
	server := func(code, message string) error {
		return fmt.Errorf("copy prices: %w", &pgconn.PgError{Severity: "ERROR", Code: code, Message: message})
	}
	for _, c := range []struct {
		err  error
		want string
	}{
		{server("53100", "could not extend file"), "the disk of the database is full; "},
		{server("53200", "out of memory"), "the database is out of memory; "},
		{server("53300", "sorry, too many clients already"), "the database has no connection left; "},
		{server("55P03", "canceling statement due to lock timeout"), "another session held a lock for longer than lock_timeout allows; "},
		{server("57014", "canceling statement due to statement timeout"), "the database cancelled the work, at somebody's request or by statement_timeout; "},
		{server("57P01", "terminating connection due to administrator command"), "the connection to the database was lost; "},
		{server("25006", "cannot execute INSERT in a read-only transaction"), "the database is read-only; "},
		{server("25P03", "terminating connection due to idle-in-transaction timeout"), "the database ended the session by idle_in_transaction_session_timeout; "},
		{server("42501", "permission denied for table prices"), "it needs more: "},
		{server("22012", "division by zero"), "copy prices: ERROR: division by zero (SQLSTATE 22012)"},
		{fmt.Errorf("copy prices: %w", io.ErrUnexpectedEOF), "the connection to the database was lost; "},
		{fmt.Errorf("begin: %w", pgconn.ErrConnClosed), "the connection to the database was lost; "},
		{fmt.Errorf("begin: %w", &net.OpError{Op: "write", Err: syscall.ECONNRESET}), "the connection to the database was lost; "},
		{fmt.Errorf("write sums to a temporary file: %w", syscall.ENOSPC), "write sums to a temporary file: no space left on device; make room there, or set TMPDIR"},
		{errors.New("x.csv was already imported"), "x.csv was already imported"},
		{context.Canceled, "context canceled"},
	} {
		for _, err := range []error{c.err, &rates.Error{Kind: rates.Internal, Message: "The service failed to answer.", Cause: c.err}} {
			got := explain(err, "it needs more")
			if !errors.Is(got, c.err) && !errors.Is(err, context.Canceled) || !strings.Contains(got.Error(), c.want) ||
				!strings.Contains(got.Error(), c.err.Error()) {
				t.Errorf("got %v\nwant %s", got, c.want)
			}
			if strings.Contains(got.Error(), "The service") && !errors.Is(err, context.Canceled) {
				t.Errorf("%v speaks of the service", got)
			}
		}
	}
	if explain(nil, "") != nil {
		t.Error("no error is an error")
	}
}

// An import whose session is ended says that the connection was lost.
func TestImportLosesItsConnection(t *testing.T) {
	database := dbtest.NewWorld(t)
	admin := database.Connect(t)
	tx, err := database.Connect(t).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `SELECT lock_data()`); err != nil {
		t.Fatal(err)
	}
	done := make(chan result, 1)
	file := writeFile(t, "c.csv", pricesHead+aPrice)
	go func() {
		done <- command(t.Context(), nil, "import", "--database-url", database.As(dbtest.Loader), file)
	}()
	testkit.Eventually(t, "the import waits", func() bool {
		return dbtest.Value[bool](t, admin, `SELECT coalesce(bool_or(pg_terminate_backend(pid)), false) FROM pg_stat_activity
			WHERE datname = current_database() AND usename = $1 AND wait_event_type = 'Lock'`, dbtest.Loader)
	})
	if got := <-done; got.code != exitFailure || !strings.HasPrefix(got.err, "rates: "+lost+": ") {
		t.Errorf("exit code %d, %s", got.code, got.err)
	}
}

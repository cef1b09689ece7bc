package postgres

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"example.com/rates/service/rates"
)

// failed converts an error of the driver to one of the domain.
func failed(doing string, err error) error {
	if err == nil {
		return nil
	}
	cause := fmt.Errorf("%s: %w", doing, refusal(err))
	switch {
	case isTimeout(err):
		return &rates.Error{
			Kind: rates.Timeout, Cause: cause,
			Message: "The question took longer than allowed. Ask for fewer days, or try again.",
		}
	case isConnect(err), isAway(err), isPassing(err):
		return &rates.Error{
			Kind: rates.Unavailable, Cause: cause,
			Message: "The database cannot be reached. Try again in a few seconds.",
		}
	default:
		return rates.AsError(cause)
	}
}

const queryCanceled = "57014"

func isTimeout(err error) bool {
	if isConnect(err) {
		return false
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == queryCanceled
	}
	return errors.Is(err, context.DeadlineExceeded)
}

// isConnect reports whether err means that there is no connection: the server
// cannot be reached or lets nobody in, whatever its reason, or there is no login
// to try.
func isConnect(err error) bool {
	if _, ok := errors.AsType[*LoginError](err); ok {
		return true
	}
	_, ok := errors.AsType[*pgconn.ConnectError](err)
	return ok || errors.Is(err, errNoConnection)
}

// isAway reports whether err means that the connection has ended, so that another
// may do better.
func isAway(err error) bool {
	if isConnect(err) {
		return false
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return isFatal(pg) || isStopping(pg) || strings.HasPrefix(pg.Code, "08")
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) ||
		errors.Is(err, pgconn.ErrConnClosed) {
		return true
	}
	_, isNet := errors.AsType[*net.OpError](err)
	return isNet
}

// isFatal reports whether the server ends the session with this error.
func isFatal(err *pgconn.PgError) bool {
	severity := cmp.Or(err.SeverityUnlocalized, err.Severity)
	return severity == "FATAL" || severity == "PANIC"
}

// isStopping reports whether the server stops, has crashed or starts up.
func isStopping(err *pgconn.PgError) bool {
	return slices.Contains([]string{"57P01", "57P02", "57P03"}, err.Code)
}

// passing are the classes of errors of a statement that say nothing about the
// question: the same one may be answered in a moment. They are from PostgreSQL's
// appendix A, "Error Codes".
var passing = []string{
	"08", // connection exception
	"28", // invalid authorization
	"3D", // invalid catalog name: the database is gone
	"40", // transaction rollback: a deadlock, or a standby that has to go on
	"53", // insufficient resources
	"55", // object not in prerequisite state: locked, or in use
	"57", // operator intervention; queryCanceled is a timeout
	"58", // system error, outside of PostgreSQL
	"72", // snapshot too old
}

// These say nothing about the question either.
const (
	readOnlyTransaction   = "25006" // a standby cannot run the statement
	insufficientPrivilege = "42501" // the login has lost a right, or was dropped
)

func isPassing(err error) bool {
	pg, ok := errors.AsType[*pgconn.PgError](err)
	return ok && len(pg.Code) == 5 && (slices.Contains(passing, pg.Code[:2]) ||
		pg.Code == readOnlyTransaction || pg.Code == insufficientPrivilege)
}

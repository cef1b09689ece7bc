package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"
)

// RefusedError says that the database refuses connections, for a reason that
// waiting does not remove.
type RefusedError struct {
	Cause  error  // the server's own words where there are any
	Remedy string // what to do
	Source string // of the login, "" for the connection string
	err    error  // Cause with the hosts that were tried
}

// Error returns the cause and the remedy.
func (e *RefusedError) Error() string {
	if e.Source != "" {
		return fmt.Sprintf("the database refuses the connection with the login from the source %q: %v; %s", e.Source, e.Cause, e.Remedy)
	}
	return "the database refuses the connection: " + e.Cause.Error() + "; " + e.Remedy
}

// Unwrap returns the error of the driver.
func (e *RefusedError) Unwrap() error { return e.err }

// remedies are for the errors of PostgreSQL that waiting does not remove, by their
// code.
var remedies = map[string]string{
	"0A000": "remove the parameter from the connection string",
	"22023": "correct the parameter in the connection string",
	"28000": "check the user, and what pg_hba.conf and sslmode allow",
	"28P01": "check the user and the password",
	"3D000": "create the database, or correct its name",
	"42501": "grant the login what it lacks",
	"42601": "correct options in the connection string",
	"42704": "remove the parameter from the connection string",
	"55P02": "remove the parameter from the connection string",
}

// refusal returns a *RefusedError around err if every host that was tried refuses
// the connection and will go on doing so. Otherwise it returns err.
func refusal(err error) error {
	if _, noLogin := errors.AsType[*LoginError](err); noLogin || !isConnect(err) {
		return err
	}
	refused := &RefusedError{err: err}
	for _, one := range attempts(err) {
		remedy, cause := judge(one)
		if remedy == "" {
			return err
		}
		// The last one says most: without TLS, if both ways were tried.
		refused.Cause, refused.Remedy = cause, remedy
	}
	if sourced, ok := errors.AsType[*sourcedError](err); ok {
		refused.Source = sourced.source.Name
		if pg, ok := errors.AsType[*pgconn.PgError](refused.Cause); ok && strings.HasPrefix(pg.Code, "28") {
			refused.Remedy = sourced.source.Remedy
		}
	}
	return refused
}

// attempts returns the error of each host that was tried.
func attempts(err error) []error {
	for inner := err; inner != nil; inner = errors.Unwrap(inner) {
		if joined, ok := inner.(interface{ Unwrap() []error }); ok {
			return joined.Unwrap()
		}
	}
	return []error{err}
}

// judge returns what to do about an attempt that failed, "" if that is to wait,
// and the server's own words where there are any.
func judge(err error) (remedy string, cause error) {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		if strings.Contains(pg.Message, "unsupported startup parameter") {
			return "remove the parameter from the connection string: the pooler does not accept it", pg
		}
		return remedies[pg.Code], pg
	}
	for _, wait := range []error{
		io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, context.Canceled, context.DeadlineExceeded, errNoConnection,
		// Another server may take over.
		pgconn.ErrReadOnlyConnection, pgconn.ErrReadWriteConnection, pgconn.ErrPrimaryConnection, pgconn.ErrStandbyConnection,
	} {
		if errors.Is(err, wait) {
			return "", err
		}
	}
	if _, isNet := errors.AsType[net.Error](err); isNet {
		return "", err
	}
	return "check sslmode and how the login is authenticated", err
}

package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"example.com/rates/service/rates"
)

// ErrURL says that the connection string is malformed. It does not repeat the
// string, which may contain a password.
var ErrURL = errors.New("not a PostgreSQL connection string; " +
	"expected for example postgres://user@host:5432/database?sslmode=verify-full")

// failed converts an error of the driver to one of the domain.
func failed(doing string, err error) error {
	if err == nil {
		return nil
	}
	cause := fmt.Errorf("%s: %w", doing, err)
	switch {
	case isTimeout(err):
		return &rates.Error{
			Kind: rates.Timeout, Cause: cause,
			Message: "The question took longer than allowed. Ask for fewer days, or try again.",
		}
	case isAway(err):
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
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		return pg.Code == queryCanceled
	}
	return errors.Is(err, context.DeadlineExceeded) && !isConnect(err)
}

func isConnect(err error) bool {
	_, ok := errors.AsType[*pgconn.ConnectError](err)
	return ok
}

// isAway reports whether err means that the server is down, stopping, starting
// or out of connections: another attempt may succeed. The codes are from
// PostgreSQL's appendix A, "Error Codes".
func isAway(err error) bool {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok {
		switch pg.Code {
		case "57P01", "57P02", "57P03", // shutting down, crashed, starting up
			"53300": // too many connections
			return true
		}
		return strings.HasPrefix(pg.Code, "08")
	}
	if isConnect(err) || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, net.ErrClosed) {
		return true
	}
	_, isNet := errors.AsType[*net.OpError](err)
	return isNet || strings.Contains(err.Error(), "conn closed")
}

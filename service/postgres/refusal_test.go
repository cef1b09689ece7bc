package postgres

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"

	"example.com/rates/service/rates"
)

// fatal is how a server ends a session.
func fatal(code string) error {
	return fmt.Errorf("server error: %w", &pgconn.PgError{Severity: "FATAL", Code: code, Message: "because of " + code})
}

// tried is a failure to connect after attempts, as pgx reports it.
type tried []error

func (e tried) Error() string      { return errors.Join(e...).Error() }
func (e tried) Unwrap() []error    { return e }
func (tried) Is(target error) bool { return target == errNoConnection }

// Waiting ends if every host answers and refuses. A host that is away may come
// back, and then accept.
func TestRefusal(t *testing.T) {
	away := &net.OpError{Op: "dial", Err: errors.New("connection refused")}
	noTLS := errors.New("tls error: server refused TLS connection")
	for name, c := range map[string]struct {
		attempts []error
		want     string // part of the error that ends the wait, "" if it goes on
	}{
		"wrong password":               {[]error{fatal("28P01")}, "because of 28P01 (SQLSTATE 28P01); check the user and the password"},
		"no such role":                 {[]error{fatal("28000")}, "; check the user, and what pg_hba.conf and sslmode allow"},
		"no such database":             {[]error{fatal("3D000")}, "; create the database, or correct its name"},
		"no right to connect":          {[]error{fatal("42501")}, "; grant the login what it lacks"},
		"unknown parameter":            {[]error{fatal("42704")}, "; remove the parameter from the connection string"},
		"invalid value":                {[]error{fatal("22023")}, "; correct the parameter in the connection string"},
		"parameter of the server":      {[]error{fatal("55P02")}, "; remove the parameter from the connection string"},
		"a pooler's refusal":           {[]error{&pgconn.PgError{Severity: "FATAL", Code: "08P01", Message: "unsupported startup parameter: search_path"}}, "the pooler does not accept it"},
		"no TLS, wrong password":       {[]error{noTLS, fatal("28P01")}, "check the user and the password"},
		"no TLS":                       {[]error{noTLS}, "check sslmode"},
		"wrong password on both hosts": {[]error{fatal("28P01"), fatal("28P01")}, "check the user and the password"},
		"starting":                     {[]error{fatal("57P03")}, ""},
		"stopping":                     {[]error{fatal("57P01")}, ""},
		"full":                         {[]error{fatal("53300")}, ""},
		"a pooler's trouble":           {[]error{fatal("08P01")}, ""},
		"in use":                       {[]error{fatal("55006")}, ""},
		"away":                         {[]error{away}, ""},
		"one away, one refuses":        {[]error{away, fatal("3D000")}, ""},
		"no TLS, starting":             {[]error{noTLS, fatal("57P03")}, ""},
		"no such host":                 {[]error{&net.DNSError{Err: "no such host", IsNotFound: true}}, ""},
		"hung up":                      {[]error{io.ErrUnexpectedEOF}, ""},
		"too slow":                     {[]error{context.DeadlineExceeded}, ""},
		"a standby":                    {[]error{pgconn.ErrStandbyConnection}, ""},
	} {
		got := refusal(fmt.Errorf("connect: %w", tried(c.attempts)))
		refused, ok := errors.AsType[*RefusedError](got)
		if ok != (c.want != "") || ok && !strings.Contains(refused.Error(), c.want) {
			t.Errorf("%s: %v, want %q", name, got, c.want)
		}
	}
}

// A statement that failed for a reason that passes is 503, whatever it asked for.
// The classes are those of PostgreSQL's appendix A.
func TestKindsOfErrors(t *testing.T) {
	for code, want := range map[string]rates.Kind{
		"08006": rates.Unavailable, "08P01": rates.Unavailable,
		"28000": rates.Unavailable, "28P01": rates.Unavailable, "3D000": rates.Unavailable,
		"25006": rates.Unavailable, "40001": rates.Unavailable, "40P01": rates.Unavailable, "42501": rates.Unavailable,
		"53000": rates.Unavailable, "53100": rates.Unavailable, "53200": rates.Unavailable, "53300": rates.Unavailable,
		"55000": rates.Unavailable, "55006": rates.Unavailable, "55P03": rates.Unavailable,
		"57014": rates.Timeout, "57P01": rates.Unavailable, "57P03": rates.Unavailable, "57P04": rates.Unavailable, "57P05": rates.Unavailable,
		"58030": rates.Unavailable, "72000": rates.Unavailable,
		"0A000": rates.Internal, "22003": rates.Internal, "23505": rates.Internal, "42601": rates.Internal,
		"42P01": rates.Internal, "54000": rates.Internal, "P0001": rates.Internal, "XX000": rates.Internal, "XX001": rates.Internal,
		"": rates.Internal,
	} {
		err := failed("ask", &pgconn.PgError{Severity: "ERROR", Code: code})
		if got := rates.AsError(err).Kind; got != want {
			t.Errorf("%s is %s, want %s", code, got, want)
		}
	}
	// However a connection is refused or ended, another attempt may succeed.
	for _, code := range []string{"28P01", "3D000", "42501", "42704", "53300", "57P03", "0A000", "22023", "XX000", ""} {
		for _, err := range []error{tried{fatal(code)}, fatal(code)} {
			if got := rates.AsError(failed("ask", err)).Kind; got != rates.Unavailable {
				t.Errorf("%v is %s", err, got)
			}
		}
	}
}

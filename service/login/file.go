package login

import (
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// fileLifetime bounds how long a login is in use after another one took its place
// in the file.
const fileLifetime = 30 * time.Second

// File returns a source that reads the service file or the passfile that the
// connection string names again for each connection. Both are what libpq reads: a
// service file has user and password, a passfile the password of a user.
func File() Source {
	return Source{
		Name: "file", Set: setFromFile, Lifetime: fileLifetime,
		Remedy: "check that user and password in the file are those of the database",
	}
}

func setFromFile(_ context.Context, conn *pgx.ConnConfig) error {
	url := conn.ConnString()
	if hasPassword(url) {
		return SettingsError("the connection string has a password, which comes before the one in the file; remove it")
	}
	fresh, err := pgx.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("read the login: %w", withoutURL(err))
	}
	switch fresh.Password {
	case "":
		return fmt.Errorf("no password for %q is in the service file (PGSERVICEFILE) or the passfile (PGPASSFILE), or they cannot be read",
			fresh.User)
	case os.Getenv("PGPASSWORD"): // #nosec G902 -- both are the operator's own, and nobody else can ask
		return SettingsError("PGPASSWORD is set, which comes before the password in the file; unset it")
	}
	conn.User, conn.Password = fresh.User, fresh.Password
	return nil
}

// withoutURL returns what follows the connection string in an error of pgx.
func withoutURL(err error) error {
	if _, ok := errors.AsType[*pgconn.ParseConfigError](err); ok {
		if cause := errors.Unwrap(err); cause != nil {
			return cause
		}
		return errors.New("the connection string cannot be parsed")
	}
	return err
}

var (
	quoted      = regexp.MustCompile(`'(?:[^'\\]|\\.)*'`)
	passwordKey = regexp.MustCompile(`(?:^|\s)password\s*=`)
	urlScheme   = regexp.MustCompile(`^postgres(?:ql)?://`)
	inAuthority = regexp.MustCompile(`^[^/?#@]*:[^/?#]+@`)
	inQuery     = regexp.MustCompile(`[?&]password=[^&]`)
)

// hasPassword reports whether a connection string has a password in itself, rather
// than in a file that it names.
func hasPassword(url string) bool {
	if start := urlScheme.FindString(url); start != "" {
		rest := strings.TrimPrefix(url, start)
		return inAuthority.MatchString(rest) || inQuery.MatchString(rest)
	}
	return passwordKey.MatchString(quoted.ReplaceAllString(url, "''"))
}

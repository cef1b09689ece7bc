package logintest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"example.com/rates/db/embedded"
	"example.com/rates/db/migrations"
)

// ErrNoLDAP says that the PostgreSQL of this machine cannot ask anybody whether a
// token is valid.
var ErrNoLDAP = errors.New("this PostgreSQL is built without LDAP, so nothing here proves how tokens log in; Debian's has it")

// RequireVariable names the environment variable that, set to 1, makes tests fail
// where the server has no LDAP. Otherwise they are skipped.
const RequireVariable = "REQUIRE_LDAP"

// Server is a private database to which rates_service and rates_migrate log in with
// tokens, and nobody else but the superuser.
type Server struct {
	database *embedded.Server
	entra    *Entra
}

// Start starts a server with a migrated, empty database. The error is ErrNoLDAP if it
// cannot verify tokens.
func Start(ctx context.Context) (_ *Server, err error) {
	s := &Server{}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.Close())
		}
	}()
	if s.entra, err = NewEntra(func(_, role string) string { return identities[role] }); err != nil {
		return nil, err
	}
	if s.database, err = embedded.Start(ctx, embedded.Config{}); err != nil {
		return nil, err
	}
	return s, s.prepare(ctx)
}

// URL returns the address of the database for the superuser.
func (s *Server) URL() string { return s.database.URL("postgres") }

// As returns the address of the database for a role, without a password.
func (s *Server) As(role string) string {
	u, err := url.Parse(s.URL())
	if err != nil {
		panic(err) // the server made it
	}
	u.User = url.User(role)
	return u.String()
}

// Endpoint returns the endpoint of a container with the identity of a role.
func (s *Server) Endpoint(role string) *Endpoint { return newEndpoint(s.entra, role) }

// Close ends the server.
func (s *Server) Close() error {
	var errs []error
	if s.entra != nil {
		errs = append(errs, s.entra.Close())
	}
	if s.database != nil {
		errs = append(errs, s.database.Close())
	}
	return errors.Join(errs...)
}

func (s *Server) prepare(ctx context.Context) error {
	cfg, err := pgx.ParseConfig(s.URL())
	if err != nil {
		return fmt.Errorf("read the address of the database: %w", err)
	}
	db := stdlib.OpenDB(*cfg)
	defer db.Close()
	migrator, err := migrations.New(db, migrations.Config{})
	if err != nil {
		return err
	}
	if _, err := migrator.To(ctx, migrations.Latest); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `CREATE ROLE rates_service LOGIN IN ROLE rates_reader; CREATE ROLE rates_migrate LOGIN IN ROLE rates_owner, postgres`)
	if err != nil {
		return fmt.Errorf("make the roles: %w", err)
	}
	return s.entra.AcceptTokens(ctx, db, "test", "rates_service,rates_migrate")
}

// AcceptTokens has a server, which e knows by a name, ask e about the passwords of
// roles, which are written as in pg_hba.conf, on its socket. It works for servers that
// this program started. The error is ErrNoLDAP if the server cannot ask.
func (e *Entra) AcceptTokens(ctx context.Context, db *sql.DB, server, roles string) error {
	var path, problems string
	if err := db.QueryRowContext(ctx, `SHOW hba_file`).Scan(&path); err != nil {
		return fmt.Errorf("find pg_hba.conf: %w", err)
	}
	others, err := os.ReadFile(filepath.Clean(path))
	if err != nil {
		return fmt.Errorf("read pg_hba.conf: %w", err)
	}
	_, port, _ := strings.Cut(e.ldap.Addr().String(), ":")
	rule := fmt.Sprintf("local all %s ldap ldapserver=127.0.0.1 ldapport=%s ldapprefix=%q ldapsuffix=%q\n",
		roles, port, namePrefix, nameMiddle+server)
	if err := os.WriteFile(path, append([]byte(rule), others...), 0o600); err != nil { // #nosec G703 -- a file of the server started here
		return fmt.Errorf("write pg_hba.conf: %w", err)
	}
	if err := db.QueryRowContext(ctx, `SELECT coalesce(string_agg(error, '; '), '') FROM pg_hba_file_rules`).Scan(&problems); err != nil {
		return fmt.Errorf("check pg_hba.conf: %w", err)
	}
	switch {
	case strings.Contains(problems, "not supported by this build"):
		return ErrNoLDAP
	case problems != "":
		return fmt.Errorf("pg_hba.conf: %s", problems)
	}
	if _, err := db.ExecContext(ctx, `SELECT pg_reload_conf()`); err != nil {
		return fmt.Errorf("reload pg_hba.conf: %w", err)
	}
	return nil
}

//go:build linux

package azure

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"example.com/rates/db/embedded"
	"example.com/rates/service/login/logintest"
)

// server is a PostgreSQL that takes tokens as passwords, at a name of Azure, with TLS
// in front of it.
type server struct {
	database *embedded.Server
	db       *sql.DB // as the superuser, which Azure keeps for itself
	front    net.Listener
	replicas []byte // the part of pg_hba.conf that admits those that follow it
}

// azureSQL is what a server on Azure has: the groups of its roles, and the function
// that makes a role for an object of Entra.
const azureSQL = `
CREATE ROLE azure_pg_admin NOLOGIN;
CREATE ROLE azure_ad_user NOLOGIN;
CREATE TABLE entra (role regrole PRIMARY KEY, object_id text NOT NULL); -- it stays with a role that is renamed
CREATE FUNCTION pgaadauth_create_principal_with_oid(name text, oid text, kind text, admin boolean, mfa boolean) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
BEGIN
	IF kind NOT IN ('user', 'group', 'service') OR oid !~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' THEN
		RAISE EXCEPTION 'invalid principal: % % %', name, oid, kind;
	END IF;
	EXECUTE format('CREATE ROLE %I LOGIN IN ROLE azure_ad_user', name);
	INSERT INTO entra VALUES (quote_ident(name)::regrole, oid);
	RETURN 'Created role for ' || name;
END $$;
REVOKE EXECUTE ON FUNCTION pgaadauth_create_principal_with_oid FROM PUBLIC;
GRANT EXECUTE ON FUNCTION pgaadauth_create_principal_with_oid TO azure_pg_admin`

// changeServer starts the PostgreSQL of a server that has none, and has it accept
// passwords as its document says.
func (m *machines) changeServer(ctx context.Context, d document) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	name := d.text("name")
	if m.servers[name] == nil {
		s, err := m.startServer(ctx, d)
		if err != nil {
			return errors.Join(err, s.close())
		}
		m.servers[name] = s
		m.cloud.say("the server %s runs as %s", name, s.database.Source())
	}
	return m.servers[name].admit(ctx, m.entra, name, d.text("properties", "authConfig", "passwordAuth") == "Enabled")
}

// startServer starts a server, or one that follows another.
func (m *machines) startServer(ctx context.Context, d document) (s *server, err error) {
	s = &server{}
	source := m.servers[parse(d.text("properties", "sourceServerResourceId")).name]
	var config embedded.Config
	if source != nil {
		config.Follow = source.database
	}
	if s.database, err = embedded.Start(ctx, config); err != nil {
		return s, err
	}
	cfg, err := pgx.ParseConfig(s.database.URL("postgres"))
	if err != nil {
		return s, fmt.Errorf("read the address of the database: %w", err)
	}
	s.db = stdlib.OpenDB(*cfg)
	if source == nil {
		if _, err := s.db.ExecContext(ctx, azureSQL); err != nil {
			return s, fmt.Errorf("make a server of Azure: %w", err)
		}
	}
	ip, err := m.hosts.address(d.text("properties", "fullyQualifiedDomainName"))
	if err != nil {
		return s, err
	}
	if s.front, err = net.Listen("tcp", ip+":5432"); err != nil {
		return s, fmt.Errorf("listen as the server: %w", err)
	}
	go acceptTLS(s.front, m.ca.Config(), fmt.Sprintf("%s/.s.PGSQL.%d", cfg.Host, cfg.Port))
	return s, nil
}

// admit lets in who has a token, who has a password if the server accepts those, and
// the superuser, who is this program.
func (s *server) admit(ctx context.Context, entra *logintest.Entra, name string, passwords bool) error {
	var path string
	if err := s.db.QueryRowContext(ctx, `SHOW hba_file`).Scan(&path); err != nil {
		return fmt.Errorf("find pg_hba.conf: %w", err)
	}
	if s.replicas == nil {
		var err error
		if s.replicas, err = os.ReadFile(filepath.Clean(path)); err != nil {
			return fmt.Errorf("read pg_hba.conf: %w", err)
		}
	}
	others := "reject"
	if passwords {
		others = "scram-sha-256"
	}
	rules := "local all postgres trust\nlocal all all " + others + "\n"
	if err := os.WriteFile(path, append([]byte(rules), s.replicas...), 0o600); err != nil { // #nosec G703 -- a file of the server started here
		return fmt.Errorf("write pg_hba.conf: %w", err)
	}
	return entra.AcceptTokens(ctx, s.db, name, "+azure_ad_user")
}

func (m *machines) stopServer(d document) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	s := m.servers[d.text("name")]
	delete(m.servers, d.text("name"))
	if s == nil {
		return nil
	}
	return s.close()
}

func (s *server) close() error {
	var errs []error
	if s.front != nil {
		errs = append(errs, s.front.Close())
	}
	if s.db != nil {
		errs = append(errs, s.db.Close())
	}
	if s.database != nil {
		errs = append(errs, s.database.Close())
	}
	return errors.Join(errs...)
}

// serverOf returns the server that a document belongs to.
func (m *machines) serverOf(d document) (*server, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if s := m.servers[parse(d.text("id")).parent]; s != nil {
		return s, nil
	}
	return nil, fmt.Errorf("%s has no server", d.text("id"))
}

func (m *machines) createDatabase(ctx context.Context, d document) error {
	s, err := m.serverOf(d)
	if err != nil {
		return err
	}
	if _, err := s.db.ExecContext(ctx, `CREATE DATABASE `+pgx.Identifier{d.text("name")}.Sanitize()+` OWNER azure_pg_admin`); err != nil {
		return fmt.Errorf("create the database: %w", err)
	}
	return nil
}

// createAdministrator makes the role of an administrator from Entra.
func (m *machines) createAdministrator(ctx context.Context, d document) error {
	s, err := m.serverOf(d)
	if err != nil {
		return err
	}
	role := d.text("properties", "principalName")
	if _, err := s.db.ExecContext(ctx, `CREATE ROLE `+pgx.Identifier{role}.Sanitize()+` LOGIN CREATEROLE CREATEDB IN ROLE azure_pg_admin, azure_ad_user`); err != nil {
		return fmt.Errorf("create the administrator: %w", err)
	}
	if _, err := s.db.ExecContext(ctx, `INSERT INTO entra SELECT oid, $2 FROM pg_roles WHERE rolname = $1`, role, d.text("name")); err != nil {
		return fmt.Errorf("create the administrator: %w", err)
	}
	return nil
}

// objectID returns the object of Entra that a role was made for, "" if there is none.
func (m *machines) objectID(name, role string) string {
	m.mu.Lock()
	s := m.servers[name]
	m.mu.Unlock()
	if s == nil {
		return ""
	}
	ctx, cancel := context.WithTimeout(m.cloud.ctx, 5*time.Second)
	defer cancel()
	var id string
	if err := s.db.QueryRowContext(ctx, `SELECT object_id FROM entra JOIN pg_roles ON pg_roles.oid = role WHERE rolname = $1`, role).Scan(&id); err != nil {
		return ""
	}
	return id
}

// acceptTLS speaks TLS for a PostgreSQL that listens on a socket only. Clients that do
// not ask for TLS are refused, as require_secure_transport has it.
func acceptTLS(front net.Listener, config *tls.Config, socket string) {
	for {
		conn, err := front.Accept()
		if err != nil {
			return // closed
		}
		go func() {
			defer conn.Close()
			_ = speakTLS(conn, config, socket) // the client sees that it ended
		}()
	}
}

// sslRequest is how a client of PostgreSQL asks for TLS.
const sslRequest = "\x00\x00\x00\x08\x04\xd2\x16\x2f"

func speakTLS(conn net.Conn, config *tls.Config, socket string) error {
	var asked [len(sslRequest)]byte
	if _, err := io.ReadFull(conn, asked[:]); err != nil || string(asked[:]) != sslRequest {
		return errors.Join(err, errors.New("the client does not ask for TLS"))
	}
	if _, err := conn.Write([]byte("S")); err != nil {
		return err
	}
	secure := tls.Server(conn, config)
	behind, err := net.Dial("unix", socket)
	if err != nil {
		return err
	}
	defer behind.Close()
	go func() {
		_, _ = io.Copy(behind, secure) // until one of them ends
		_ = behind.Close()
	}()
	_, err = io.Copy(secure, behind)
	return errors.Join(err, secure.Close())
}

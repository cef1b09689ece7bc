package dbtest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// passwordRules make a private server, which trusts everybody at first, ask the logins
// that may read for their password.
const passwordRules = "local all +rates_reader scram-sha-256\nlocal all all trust\n"

// CheckPasswords makes the server refuse wrong passwords of members of rates_reader
// from now on. It returns an error for a given server that does not.
func (s *Server) CheckPasswords(ctx context.Context) error {
	if s.private {
		var path string
		if err := s.admin.QueryRowContext(ctx, "SHOW hba_file").Scan(&path); err != nil {
			return fmt.Errorf("ask for the server's rules: %w", err)
		}
		if err := os.WriteFile(path, []byte(passwordRules), 0o600); err != nil {
			return fmt.Errorf("change the server's rules: %w", err)
		}
		if err := exec(ctx, s.admin, "SELECT pg_reload_conf()"); err != nil {
			return err
		}
	}
	// It reads its rules again a moment later.
	const patience, pause = time.Minute, 10 * time.Millisecond
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		err := s.refusesWrongPassword(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

func (s *Server) refusesWrongPassword(ctx context.Context) error {
	cfg, err := pgx.ParseConfig(s.url)
	if err != nil {
		return fmt.Errorf("read the server's URL: %w", err)
	}
	cfg.User, cfg.Password = Reader, "wrong"
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if pg, refused := errors.AsType[*pgconn.PgError](err); refused && pg.Code == "28P01" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("log in with a wrong password: %w", err)
	}
	return errors.Join(errors.New("the server accepts a wrong password"), conn.Close(ctx))
}

// CheckPasswords makes the server of this test process refuse wrong passwords.
func CheckPasswords(t testing.TB) {
	t.Helper()
	if err := Need(t).CheckPasswords(t.Context()); err != nil {
		t.Fatal(err)
	}
}

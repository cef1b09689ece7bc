package dbtest

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
	"testing"
)

// loadCitus loads Citus into the template if the server is one for it, and reports
// whether it is. Its databases are then distributed, over this one node.
func (s *Server) loadCitus(ctx context.Context, template *sql.DB) (loaded bool, err error) {
	var libraries string
	if err := s.admin.QueryRowContext(ctx, "SHOW shared_preload_libraries").Scan(&libraries); err != nil {
		return false, fmt.Errorf("read the server's libraries: %w", err)
	}
	if !strings.Contains(libraries, "citus") {
		return false, nil
	}
	return true, exec(ctx, template, "CREATE EXTENSION citus")
}

// seal ends the sessions that Citus keeps in the template, which could not be copied
// otherwise.
func (s *Server) seal(ctx context.Context) error {
	if err := exec(ctx, s.admin, "ALTER DATABASE "+s.template+" ALLOW_CONNECTIONS false"); err != nil {
		return err
	}
	return exec(ctx, s.admin, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = '"+s.template+"'")
}

// Distributed reports whether the databases of the server are distributed by Citus.
func (s *Server) Distributed() bool { return s.citus }

// NeedCitus skips the test unless the databases are distributed by Citus.
func NeedCitus(t testing.TB) {
	t.Helper()
	if !Need(t).citus {
		t.Skipf("SKIP: %s names no server with Citus", ServerVariable)
	}
}

// PretendCitus makes the database look as if Citus distributed it, so that an ordinary
// server runs what a distributed database does, but for the functions of Citus. It
// changes nothing if it is distributed.
func (d Database) PretendCitus(t testing.TB) {
	t.Helper()
	conn := d.Connect(t)
	if Value[bool](t, conn, "SELECT is_distributed()") {
		return
	}
	for _, sql := range []string{
		"SET allow_system_table_mods = on",
		"CREATE TABLE pg_catalog.pg_dist_partition AS SELECT 'public.daily_rates'::regclass AS logicalrelid",
		"GRANT SELECT ON pg_catalog.pg_dist_partition TO PUBLIC",
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
}

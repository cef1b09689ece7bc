//go:build linux

package azure

import (
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// administratorsID is the group of administrators in the variables of an environment.
const administratorsID = "00000000-0000-0000-0000-0000000000e1"

// replaceIdentity gives the service another identity, as the page says.
func (w *world) replaceIdentity(t *testing.T, s stack) {
	t.Helper()
	s.apply(t, `-replace=azurerm_user_assigned_identity.this["service"]`, "-target=azurerm_container_app_job.principals[0]")
	w.asAdministrator(t, "dev", "ALTER ROLE rates_service RENAME TO rates_service_old")
	w.jobs(t, "dev", "principals")
	s.apply(t)
	w.asAdministrator(t, "dev", "DROP ROLE rates_service_old")
}

// asAdministrator runs a statement as a member of the group of administrators, who logs
// in with a token.
func (w *world) asAdministrator(t *testing.T, environment, statement string) {
	t.Helper()
	cfg, err := pgx.ParseConfig("host=psql-rates-" + environment + "-" + w.suffix + serverSuffix + " dbname=rates user='rates administrators' sslmode=verify-full sslrootcert=" + w.at("ca.pem"))
	check(t, err)
	cfg.Password, _, err = w.machines.entra.Token(administratorsID, time.Hour)
	check(t, err)
	conn, err := pgx.ConnectConfig(t.Context(), cfg)
	check(t, err)
	defer func() { check(t, conn.Close(t.Context())) }()
	_, err = conn.Exec(t.Context(), statement)
	check(t, err)
}

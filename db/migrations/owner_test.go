package migrations_test

import (
	"net/url"
	"testing"

	"example.com/rates/db/dbtest"
	"example.com/rates/db/migrations"
)

// Cloud databases have no superuser. A login that owns the database and may manage
// roles can migrate it, up and down.
func TestMigrateWithoutSuperuser(t *testing.T) {
	database := dbtest.NewBare(t)
	const login = "rates_test_migrator"
	database.Exec(t, `
DO $$ BEGIN
	PERFORM pg_advisory_xact_lock(hashtext('rates tests'));
	IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '`+login+`') THEN
		CREATE ROLE `+login+` LOGIN CREATEROLE PASSWORD '`+login+`';
	END IF;
	-- Since PostgreSQL 16, managing roles that others created takes more than CREATEROLE.
	IF current_setting('server_version_num')::int >= 160000 THEN
		GRANT rates_owner, rates_loader, rates_reader TO `+login+` WITH ADMIN OPTION;
	END IF;
END $$`)
	database.Exec(t, "ALTER DATABASE "+database.Name+" OWNER TO "+login)
	if serverVersion(t, database) < 150000 {
		database.Exec(t, "ALTER SCHEMA public OWNER TO "+login)
	}
	u, err := url.Parse(database.URL)
	if err != nil {
		t.Fatal(err)
	}
	u.User = url.UserPassword(login, login)
	migrator, _ := open(t, u.String())
	to(t, migrator, migrations.Latest)
	to(t, migrator, 0)
	to(t, migrator, migrations.Latest)
}

func serverVersion(t *testing.T, database dbtest.Database) (version int) {
	t.Helper()
	if err := database.Connect(t).QueryRow(t.Context(), `SELECT current_setting('server_version_num')::int`).Scan(&version); err != nil {
		t.Fatal(err)
	}
	return version
}

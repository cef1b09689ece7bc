package postgres_test

import (
	"testing"

	"example.com/rates/db/dbtest"
	"example.com/rates/service/login"
	"example.com/rates/service/postgres"
)

// A connection has the settings that it needs, and keeps those that are the
// administrator's choice, whether the database or the login sets them.
func TestWriterSession(t *testing.T) {
	database := dbtest.New(t)
	for _, setting := range []string{
		"search_path = ''", "lock_timeout = 100", "statement_timeout = 10000", "standard_conforming_strings = off",
		"default_transaction_isolation = serializable", "work_mem = '1MB'", "timezone = 'Pacific/Kiritimati'",
	} {
		database.Exec(t, "ALTER DATABASE "+database.Name+" SET "+setting)
	}
	for _, setting := range []string{"default_transaction_read_only = on", "client_encoding = 'LATIN1'", "synchronous_commit = off"} {
		database.Exec(t, "ALTER ROLE "+dbtest.Loader+" IN DATABASE "+database.Name+" SET "+setting)
	}
	conn, err := postgres.Connect(t.Context(), database.As(dbtest.Loader), login.Source{}, "test")
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	for name, want := range map[string]string{
		"search_path": "public, pg_temp", "lock_timeout": "0", "statement_timeout": "0", "standard_conforming_strings": "on",
		"default_transaction_isolation": "read committed", "default_transaction_read_only": "off", "client_encoding": "UTF8",
		"work_mem": "1MB", "TimeZone": "Pacific/Kiritimati", "synchronous_commit": "off",
	} {
		if got := dbtest.Value[string](t, conn, "SELECT current_setting($1)", name); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
}

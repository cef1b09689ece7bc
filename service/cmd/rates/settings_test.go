package main

import (
	"context"
	"strings"
	"testing"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/cli"
	"example.com/rates/internal/testkit"
)

// foreignSettings are settings of a database that were made for other programs.
// Those that this version of PostgreSQL does not know are left out.
var foreignSettings = map[string]struct {
	settings  []string
	superuser bool // imports with a login that may change all of them
}{
	"no time": {settings: []string{
		"statement_timeout = 100", "lock_timeout = 1", "idle_in_transaction_session_timeout = 1",
		"idle_session_timeout = 300", "transaction_timeout = 1", "tcp_user_timeout = 30000",
	}},
	"no schema, quoted names": {settings: []string{"search_path = ''", "quote_all_identifiers = on", "exit_on_error = off"}},
	"another schema, odd texts": {settings: []string{
		"search_path = app, pg_catalog", "DateStyle = 'SQL, DMY'", "IntervalStyle = sql_standard", "TimeZone = 'Pacific/Kiritimati'",
		"standard_conforming_strings = off", "escape_string_warning = on", "backslash_quote = off", "array_nulls = off",
		"bytea_output = escape", "extra_float_digits = -15", "client_encoding = 'SQL_ASCII'", "client_min_messages = error",
		"transform_null_equals = on", "lc_numeric = 'C'",
	}},
	"strict transactions": {settings: []string{
		"default_transaction_read_only = on", "default_transaction_isolation = serializable", "default_transaction_deferrable = on",
		"row_security = off", "synchronous_commit = off", "check_function_bodies = off", "client_min_messages = debug1",
		"plpgsql.extra_errors = 'all'",
	}},
	"other plans and places": {settings: []string{
		"plan_cache_mode = force_custom_plan", "enable_indexscan = off", "enable_indexonlyscan = off", "enable_bitmapscan = off",
		"enable_hashjoin = off", "enable_sort = off", "jit = on", "jit_above_cost = 0", "work_mem = '64kB'", "cursor_tuple_fraction = 0.1",
		"default_tablespace = missing", "temp_tablespaces = missing", "default_table_access_method = heap",
	}},
	"no triggers, as a superuser": {superuser: true, settings: []string{"session_replication_role = replica"}},
}

// Migrate, import, verify and serve work whatever the database sets for its
// sessions.
func TestForeignSettings(t *testing.T) {
	for name, c := range foreignSettings {
		t.Run(name, func(t *testing.T) {
			database := dbtest.NewBare(t)
			set(t, database, c.settings)
			loader := database.As(dbtest.Loader)
			if c.superuser {
				loader = database.URL
			}
			checkCommands(t, database.URL, loader)
			checkService(t, database.As(dbtest.Reader), loader)
		})
	}
}

// set makes settings of the database, and a schema with tables of the same names.
func set(t *testing.T, database dbtest.Database, settings []string) {
	t.Helper()
	conn := database.Connect(t)
	execute := func(sql string) {
		t.Helper()
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
	}
	execute(`CREATE SCHEMA app; GRANT ALL ON SCHEMA app TO PUBLIC`)
	for _, table := range []string{"prices", "ports", "regions", "daily_rates", "data_version"} {
		execute(`CREATE TABLE app.` + table + ` (version text)`)
	}
	for login, group := range map[string]string{dbtest.Loader: "rates_loader", dbtest.Reader: "rates_reader"} {
		execute("ALTER ROLE " + login + " IN DATABASE " + database.Name + " SET role = " + group)
	}
	execute(`LOAD 'plpgsql'`)
	for _, setting := range settings {
		name, _, _ := strings.Cut(setting, " ")
		if dbtest.Value[bool](t, conn, `SELECT current_setting($1, true) IS NOT NULL`, name) {
			execute("ALTER DATABASE " + database.Name + " SET " + setting)
		}
	}
}

// checkCommands migrates up, down and up again, and imports into the empty database,
// into the filled one, and in place of all prices.
func checkCommands(t *testing.T, owner, loader string) {
	t.Helper()
	places := []string{writeFile(t, "r.csv", regionsCSV), writeFile(t, "p.csv", portsCSV)}
	prices := writeFile(t, "c.csv", pricesHead+aPrice+aPrice)
	for _, c := range []struct {
		url, out string
		args     []string
	}{
		{owner, "the schema is now at version", []string{"migrate"}},
		{owner, "the schema is now at version 0", []string{"migrate", "--to=0"}},
		{owner, "the schema is now at version", []string{"migrate"}},
		{loader, "2 prices added", append([]string{"import"}, append(places, prices)...)},
		{loader, "2 prices added", []string{"import", "--again", prices}},
		{loader, "daily_rates matches the prices\n", []string{"verify"}},
		{loader, "2 prices added", append([]string{"import", "--replace"}, append(places, prices)...)},
		{loader, "daily_rates matches the prices\n", []string{"verify", "--repair"}},
	} {
		got := command(t.Context(), nil, append(c.args, "--database-url", c.url)...)
		if got.code != exitOK || !strings.Contains(got.out, c.out) || got.err != "" {
			t.Fatalf("%v: exit code %d, %s%s", c.args, got.code, got.out, got.err)
		}
	}
}

// checkService asks a question, imports a price, and asks until the answer has it.
func checkService(t *testing.T, reader, loader string) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	logs := &testkit.Buffer{}
	done := make(chan int, 1)
	args := []string{"serve", "--addr=127.0.0.1:0", "--admin-addr=off", "--drain-delay=0s", "--database-url", reader}
	go func() { done <- run(ctx, args, cli.Streams{Out: logs, Err: logs}) }()
	defer func() {
		stop()
		if code := <-done; code != exitOK || strings.Contains(logs.String(), "notifications are lost") {
			t.Errorf("serve: exit code %d\n%s", code, logs)
		}
	}()
	url := address(t, logs) + "/rates?date_from=2021-01-01&date_to=2021-01-01&orig_code=china&dest_code=EETLL"
	testkit.Eventually(t, "the service watches", func() bool { return strings.Contains(logs.String(), "watching for changes") })
	if got, want := body(t, url), `{"rates":[{"count":2,"day":"2021-01-01","price":null}]}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	added := command(t.Context(), strings.NewReader(pricesHead+aPrice), "import", "--database-url", loader, "-")
	if added.code != exitOK {
		t.Fatalf("import: %s", added.err)
	}
	const fresh = `{"rates":[{"count":3,"day":"2021-01-01","price":100}]}`
	testkit.Eventually(t, "the answer holds the new price", func() bool { return body(t, url) == fresh })
}

// body returns the answer without its last line end.
func body(t *testing.T, url string) string {
	t.Helper()
	_, text := testkit.MustGet(t, url)
	return strings.TrimSpace(text)
}

// Without triggers the sums would be wrong, so a login that may not turn them on
// imports nothing.
func TestImportWithoutTriggersIsRefused(t *testing.T) {
	database := dbtest.New(t)
	database.Exec(t, "ALTER DATABASE "+database.Name+" SET session_replication_role = replica")
	got := command(t.Context(), strings.NewReader(regionsCSV), "import", "--database-url", database.As(dbtest.Loader), "-")
	if got.code != exitFailure || !strings.Contains(got.err, "RESET session_replication_role") {
		t.Errorf("exit code %d, %s", got.code, got.err)
	}
}

// Package principals holds the SQL and the script that create the logins on Azure,
// and their tests.
package principals

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"example.com/rates/db/dbtest"
	"example.com/rates/db/migrations"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

const (
	administrator = "rates_test_azure_admin"
	clientID      = "00000000-0000-0000-0000-0000000000c1"
)

// logins are the roles that principals.sql creates.
var logins = []string{"rates_service", "rates_migrate", "rates_seed", "rates_people_reader", "rates_people_loader"}

// azure stands in for the specifics of a server on Azure: an administrator that is
// not a superuser, and the function that creates logins for objects of Entra. Here
// the password of each login is its name.
const azure = `
CREATE ROLE ` + administrator + ` LOGIN CREATEROLE CREATEDB PASSWORD '` + administrator + `';
ALTER DATABASE %[1]s OWNER TO ` + administrator + `;
CREATE SCHEMA azure;
GRANT USAGE ON SCHEMA azure TO ` + administrator + `;
ALTER ROLE ` + administrator + ` SET search_path = public, azure;
SET search_path = azure;
CREATE TABLE entra (name text PRIMARY KEY, oid text, kind text, admin boolean, mfa boolean);
CREATE FUNCTION pgaadauth_create_principal_with_oid(name text, oid text, kind text, admin boolean, mfa boolean) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = azure AS $$
BEGIN
	EXECUTE format('CREATE ROLE %%I LOGIN PASSWORD %%L', name, name);
	INSERT INTO entra VALUES (name, oid, kind, admin, mfa);
	RETURN 'Created role for ' || name;
END $$;
GRANT EXECUTE ON FUNCTION pgaadauth_create_principal_with_oid TO ` + administrator

// removeLogin removes a role, which outlives the database it was created in.
const removeLogin = `
DO $$ BEGIN
	IF EXISTS (SELECT FROM pg_roles WHERE rolname = '%[1]s') THEN
		REASSIGN OWNED BY %[1]s TO CURRENT_USER;
		DROP OWNED BY %[1]s;
		DROP ROLE %[1]s;
	END IF;
END $$`

func newServer(t *testing.T) dbtest.Database {
	t.Helper()
	database := dbtest.NewBare(t)
	database.Exec(t, fmt.Sprintf(azure, database.Name))
	t.Cleanup(func() {
		conn, err := pgx.Connect(context.Background(), database.URL)
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = conn.Close(context.Background()) }() // all is done
		for _, login := range append(logins, administrator) {
			if _, err := conn.Exec(context.Background(), fmt.Sprintf(removeLogin, login)); err != nil {
				t.Error(err)
			}
		}
	})
	return database
}

// endpoint stands in for the identity endpoint of a container, which hangs up on the
// first request and refuses the second.
func endpoint(t *testing.T, token string) *httptest.Server {
	t.Helper()
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		query := r.URL.Query()
		switch count := requests.Add(1); {
		case count == 1:
			panic(http.ErrAbortHandler)
		case count == 2:
			http.Error(w, "not yet", http.StatusServiceUnavailable)
		case r.Header.Get("X-Identity-Header") != "secret":
			http.Error(w, "who are you?", http.StatusUnauthorized)
		case r.URL.Path != "/msi/token" || query.Get("client_id") != clientID || query.Get("resource") != "https://ossrdbms-aad.database.windows.net":
			http.Error(w, "asked for "+r.URL.String(), http.StatusBadRequest)
		default:
			_, _ = fmt.Fprintf(w, `{"access_token":%q,"expires_on":"1767225600","token_type":"Bearer"}`, token)
		}
	}))
	t.Cleanup(server.Close)
	return server
}

// runScript runs run.sh as the job does, with stand-ins for Azure.
func runScript(t *testing.T, database dbtest.Database, token string, environment ...string) (string, error) {
	t.Helper()
	for _, tool := range []string{"bash", "psql"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("REQUIRE_TOOLS") == "1" {
				t.Fatalf("%s is needed for this test: %v", tool, err)
			}
			t.Skipf("SKIP: %s is needed for this test", tool)
		}
	}
	sql, err := os.ReadFile("principals.sql")
	if err != nil {
		t.Fatal(err)
	}
	script, err := os.ReadFile("run.sh")
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := pgx.ParseConfig(database.URL)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), "bash", "-c", string(script))
	cmd.Env = append([]string{
		"PATH=" + os.Getenv("PATH"),
		"AZURE_CLIENT_ID=" + clientID,
		"IDENTITY_ENDPOINT=" + endpoint(t, token).URL + "/msi/token",
		"IDENTITY_HEADER=secret",
		"TOKEN_WAIT=4", "ROOT_CERTIFICATES=none", "PGSSLMODE=disable",
		"PGHOST=" + cfg.Host, fmt.Sprintf("PGPORT=%d", cfg.Port), "PGUSER=" + administrator, "PGDATABASE=" + database.Name, "ENTRA_DATABASE=" + database.Name,
		"SERVICE_ID=00000000-0000-0000-0000-00000000000a", "MIGRATE_ID=00000000-0000-0000-0000-00000000000b",
		"READERS_ID=00000000-0000-0000-0000-00000000000c", "LOADERS_ID=00000000-0000-0000-0000-00000000000d",
		"SEED_ID=00000000-0000-0000-0000-00000000000e",
		// Creating an untrusted extension needs a superuser here, but not on
		// Azure.
		"PRINCIPALS_SQL=" + strings.Replace(string(sql), "CREATE EXTENSION IF NOT EXISTS pgaudit;", "", 1),
	}, environment...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

func TestLoginsHaveTheirOwnRightsOnly(t *testing.T) {
	database := newServer(t)
	for range 2 { // the job is run again whenever something has changed
		if out, err := runScript(t, database, administrator); err != nil {
			t.Fatalf("run.sh: %v\n%s", err, out)
		}
	}
	migrate(t, database)
	for _, tt := range []struct {
		login, sql string
		allowed    bool
	}{
		{"rates_service", "SELECT count(*) FROM daily_rates", true},
		{"rates_service", "DELETE FROM prices", false},
		{"rates_service", "CREATE TABLE mine ()", false},
		{"rates_people_reader", "SELECT count(*) FROM prices", true},
		{"rates_people_reader", "INSERT INTO regions VALUES ('mine', 'Mine', NULL)", false},
		{"rates_people_loader", "INSERT INTO regions VALUES ('mine', 'Mine', NULL)", true},
		{"rates_people_loader", "DROP TABLE prices", false},
		{"rates_seed", "INSERT INTO regions VALUES ('ours', 'Ours', NULL)", true},
		{"rates_seed", "DROP TABLE prices", false},
		{"rates_migrate", "ALTER TABLE regions ADD mine text", true},
		{"rates_migrate", "CREATE ROLE mine", false},
		{administrator, "SELECT count(*) FROM prices", false},
	} {
		t.Run(tt.login+" "+tt.sql, func(t *testing.T) {
			conn, err := pgx.Connect(t.Context(), database.As(tt.login))
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close(t.Context()) }() // nothing was written that matters
			if _, err = conn.Exec(t.Context(), tt.sql); (err == nil) != tt.allowed {
				t.Errorf("allowed: %v, want %v (%v)", err == nil, tt.allowed, err)
			}
		})
	}
}

func migrate(t *testing.T, database dbtest.Database) {
	t.Helper()
	cfg, err := pgx.ParseConfig(database.As("rates_migrate"))
	if err != nil {
		t.Fatal(err)
	}
	db := stdlib.OpenDB(*cfg)
	defer func() { _ = db.Close() }() // the migrations are committed
	migrator, err := migrations.New(db, migrations.Config{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := migrator.To(t.Context(), migrations.Latest); err != nil {
		t.Fatal(err)
	}
}

func TestLoginsBelongToEntraObjects(t *testing.T) {
	database := newServer(t)
	if out, err := runScript(t, database, administrator); err != nil {
		t.Fatalf("run.sh: %v\n%s", err, out)
	}
	rows, err := database.Connect(t).Query(t.Context(), "SELECT format('%s %s %s %s', name, right(oid, 1), kind, admin) FROM azure.entra ORDER BY name")
	if err != nil {
		t.Fatal(err)
	}
	got, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		t.Fatal(err)
	}
	want := "rates_migrate b service f, rates_people_loader d group f, rates_people_reader c group f, rates_seed e service f, rates_service a service f"
	if strings.Join(got, ", ") != want {
		t.Errorf("got %s\nwant %s", strings.Join(got, ", "), want)
	}
}

// Without a job seed there is no login for it, and one that was there loses its right.
func TestSeedIsOptional(t *testing.T) {
	for name, test := range map[string]struct {
		before []string // SEED_ID of earlier runs
		want   string
	}{
		"never": {want: "f f"},
		"once":  {before: []string{"00000000-0000-0000-0000-00000000000e"}, want: "t f"},
	} {
		t.Run(name, func(t *testing.T) {
			database := newServer(t)
			for _, id := range append(test.before, "", "") {
				if out, err := runScript(t, database, administrator, "SEED_ID="+id); err != nil {
					t.Fatalf("run.sh: %v\n%s", err, out)
				}
			}
			got := dbtest.Value[string](t, database.Connect(t), `SELECT concat_ws(' ', count(*) > 0,
				coalesce(bool_or(pg_has_role(oid, 'rates_loader', 'MEMBER')), false)) FROM pg_roles WHERE rolname = 'rates_seed'`)
			if got != test.want {
				t.Errorf("exists and may import: %s, want %s", got, test.want)
			}
		})
	}
}

func TestMissingTokenIsReported(t *testing.T) {
	database := newServer(t)
	out, err := runScript(t, database, administrator, "IDENTITY_HEADER=guessed")
	if err == nil || !strings.Contains(out, "no token for "+clientID+": HTTP/1.0 401") {
		t.Errorf("error %v, output %q; want a failure that names the identity and the answer", err, out)
	}
}

func TestFailingStatementFailsTheJob(t *testing.T) {
	database := newServer(t)
	out, err := runScript(t, database, administrator, "PRINCIPALS_SQL=\\set ON_ERROR_STOP on\nSELECT 1/0;\nSELECT 1;")
	if err == nil || !strings.Contains(out, "division by zero") || strings.Contains(out, "as they should be") {
		t.Errorf("error %v, output %q; want the failure of the statement", err, out)
	}
}

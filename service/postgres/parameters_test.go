package postgres

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/service/login"
)

// withoutVariables unsets the PG… variables of this machine.
func withoutVariables(t testing.TB) {
	t.Helper()
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "PG") {
			t.Setenv(name, "")
		}
	}
}

const base = "postgres://rates:hunter2@db/rates?sslmode=disable"

// The server gets the parameters that it knows. What libpq knows beyond that is
// honoured here, or has no effect and is named.
func TestParameters(t *testing.T) {
	withoutVariables(t)
	for _, c := range []struct {
		parameters string
		sent       map[string]string
		ignored    string
	}{
		{"", nil, ""},
		{"application_name=me", map[string]string{"application_name": "me"}, ""},
		{"fallback_application_name=me", map[string]string{"application_name": "me"}, ""},
		{"application_name=me&fallback_application_name=other", map[string]string{"application_name": "me"}, ""},
		{"channel_binding=require&require_auth=scram-sha-256", nil, ""},
		{"client_encoding=UTF8", nil, ""},
		{"client_encoding=auto", nil, ""},
		{"client_encoding=latin1", nil, "client_encoding"},
		{"connect_timeout=10&sslsni=0&sslcertmode=allow&sslnegotiation=postgres", nil, ""},
		{"gssencmode=disable", nil, ""},
		{"gssencmode=prefer", nil, "gssencmode"},
		{"gsslib=gssapi&gssdelegation=1&krbsrvname=postgres", nil, "gssdelegation gsslib krbsrvname"},
		{"hostaddr=127.0.0.1", nil, ""},
		{"keepalives=1&keepalives_idle=60&keepalives_interval=5&keepalives_count=3", nil, ""},
		{"load_balance_hosts=disable", nil, ""},
		{"load_balance_hosts=random", nil, ""},
		{"options=endpoint%3Dx", map[string]string{"options": "endpoint=x"}, ""},
		{"options=-c%20statement_timeout%3D5000", map[string]string{"options": "-c statement_timeout=5000"}, ""},
		{"pool_max_conns=3&pool_min_conns=1&pool_max_conn_lifetime=1h&pool_min_idle_conns=1", nil, "pool_max_conns pool_min_idle_conns"},
		{"replication=false&requiressl=0", nil, ""},
		{"search_path=public&TimeZone=UTC", map[string]string{"search_path": "public", "TimeZone": "UTC"}, ""},
		{"ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=tlsv1.3", nil, ""},
		{"sslcompression=0", nil, ""},
		{"sslcompression=1&sslkeylogfile=/x&tcp_user_timeout=5", nil, "sslcompression sslkeylogfile tcp_user_timeout"},
		{"target_session_attrs=read-write", nil, ""},
		{"default_query_exec_mode=exec&statement_cache_capacity=5", nil, ""},
	} {
		got, err := parse(base+"&"+c.parameters, login.Source{})
		if err != nil {
			t.Errorf("%s: %v", c.parameters, err)
			continue
		}
		want := map[string]string{"client_encoding": "UTF8"}
		maps.Copy(want, c.sent)
		if diff := cmp.Diff(want, got.pool.ConnConfig.RuntimeParams); diff != "" {
			t.Errorf("%s is sent to the server as (-want +got):\n%s", c.parameters, diff)
		}
		if ignored := strings.Join(got.ignored, " "); ignored != c.ignored {
			t.Errorf("%s: %q has no effect, want %q", c.parameters, ignored, c.ignored)
		}
	}
}

// What would make a connection less safe than asked for, and what libpq does not
// know, is refused by name and never with a value.
func TestRefusedParameters(t *testing.T) {
	withoutVariables(t)
	for url, want := range map[string]string{
		base + "&sslcrl=hunter2":                   "sslcrl: certificate revocation lists are not supported",
		base + "&sslcrldir=hunter2":                "sslcrldir: ",
		base + "&requirepeer=hunter2":              "requirepeer: ",
		base + "&gssencmode=require":               "gssencmode: ",
		base + "&requiressl=1":                     "requiressl: ",
		base + "&replication=database":             "replication: ",
		base + "&scram_client_key=hunter2":         "scram_client_key: ",
		base + "&schema=hunter2":                   "schema: libpq does not know it; remove it",
		base + "&currentSchema=hunter2":            "currentSchema: libpq does not know it",
		base + "&pgbouncer=true":                   "pgbouncer: libpq does not know it; remove it",
		base + "&connection_limit=5":               "connection_limit: libpq does not know it; use the variable RATES_DATABASE_CONNS",
		base + "&sslaccept=strict":                 "sslaccept: libpq does not know it; use sslmode",
		base + "&ssl=require":                      "ssl: libpq does not know it; use sslmode",
		base + "&sslMode=require":                  "sslMode: write it in lower case",
		base + "&hostaddr=hunter2":                 "hostaddr: it must be numeric addresses, one for each host",
		base + "&hostaddr=::1,127.0.0.1":           "hostaddr: it must be numeric addresses, one for each host",
		base + "&keepalives_idle=hunter2":          "keepalives_idle: it must be a whole number",
		base + "&load_balance_hosts=hunter2":       "load_balance_hosts: it must be disable or random",
		base + "&load_balance_hosts=Random":        "load_balance_hosts: it must be disable or random",
		base + "&load_balance_hosts=1":             "load_balance_hosts: it must be disable or random",
		base + "&ssl_min_protocol_version=hunter2": "ssl_min_protocol_version: it must be TLSv1",
		base + "&ssl_max_protocol_version=hunter2": "ssl_max_protocol_version: it must be TLSv1",
		base + "&ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.2": "ssl_max_protocol_version: it must be TLSv1.2 or later, and not before",
		base + "&ssl_max_protocol_version=TLSv1.1":                                  "ssl_max_protocol_version: it must be TLSv1.2 or later",
		base + "&hunter%202=x":                                                          "a parameter that is no name",
		base + "&connect_timeout=hunter2":                                               "connect_timeout must be a number of seconds",
		base + "&channel_binding=hunter2":                                               "channel_binding must be",
		base + "&require_auth=hunter2":                                                  "require_auth must be",
		base + "&target_session_attrs=hunter2":                                          "target_session_attrs must be",
		base + "&pool_max_conn_lifetime=hunter2":                                        "the parameters that begin with pool_ must be",
		base + "&min_protocol_version=hunter2":                                          "min_protocol_version and max_protocol_version must be",
		base + "&default_query_exec_mode=hunter2":                                       "default_query_exec_mode is not one of pgx's",
		base + "&service=hunter2&servicefile=/nowhere":                                  "the service that it names cannot be read",
		base + "&service=hunter2&servicefile=/CA/port":                                  "the service that it names cannot be read",
		"postgres://rates:hunter2@db/rates?sslmode=hunter2":                             "sslmode must be",
		"postgres://rates:hunter2@db/rates?sslmode=verify-full&sslrootcert=/no/hunter2": "sslrootcert must name a file",
		"postgres://rates:hunter2@db/rates?sslcert=/no/hunter2&sslkey=/no/hunter2":      "sslcert and sslkey must both name files",
		"postgres://rates:hunter2@db:port/rates":                                        "a port must be a number",
		"postgres://rates:hunter2@db:1,db:2,db/rates?port=1,2":                          "a port must be a number",
		"jdbc:postgresql://db/rates?user=rates&password=hunter2":                        "begins with jdbc:postgresql://, which is for another driver",
		"postgresql+asyncpg://rates:hunter2@db/rates":                                   "begins with postgresql+asyncpg://, which is for another driver",
		"postgresql+psycopg2://rates:hunter2@db/rates":                                  "begins with postgresql+psycopg2://",
		"POSTGRES://rates:hunter2@db/rates":                                             "begins with POSTGRES://",
		"mysql://rates:hunter2@db/rates":                                                "begins with mysql://, which is not PostgreSQL",
		"sqlserver://rates:hunter2@db;database=rates":                                   "begins with sqlserver://",
		"Host=db;Username=rates;Password=hunter2;Database=rates":                        "Host: write it in lower case; words are separated by spaces",
		"Server=db;Port=5432;Pwd=hunter2":                                               "Server: libpq does not know it; use host",
		"DATABASE_URL=postgres://rates:hunter2@db/rates":                                "has something before postgres://",
		"psql 'postgresql://rates:hunter2@db/rates?sslmode=disable'":                    "has something before postgres://",
		"'postgres://rates:hunter2@db/rates'":                                           "has something before postgres://",
		"postgres://rates:p@hunter2@db/rates":                                           "has an @ in its password or host; write %40",
		"postgres://rates:p@hunter2@db,other/rates":                                     "has an @ in its password or host; write %40",
		"hunter2":                          "not a PostgreSQL connection string",
		"postgres://rates:hunter2@[/rates": "not a PostgreSQL connection string",
		"host=db password='hunter2":        "not a PostgreSQL connection string",
	} {
		_, err := parse(url, login.Source{})
		if err == nil || !errors.Is(err, ErrURL) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hunter") {
			t.Errorf("%s: %v\nwant %s", url, err, want)
		}
	}
}

// A service file is libpq's, with its parameters.
func TestServiceFile(t *testing.T) {
	withoutVariables(t)
	file := filepath.Join(t.TempDir(), "services")
	const service = "[rates]\nhost=db\nuser=rates\nkeepalives_idle=5\ngssencmode=prefer\nsslcrl=/x\n"
	if err := os.WriteFile(file, []byte(service), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PGSERVICEFILE", file)
	if _, err := parse("service=rates", login.Source{}); err == nil || !strings.Contains(err.Error(), "sslcrl") {
		t.Errorf("a service with sslcrl: %v", err)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(service, "sslcrl=/x\n", "", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	got, err := parse("service=rates", login.Source{})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"gssencmode"}, got.ignored); diff != "" || got.pool.ConnConfig.Host != "db" {
		t.Errorf("host %s, without effect (-want +got):\n%s", got.pool.ConnConfig.Host, diff)
	}
}

// However a string is malformed, reading it neither panics nor repeats its
// password.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"postgres://rates:|@db:5432/rates?sslmode=require", "postgres://db/rates?password=|&schema=x", "host=db password=| user=x",
		"jdbc:postgresql://db/x?password=|", "Server=db;Pwd=|", "postgres://rates:|@[::1]/x?hostaddr=::1", "hostaddr='1' password='|'",
		"postgres://a:|@h/?port=x", "password=|\x00", "sslpassword=| sslmode=nonsense", "postgres://x:|@/y?hostaddr=127.0.0.1&ssl_min_protocol_version=1",
	} {
		before, after, _ := strings.Cut(seed, "|")
		f.Add(before, after)
	}
	withoutVariables(f)
	const secret = "hUnTeR2sEcReT"
	f.Fuzz(func(t *testing.T, before, after string) {
		if strings.Contains(before+after, "service") || strings.Contains(before+after, "ssl") && strings.Contains(before+after, "/") {
			t.Skip("reads files")
		}
		t.Setenv("HOME", t.TempDir())
		got, err := parse(before+secret+after, login.Source{})
		if err != nil {
			// A scheme is repeated; what comes after a delimiter is not.
			if strings.ContainsAny(before, "=/") && strings.Contains(err.Error(), secret) {
				t.Errorf("%q: %v", before+secret+after, err)
			}
			return
		}
		for _, name := range got.ignored {
			if strings.Contains(name, secret) {
				t.Errorf("%q: %s is named", before+secret+after, name)
			}
		}
	})
}

// A connection string that was read from a file ends with a newline.
func TestSpaceAroundTheString(t *testing.T) {
	withoutVariables(t)
	got, err := parse(" "+base+"\n", login.Source{})
	if err != nil || got.pool.ConnConfig.Host != "db" || got.pool.ConnConfig.TLSConfig != nil {
		t.Errorf("parsed %v, %v", got, err)
	}
}

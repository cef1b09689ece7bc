//go:build linux

package azure

import (
	"context"
	"crypto/rand"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// prod is the environment with locks, three instances, a standby, a read replica and
// probes from outside, and without the sample. It begins with a password.
func prod(t *testing.T, w *world) {
	t.Helper()
	password := "example-" + rand.Text()
	w.env = append(w.env, "TF_VAR_database_administrator_password="+password)
	s, values := w.prepared(t, "prod", "database_password_login = true\n", "principals", "migrate")
	values += "database_read_replicas = 1\n"
	vault := "https://kv-rates-prod-acme1" + vaultSuffix + "/secrets/"
	login := "postgres://rates_password:" + password + "@psql-rates-prod-acme1"
	step(t, "service, with a password", func(t *testing.T) {
		t.Helper()
		w.asAdministrator(t, "prod", "CREATE ROLE rates_password LOGIN PASSWORD '"+password+"' IN ROLE rates_reader")
		w.machines.keep(vault+"database-url", login+"-replica-1"+serverSuffix+":5432/rates?sslmode=verify-full&load_balance_hosts=random")
		w.machines.keep(vault+"watch-url", login+serverSuffix+":5432/rates?sslmode=verify-full")
		w.private(t, "prod", values)
		s.apply(t)
		w.grow(t, "psql-rates-prod-acme1")
		s.unchanged(t)
		w.complete(t, s)
		w.ready(t, s)
		w.asksReplica(t, "prod")
	})
	const group = "/subscriptions/" + subscriptionID + "/resourceGroups/rg-rates-prod/providers/"
	step(t, "the locks hold until they are lifted", func(t *testing.T) {
		t.Helper()
		for _, precious := range []string{
			"Microsoft.DBforPostgreSQL/flexibleServers/psql-rates-prod-acme1", "Microsoft.DBforPostgreSQL/flexibleServers/psql-rates-prod-acme1-replica-1",
			"Microsoft.ContainerRegistry/registries/crratesprodacme1", "Microsoft.KeyVault/vaults/kv-rates-prod-acme1", "Microsoft.OperationalInsights/workspaces/log-rates-prod",
		} {
			w.locked(t, group+precious)
		}
		// So passwords cannot be turned off: the role that reads the secret would go.
		role := w.only(t, strings.ToLower(group+"Microsoft.KeyVault/vaults/kv-rates-prod-acme1/providers/Microsoft.Authorization/roleAssignments/"))
		w.locked(t, role)
	})
	step(t, "lifted, passwords are turned off", func(t *testing.T) {
		t.Helper()
		s.vars = append(s.vars, "-var=locked=false")
		s.apply(t)
		w.private(t, "prod", strings.Replace(values, "database_password_login = true\n", "", 1))
		s.apply(t)
		s.unchanged(t)
		w.ready(t, s)
		w.asksReplica(t, "prod")
		for _, server := range []string{"", "-replica-1"} {
			url := login + server + serverSuffix + ":5432/rates?sslmode=verify-full&sslrootcert=" + w.at("ca.pem")
			if conn, err := pgx.Connect(t.Context(), url); err == nil {
				t.Errorf("psql-rates-prod-acme1%s accepts a password: %v", server, conn.Close(t.Context()))
			}
		}
	})
	step(t, "everything goes", func(t *testing.T) {
		t.Helper()
		s.destroy(t)
		w.goneFrom(t, "rg-rates-prod")
	})
}

// prepared is an environment without its service: steps 4 to 6 with fewer waits. The
// administrator puts what the bootstrap makes for it, and the alerts, which take the
// provider two minutes each time, come with the service. It returns the values with
// which that comes too.
func (w *world) prepared(t *testing.T, environment, more string, jobs ...string) (s stack, values string) {
	t.Helper()
	rates := digestOf(t, w.built("rates"))
	values = more + fmt.Sprintf("migrations_digest = %q\n", rates)
	step(t, "registry, and what the jobs need", func(t *testing.T) {
		t.Helper()
		const account = "/subscriptions/" + subscriptionID + "/resourceGroups/rg-rates-platform/providers/Microsoft.Storage/storageAccounts/stratesstateacme1"
		administrator := w.administrator(t)
		administrator.put("/subscriptions/"+subscriptionID+"/resourceGroups/rg-rates-"+environment, `{"location":"westeurope"}`)
		administrator.put(account, `{"location":"westeurope"}`)
		administrator.put(account+"/blobServices/default/containers/"+environment, "{}")
		s = w.app(t, environment, fmt.Sprintf("resource_group_name = \"rg-rates-platform\"\nstorage_account_name = \"stratesstateacme1\"\ncontainer_name = %q\nkey = \"app.tfstate\"\nuse_azuread_auth = true\n", environment), more)
		s.apply(t, "-target=azurerm_container_registry.this")
		w.importImages(t, environment, "docker.io/library/postgres@"+postgresDigest(t))
		w.private(t, environment, values)
		targets := []string{
			"-target=azurerm_postgresql_flexible_server_database.rates", "-target=azurerm_postgresql_flexible_server_active_directory_administrator.people",
		}
		for _, job := range jobs {
			targets = append(targets, "-target=azurerm_container_app_job."+job)
		}
		s.apply(t, targets...)
		w.jobs(t, environment, jobs...)
	})
	return s, values + fmt.Sprintf("service_digest = %q\n", rates)
}

// ready fails if the service is not.
func (w *world) ready(t *testing.T, s stack) {
	t.Helper()
	host := s.host(t)
	check(t, get(w.client(t, host), "https://"+host+"/readyz"))
}

// host is the name of the service.
func (s stack) host(t *testing.T) string {
	t.Helper()
	return strings.TrimPrefix(s.output(t, "url"), "https://")
}

// only returns the only document below a path.
func (w *world) only(t *testing.T, path string) string {
	t.Helper()
	var found []string
	for _, id := range w.cloud.Documents() {
		if strings.HasPrefix(id, path) {
			found = append(found, id)
		}
	}
	if len(found) != 1 {
		t.Fatalf("there are %d documents below %s: %s", len(found), path, found)
	}
	return found[0]
}

// grow gives a server more storage, as Azure does when it is nearly full.
func (w *world) grow(t *testing.T, server string) {
	t.Helper()
	for _, name := range []string{server + "-replica-1", server} {
		id := "/subscriptions/" + subscriptionID + "/resourceGroups/rg-rates-prod/providers/Microsoft.DBforPostgreSQL/flexibleServers/" + name
		if status, said := w.administrator(t).arm("PATCH", id, `{"properties":{"storage":{"storageSizeGB":256,"tier":"P15"}}}`); status >= 400 {
			t.Fatalf("%s does not grow: %d %v", name, status, said)
		}
	}
}

// asksReplica fails unless the service asks the replica and only watches the primary.
func (w *world) asksReplica(t *testing.T, environment string) {
	t.Helper()
	primary := "psql-rates-" + environment + "-" + w.suffix
	if asking, watching := w.sessions(t, primary+"-replica-1", "rates"), w.sessions(t, primary, "rates watch"); asking == 0 || watching == 0 {
		t.Errorf("%d sessions ask the replica, %d watch the primary", asking, watching)
	}
	if asking := w.sessions(t, primary, "rates"); asking > 0 {
		t.Errorf("%d sessions ask the primary", asking)
	}
}

// sessions returns how many sessions of a program a server has.
func (w *world) sessions(t *testing.T, server, application string) (n int) {
	t.Helper()
	w.machines.mu.Lock()
	s := w.machines.servers[server]
	w.machines.mu.Unlock()
	if s == nil {
		t.Fatalf("there is no server %s", server)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	check(t, s.db.QueryRowContext(ctx, "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1", application).Scan(&n))
	return n
}

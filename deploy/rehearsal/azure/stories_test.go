//go:build linux

package azure

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"example.com/rates/db/migrations"
)

// platform makes and removes what an administrator does once.
func platform(t *testing.T, w *world) {
	t.Helper()
	// The subnet of runners is somebody else's.
	runners := "/subscriptions/" + subscriptionID + "/resourceGroups/rg-runners"
	subnet := runners + "/providers/Microsoft.Network/virtualNetworks/vnet/subnets/runners"
	administrator := signIn(t, w.cloud)
	administrator.put(runners, `{"location":"westeurope"}`)
	administrator.put(subnet, `{"properties":{"addressPrefix":"10.9.0.0/24"}}`)
	s := w.bootstrap(t, "-var=state_reachable_from=[]", "-var=runners_subnet_id="+subnet)
	step(t, "the lock of the state holds until it is lifted", func(t *testing.T) {
		t.Helper()
		account := "/subscriptions/" + subscriptionID + "/resourceGroups/rg-rates-platform/providers/Microsoft.Storage/storageAccounts/stratesstateacme1"
		w.locked(t, account)
		w.locked(t, account+"/blobServices/default/containers/prod") // so no environment can be taken out
	})
	step(t, "lifted, everything goes", func(t *testing.T) {
		t.Helper()
		s.vars = append(s.vars, "-var=locked=false")
		s.apply(t)
		w.write(t, firstOverride, localBackend)
		s.must(t, "init", "-input=false", "-no-color", "-migrate-state", "-force-copy")
		s.destroy(t)
		for _, id := range w.cloud.Documents() {
			if !strings.Contains(id, "/rg-runners") {
				t.Errorf("%s is left", id)
			}
		}
	})
}

// environment takes an environment out of the bootstrap, once its lock is lifted.
func environment(t *testing.T, w *world) {
	t.Helper()
	s := w.bootstrap(t, "-var=locked=false")
	step(t, "an environment goes", func(t *testing.T) {
		t.Helper()
		s.vars = append(s.vars, "-var=environments={dev={monthly_budget=250}}")
		s.apply(t)
		s.unchanged(t)
		for _, id := range w.cloud.Documents() {
			if strings.HasSuffix(id, "/containers/prod") || strings.Contains(id, "/resourcegroups/rg-rates-prod") || strings.Contains(id, "prod-apply") {
				t.Errorf("%s is left", id)
			}
		}
	})
}

// dev is steps 4 to 8 of the page, and the way out.
func dev(t *testing.T, w *world) {
	t.Helper()
	bootstrap := w.bootstrap(t, "-var=locked=false")
	var backends map[string]string
	check(t, json.Unmarshal([]byte(bootstrap.must(t, "output", "-json", "app_backends")), &backends))
	s := w.app(t, "dev", backends["dev"], "")
	rates, smoke := digestOf(t, w.built("rates")), digestOf(t, w.built("smoke"))
	values := fmt.Sprintf("migrations_version = %d\nmigrations_digest = %q\n", migrations.Latest, rates)
	step(t, "first apply, without images", func(t *testing.T) {
		t.Helper()
		s.apply(t)
		s.unchanged(t)
	})
	step(t, "images", func(t *testing.T) {
		t.Helper()
		w.importImages(t, "dev", s.output(t, "postgres_image"))
		w.az(t, "acr", "import", "--name", "crratesdevacme1", "--source", "ghcr.io/acme/rates-smoke@"+smoke, "--image", "rates-smoke:1")
	})
	step(t, "logins, tables and data", func(t *testing.T) {
		t.Helper()
		w.private(t, "dev", values)
		s.apply(t)
		s.unchanged(t)
		w.jobs(t, "dev", "principals", "migrate", "seed")
	})
	step(t, "service", func(t *testing.T) {
		t.Helper()
		values += fmt.Sprintf("service_digest = %q\n", rates)
		w.private(t, "dev", values)
		s.apply(t)
		s.unchanged(t)
		host := s.host(t)
		check(t, get(w.client(t, host), "https://"+host+"/readyz"))
		check(t, get(w.client(t, host), "https://"+host+question))
	})
	step(t, "smoke features", func(t *testing.T) {
		t.Helper()
		values += fmt.Sprintf("smoke_digest = %q\n", smoke)
		w.private(t, "dev", values)
		s.apply(t)
		s.unchanged(t)
		w.complete(t, s)
		w.jobs(t, "dev", "smoke")
	})
	step(t, "everything goes", func(t *testing.T) {
		t.Helper()
		s.destroy(t)
		w.goneFrom(t, "rg-rates-dev")
	})
}

func (w *world) az(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), w.at("bin/az"), args...)
	cmd.Env = append(slices.Clone(w.env), "REHEARSAL_GROUP=rg-rates-"+w.environment)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("az %s: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// importImages imports what the jobs and the service need, as step 5.
func (w *world) importImages(t *testing.T, environment, postgres string) {
	t.Helper()
	registry := "crrates" + environment + w.suffix
	w.az(t, "acr", "import", "--name", registry, "--source", postgres, "--image", "postgres:18.6")
	w.az(t, "acr", "import", "--name", registry, "--source", "ghcr.io/acme/rates@"+digestOf(t, w.built("rates")), "--image", "rates:1")
}

// jobs runs jobs, one after the other, which must succeed.
func (w *world) jobs(t *testing.T, environment string, names ...string) {
	t.Helper()
	for _, name := range names {
		if said := w.finish(t, "rg-rates-"+environment, "job-rates-"+environment+"-"+name); said != "Succeeded" {
			t.Fatalf("the job %s: %s", name, said)
		}
	}
}

// finish runs a job and returns how it ended, and what it said if it failed.
func (w *world) finish(t *testing.T, group, name string) string {
	t.Helper()
	status, run := "Running", w.az(t, "containerapp", "job", "start", "--name", name, "--resource-group", group)
	for status == "Running" {
		status = w.az(t, "containerapp", "job", "execution", "show", "--name", name, "--resource-group", group, "--job-execution-name", run)
	}
	execution := w.cloud.get("/subscriptions/" + subscriptionID + "/resourceGroups/" + group + "/providers/Microsoft.App/jobs/" + name + "/executions/" + run)
	return strings.TrimSpace(status + " " + execution.text(own, "why"))
}

// goneFrom fails if something is left in a group, or runs.
func (w *world) goneFrom(t *testing.T, group string) {
	t.Helper()
	for _, id := range w.cloud.Documents() {
		if strings.Contains(id, "/resourcegroups/"+group+"/providers/") && !strings.Contains(id, "/microsoft.authorization/") && !strings.Contains(id, "/microsoft.consumption/") {
			t.Errorf("%s is left", id)
		}
	}
	w.machines.mu.Lock()
	defer w.machines.mu.Unlock()
	if servers, apps := len(w.machines.servers), len(w.machines.apps); servers+apps > 0 {
		t.Errorf("%d servers and %d apps run still", servers, apps)
	}
}

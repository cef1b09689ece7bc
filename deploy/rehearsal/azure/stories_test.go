//go:build linux

package azure

import (
	"fmt"
	"os/exec"
	"regexp"
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

// prod is the environment with locks, three replicas, a standby and probes from
// outside, and without the sample.
func prod(t *testing.T, w *world) {
	t.Helper()
	s := w.app(t, w.bootstrap(t, "-var=locked=false"), "prod")
	rates := digestOf(t, w.built("rates"))
	step(t, "first apply, without images", func(t *testing.T) {
		t.Helper()
		s.apply(t)
		s.unchanged(t)
	})
	step(t, "images, logins and tables", func(t *testing.T) {
		t.Helper()
		w.az(t, "acr", "import", "--name", "crratesprodacme1", "--source", s.output(t, "postgres_image"), "--image", "postgres:18.6")
		w.az(t, "acr", "import", "--name", "crratesprodacme1", "--source", "ghcr.io/acme/rates@"+rates, "--image", "rates:1")
		w.private(t, "prod", fmt.Sprintf("migrations_digest = %q\n", rates))
		s.apply(t)
		w.job(t, "rg-rates-prod", "job-rates-prod-principals")
		w.job(t, "rg-rates-prod", "job-rates-prod-migrate")
	})
	step(t, "service", func(t *testing.T) {
		t.Helper()
		w.private(t, "prod", fmt.Sprintf("migrations_digest = %q\nservice_digest = %q\n", rates, rates))
		s.apply(t)
		s.unchanged(t)
		w.complete(t, s)
		host := strings.TrimPrefix(s.output(t, "url"), "https://")
		check(t, get(w.client(t, host), "https://"+host+"/readyz"))
	})
	step(t, "the locks hold until they are lifted", func(t *testing.T) {
		t.Helper()
		for _, precious := range []string{
			"Microsoft.DBforPostgreSQL/flexibleServers/psql-rates-prod-acme1", "Microsoft.ContainerRegistry/registries/crratesprodacme1",
			"Microsoft.KeyVault/vaults/kv-rates-prod-acme1", "Microsoft.OperationalInsights/workspaces/log-rates-prod",
		} {
			w.locked(t, "/subscriptions/"+subscriptionID+"/resourceGroups/rg-rates-prod/providers/"+precious)
		}
	})
	step(t, "lifted, everything goes", func(t *testing.T) {
		t.Helper()
		s.vars = append(s.vars, "-var=locked=false")
		s.apply(t)
		s.destroy(t)
		w.goneFrom(t, "rg-rates-prod")
	})
}

// nextMigration is the name of a file for the migration after the last.
func nextMigration() string {
	return fmt.Sprintf("repository/db/migrations/%05d_rehearse.sql", migrations.Latest+1)
}

// dev is steps 4 to 8 of the page, a release and the way back.
func dev(t *testing.T, w *world) {
	t.Helper()
	s := w.app(t, w.bootstrap(t, "-var=locked=false"), "dev")
	rates, smoke := digestOf(t, w.built("rates")), digestOf(t, w.built("smoke"))
	values := fmt.Sprintf("migrations_version = %d\nmigrations_digest = %q\n", migrations.Latest, rates)
	step(t, "first apply, without images", func(t *testing.T) {
		t.Helper()
		s.apply(t)
		s.unchanged(t)
	})
	step(t, "images", func(t *testing.T) {
		t.Helper()
		w.az(t, "acr", "import", "--name", "crratesdevacme1", "--source", s.output(t, "postgres_image"), "--image", "postgres:18.6")
		w.az(t, "acr", "import", "--name", "crratesdevacme1", "--source", "ghcr.io/acme/rates@"+rates, "--image", "rates:1")
		w.az(t, "acr", "import", "--name", "crratesdevacme1", "--source", "ghcr.io/acme/rates-smoke@"+smoke, "--image", "rates-smoke:1")
	})
	step(t, "logins, tables and data", func(t *testing.T) {
		t.Helper()
		w.private(t, "dev", values)
		s.apply(t)
		s.unchanged(t)
		for _, job := range []string{"principals", "migrate", "seed"} {
			w.job(t, "rg-rates-dev", "job-rates-dev-"+job)
		}
	})
	var host string
	step(t, "service", func(t *testing.T) {
		t.Helper()
		values += fmt.Sprintf("service_digest = %q\n", rates)
		w.private(t, "dev", values)
		s.apply(t)
		s.unchanged(t)
		host = strings.TrimPrefix(s.output(t, "url"), "https://")
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
		w.job(t, "rg-rates-dev", "job-rates-dev-smoke")
	})
	step(t, "a release with a migration, and the way back", func(t *testing.T) {
		t.Helper()
		w.underLoad(t, host, func() { w.release(t, s, smoke) })
	})
	step(t, "another identity for the service", func(t *testing.T) {
		t.Helper()
		w.underLoad(t, host, func() { w.replaceIdentity(t, s) })
		s.unchanged(t)
	})
	for _, c := range canaries() {
		t.Run("found: "+c.name, func(t *testing.T) { c.try(t, w, s) })
	}
	step(t, "everything goes", func(t *testing.T) {
		t.Helper()
		s.destroy(t)
		w.goneFrom(t, "rg-rates-dev")
	})
}

var (
	approved = regexp.MustCompile(`(?m)^approved=(\S+)$`)
	before   = regexp.MustCompile(`(?m)^before=(.+)$`)
)

// release deploys the next version as the workflow does, and takes it back.
func (w *world) release(t *testing.T, s stack, smoke string) {
	t.Helper()
	w.write(t, nextMigration(), "-- +goose Up\nCREATE TABLE rehearsed ();\n\n-- +goose Down\nDROP TABLE rehearsed;\n")
	w.git(t, "add", "--all")
	w.git(t, "commit", "--quiet", "--message=Migrate")
	env := []string{"RATES=" + w.build(t, "rates-next"), "SMOKE=" + smoke, "IMAGES=ghcr.io/acme"}
	plan := w.azure(t, s, env, "plan", "dev")
	applied := w.azure(t, s, append(env, "APPROVED="+only(t, approved, plan)), "apply", "dev")
	w.azure(t, s, append(env, "BEFORE="+only(t, before, applied)), "back", "dev")
}

func only(t *testing.T, pattern *regexp.Regexp, text string) string {
	t.Helper()
	found := pattern.FindStringSubmatch(text)
	if found == nil {
		t.Fatalf("there is no %s in\n%s", pattern, text)
	}
	return found[1]
}

// azure runs the script of the workflow.
func (w *world) azure(t *testing.T, s stack, env []string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), w.at("repository/deploy/azure/azure.sh"), args...)
	cmd.Env = append(append(s.environment(), "REHEARSAL_GROUP=rg-rates-dev"), env...)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("azure.sh %s: %v\n%s", args, err, out)
	}
	return string(out)
}

func (w *world) az(t *testing.T, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), w.at("bin/az"), args...)
	cmd.Env = append(slices.Clone(w.env), "REHEARSAL_GROUP=rg-rates-"+w.name)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("az %s: %v\n%s", args, err, out)
	}
	return strings.TrimSpace(string(out))
}

// job runs a job, which must succeed.
func (w *world) job(t *testing.T, group, name string) {
	t.Helper()
	if said := w.finish(t, group, name); said != "Succeeded" {
		t.Fatalf("the job %s: %s", name, said)
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

//go:build linux

package azure

import (
	"fmt"
	"os/exec"
	"regexp"
	"testing"
	"time"

	"example.com/rates/db/migrations"
)

// release changes a service that reads from a replica while it is asked: another
// version, the way back, another identity, and no replica any more. In between it makes
// mistakes, which must be found.
func release(t *testing.T, w *world) {
	t.Helper()
	w.suffix = "acme2"
	replicas := "database_sku = \"GP_Standard_D2ds_v5\"\ndatabase_read_replicas = %d\n"
	s, values := w.prepared(t, "dev", fmt.Sprintf("migrations_version = %d\n", migrations.Latest), "principals", "migrate", "seed")
	var host string
	step(t, "service", func(t *testing.T) {
		t.Helper()
		w.private(t, "dev", values+fmt.Sprintf(replicas, 1))
		s.apply(t)
		host = s.host(t)
		check(t, get(w.client(t, host), "https://"+host+question))
		w.asksReplica(t, "dev")
	})
	step(t, "a release with a migration, and the way back", func(t *testing.T) {
		t.Helper()
		w.underLoad(t, host, func() { w.releaseNext(t, s) })
	})
	step(t, "another identity for the service", func(t *testing.T) {
		t.Helper()
		w.underLoad(t, host, func() { w.replaceIdentity(t, s) })
		s.unchanged(t)
		w.asksReplica(t, "dev")
	})
	for _, c := range canaries() {
		t.Run("found: "+c.name, func(t *testing.T) { c.try(t, w, s) })
	}
	step(t, "no replica any more", func(t *testing.T) {
		t.Helper()
		w.private(t, "dev", values+fmt.Sprintf(replicas, 0))
		w.underLoad(t, host, func() { s.apply(t) })
		s.unchanged(t)
	})
}

// nextMigration is the name of a file for the migration after the last.
func nextMigration() string {
	return fmt.Sprintf("repository/db/migrations/%05d_rehearse.sql", migrations.Latest+1)
}

var (
	approved = regexp.MustCompile(`(?m)^approved=(\S+)$`)
	before   = regexp.MustCompile(`(?m)^before=(.+)$`)
)

// releaseNext deploys the next version as the workflow does, and takes it back.
func (w *world) releaseNext(t *testing.T, s stack) {
	t.Helper()
	w.write(t, nextMigration(), "-- +goose Up\nCREATE TABLE rehearsed ();\n\n-- +goose Down\nDROP TABLE rehearsed;\n")
	w.git(t, "add", "--all")
	w.git(t, "commit", "--quiet", "--message=Migrate")
	env := []string{"RATES=" + w.build(t, "rates-next"), "SMOKE=" + digestOf(t, w.built("smoke")), "IMAGES=ghcr.io/acme"}
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
	started := time.Now()
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("azure.sh %s: %v\n%s", args, err, out)
	}
	t.Logf("azure.sh %s: %s", args, time.Since(started).Round(100*time.Millisecond))
	return string(out)
}

//go:build linux

package azure

import (
	"path/filepath"
	"testing"
	"time"
)

// The deployment of docs/deploy.md, from an empty subscription to an empty one. Each
// story has a cloud of its own; they run side by side, since most of the time the
// provider waits.
func TestDeployment(t *testing.T) {
	if !*rehearse {
		t.Skip("SKIP: make rehearse-azure runs it")
	}
	started := time.Now()
	t.Cleanup(func() { t.Logf("the rehearsal took %s", time.Since(started).Round(time.Second)) })
	names := &hosts{path: filepath.Join(*inside, "hosts")}
	for name, story := range map[string]func(*testing.T, *world){
		"platform": platform, "environment": environment, "dev": dev, "release": release, "prod": prod,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			story(t, newWorld(t, name, names))
		})
	}
}

// step is a part of a story, which ends with the first part that fails.
func step(t *testing.T, name string, do func(t *testing.T)) {
	t.Helper()
	if !t.Run(name, do) {
		t.FailNow()
	}
}

const (
	firstOverride = "repository/terraform/bootstrap/first_override.tf"
	localBackend  = "terraform {\n  backend \"local\" {}\n}\n"
)

// bootstrap is step 2 of the page: the first state moves into the storage that it made.
func (w *world) bootstrap(t *testing.T, vars ...string) stack {
	t.Helper()
	s := stack{world: w, folder: "bootstrap", data: "bootstrap", vars: append([]string{"-var-file=bootstrap.tfvars"}, vars...)}
	step(t, "bootstrap", func(t *testing.T) {
		t.Helper()
		w.write(t, "repository/terraform/bootstrap/bootstrap.tfvars", w.read(t, "repository/terraform/bootstrap/example.tfvars"))
		w.write(t, firstOverride, localBackend)
		s.must(t, "init", "-input=false", "-no-color")
		s.apply(t)
		w.write(t, "repository/terraform/bootstrap/bootstrap.tfbackend", s.must(t, "output", "-raw", "backend"))
		w.removeFile(t, firstOverride)
		s.must(t, "init", "-input=false", "-no-color", "-migrate-state", "-force-copy", "-backend-config=bootstrap.tfbackend")
		s.unchanged(t)
		w.complete(t, s)
	})
	return s
}

// app is the root of an environment, with the backend that the bootstrap printed, as
// in step 4.
func (w *world) app(t *testing.T, environment, backend, more string) stack {
	t.Helper()
	w.environment = environment
	s := stack{
		world: w, folder: "app", data: environment,
		vars: []string{"-var-file=environments/" + environment + ".tfvars", "-var-file=" + environment + ".private.tfvars"},
	}
	w.write(t, "repository/terraform/app/"+environment+".tfbackend", backend)
	w.private(t, environment, more)
	s.must(t, "init", "-input=false", "-no-color", "-backend-config="+environment+".tfbackend")
	return s
}

// private writes the values of an environment that git ignores.
func (w *world) private(t *testing.T, environment, more string) {
	t.Helper()
	w.write(t, "repository/terraform/app/"+environment+".private.tfvars", "name_suffix    = \""+w.suffix+"\"\n"+`owner          = "platform@example.com"
alert_contacts = ["oncall@example.com"]

database_groups = {
  administrators = { name = "rates administrators", object_id = "00000000-0000-0000-0000-0000000000e1" }
  loaders        = { name = "rates loaders", object_id = "00000000-0000-0000-0000-0000000000e2" }
  readers        = { name = "rates readers", object_id = "00000000-0000-0000-0000-0000000000e3" }
}
`+more)
}

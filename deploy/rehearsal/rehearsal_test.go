// Package rehearsal runs the workflows on this machine with act, without GitHub,
// Azure or a container engine. The commands that need them are stand-ins: docker,
// cosign, az and gh, and the actions of others. The scripts, Terraform, PostgreSQL,
// the gates and the program are real. docs/github.md says what it cannot show.
package rehearsal

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/rates/db/dbtest"
)

var rehearse = flag.Bool("rehearse", false, "run the workflows; it takes minutes and needs the tools of the gates")

// TestMain is the stand-in by whose name the test program was called, if any.
func TestMain(m *testing.M) {
	if standIn, ok := standIns[filepath.Base(os.Args[0])]; ok {
		os.Exit(standIn.run(os.Args[1:]))
	}
	dbtest.Main(m)
}

// The workflows are green when all is well, and red, by name, when it is not. The
// cases are one story, in the order in which they happen to a repository.
func TestWorkflows(t *testing.T) {
	if !*rehearse {
		t.Skip("SKIP: make rehearse-workflows runs it")
	}
	w := newWorld(t)

	t.Run("a change is green", func(t *testing.T) { w.green(t, "ci.yml", "push") })
	t.Run("a failing test", func(t *testing.T) {
		w.set(t, failing, "test")
		w.red(t, "ci.yml", "push", "not green: test (failure)")
	})
	t.Run("a failing gate, and a ZAP that did not run, reported once and closed", func(t *testing.T) {
		w.set(t, failing, "zap")
		undo := w.commit(t, map[string]string{".github/workflows/bad.yml": bad})
		w.red(t, "security.yml", "schedule", "template-injection", "not green: gates (failure), zap (failure)")
		w.want(t, "issues", "security-gates")
		undo(t)
		w.set(t, failing, "")
		w.green(t, "security.yml", "schedule")
		w.want(t, "issues", "")
	})

	first := w.head(t)
	t.Run("images are built, examined and signed, and a deployment is asked for", func(t *testing.T) {
		w.green(t, "image.yml", "push")
		w.want(t, "dispatched", "deploy.yml main")
	})
	t.Run("a registry with another image than the one that was examined", func(t *testing.T) {
		w.set(t, importing, "another")
		w.red(t, "deploy.yml", "workflow_dispatch", "the registry of dev has no image sha256:")
		w.set(t, importing, "")
		w.runs(t, "dev", "")
	})
	t.Run("the image is deployed to dev", func(t *testing.T) {
		w.green(t, "deploy.yml", "workflow_dispatch")
		w.runs(t, "dev", first)
		w.runs(t, "prod", "")
	})

	t.Run("drift, reported once and closed", func(t *testing.T) {
		undo := w.drift(t, "dev")
		w.red(t, "drift.yml", "schedule", "drift: dev differs from what was deployed")
		w.want(t, "issues", "drift-dev")
		undo(t)
		w.green(t, "drift.yml", "schedule")
		w.want(t, "issues", "")
	})

	t.Run("a signature of another identity", func(t *testing.T) {
		undo := w.signAs(t, first, "https://github.com/evil/rates/.github/workflows/image.yml@refs/heads/main")
		w.red(t, "deploy.yml", "workflow_dispatch", "is not signed by image.yml for refs/heads/main")
		undo(t)
	})
	t.Run("another image than the one that was examined", func(t *testing.T) {
		undo := w.pushAgain(t, first)
		w.red(t, "deploy.yml", "workflow_dispatch", "is not signed by image.yml")
		undo(t)
	})
	t.Run("an environment that runs another image than the examined one", func(t *testing.T) {
		w.set(t, listing, "another")
		w.red(t, "deploy.yml", "workflow_dispatch", "not the examined rates@sha256:")
		w.set(t, listing, "")
	})
	w.runs(t, "dev", first)

	t.Run("a plan that changed after its approval", func(t *testing.T) {
		w.set(t, betweenPlanAndApply, "dev")
		w.red(t, "deploy.yml", "workflow_dispatch", "the plan changed after its approval")
		w.set(t, betweenPlanAndApply, "")
		w.runs(t, "dev", first)
	})

	t.Run("a failing smoke feature after a migration, and what ran before is back", func(t *testing.T) {
		alive := w.source(t, "service/httpapi/health.go")
		undo := w.commit(t, map[string]string{
			"service/httpapi/health.go": strings.Replace(alive, `"alive"`, `"a live"`, 1),
			nextMigration():             "-- +goose Up\nCREATE TABLE rehearsed ();\n\n-- +goose Down\nDROP TABLE rehearsed;\n",
		})
		w.green(t, "image.yml", "push")
		w.red(t, "deploy.yml", "workflow_dispatch", "It reports that it is alive", "dev is back at rates@")
		w.runs(t, "dev", first)
		undo(t)
	})
	t.Run("a tag goes to dev and then, as the same image, to prod", func(t *testing.T) {
		w.tag(t, "v1.0.0")
		w.green(t, "image.yml", "push")
		w.green(t, "deploy.yml", "workflow_dispatch")
		w.runs(t, "dev", w.head(t))
		w.runs(t, "prod", w.head(t))
	})
	t.Run("a fork without Azure", func(t *testing.T) {
		w.fork = true
		w.says(t, "deploy.yml", "workflow_dispatch", "Nothing was done: the variable AZURE_TENANT_ID is not set")
		w.says(t, "drift.yml", "schedule", "Nothing was done: the variable AZURE_TENANT_ID is not set")
	})
}

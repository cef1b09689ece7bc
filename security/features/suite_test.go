// Package features_test runs the features of this folder against the real
// program of the gates: go test ./security/features.
package features_test

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/cucumber/godog"

	"example.com/rates/security/toolbox"
)

// scenarios is the number of scenarios in this folder; an example of an outline
// is one. The test compares it, so that no scenario is lost unnoticed.
const scenarios = 27

// suite is the state that all scenarios share. None of them changes it.
type suite struct {
	root  string   // for the folders of the scenarios
	gates string   // path of the program
	names []string // of all gates
	tools toolbox.Box
}

// Every scenario runs and passes.
func TestFeatures(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIP: -short leaves out the scenarios of the gates")
	}
	s := newSuite(t)
	var passed atomic.Int64
	code := godog.TestSuite{
		Name: "gates",
		Options: &godog.Options{
			Strict: true, Randomize: -1, Concurrency: 4, Format: "progress", NoColors: true, Paths: []string{"."}, TestingT: t,
		},
		ScenarioInitializer: func(sc *godog.ScenarioContext) {
			newWorld(s).register(sc)
			sc.After(func(ctx context.Context, _ *godog.Scenario, err error) (context.Context, error) {
				if err == nil {
					passed.Add(1)
				}
				return ctx, nil
			})
		},
	}.Run()
	if code != 0 || passed.Load() != scenarios {
		t.Errorf("%d scenarios passed, want %d; exit code %d", passed.Load(), scenarios, code)
	}
}

// newSuite builds the program and installs the one tool that the scenarios
// need, in the cache of make tools.
func newSuite(t *testing.T) suite {
	t.Helper()
	dir := t.TempDir()
	s := suite{root: dir, gates: filepath.Join(dir, "gates")}
	args := []string{"build", "-o", s.gates}
	if withRaceDetector() {
		args = append(args, "-race")
	}
	if out, err := exec.CommandContext(t.Context(), "go", append(args, "../cmd/gates")...).CombinedOutput(); err != nil {
		t.Fatalf("build the gates: %v\n%s", err, out)
	}
	canaries, err := os.ReadDir("../canaries") // one for each gate
	if err != nil {
		t.Fatal(err)
	}
	for _, canary := range canaries {
		s.names = append(s.names, canary.Name())
	}
	if s.tools, err = toolbox.New("../tools"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.tools.Install(t.Context(), "gitleaks"); err != nil {
		t.Fatal(err)
	}
	return s
}

// withRaceDetector reports whether this test has the race detector. The program
// then has it too; a race ends it with an exit code that no scenario expects.
func withRaceDetector() bool {
	info, _ := debug.ReadBuildInfo()
	return slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

// world is the state of one scenario.
type world struct {
	suite
	dir     string      // for the files of this scenario
	tools   toolbox.Box // that the gates are given
	project project     // that they examine
	run     run         // the last one
}

func newWorld(s suite) *world { return &world{suite: s, tools: s.tools} }

func (w *world) register(sc *godog.ScenarioContext) {
	sc.Before(func(ctx context.Context, _ *godog.Scenario) (context.Context, error) {
		var err error
		w.dir, err = os.MkdirTemp(w.root, "scenario-")
		return ctx, err
	})
	w.registerProject(sc)
	w.registerGates(sc)
}

// path returns the path of a file of the scenario.
func (w *world) path(name string) string { return filepath.Join(w.dir, name) }

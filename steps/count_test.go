package steps_test

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	gherkin "github.com/cucumber/gherkin/go/v26"
	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v21"
)

// featureDir holds the specification, seen from the repository's root.
const featureDir = "features"

// countScenarios returns how many scenarios a run with these options has to
// run; an example of an outline is a scenario.
func countScenarios(t *testing.T, opts godog.Options) int {
	t.Helper()
	features, err := godog.TestSuite{Options: &opts}.RetrieveFeatures()
	if err != nil {
		t.Fatalf("read the features: %v", err)
	}
	n := 0
	for _, feature := range features {
		n += len(feature.Pickles)
	}
	return n
}

// tally counts the outcomes of scenarios, because one that is skipped or does not
// run is not reported as a failure.
type tally struct {
	mu              sync.Mutex
	ran             int
	skipped, failed []string
}

func (c *tally) register(sc *godog.ScenarioContext) {
	steps, passed := 0, 0
	sc.StepContext().After(func(ctx context.Context, _ *godog.Step, status godog.StepResultStatus, err error) (context.Context, error) {
		steps++
		if status == godog.StepPassed && err == nil {
			passed++
		}
		return ctx, nil
	})
	sc.After(func(ctx context.Context, pickle *godog.Scenario, err error) (context.Context, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.ran++
		switch {
		case err != nil && !errors.Is(err, godog.ErrSkip):
			c.failed = append(c.failed, pickle.Name)
		case steps != len(pickle.Steps) || passed != steps:
			c.skipped = append(c.skipped, pickle.Name)
		}
		return ctx, nil
	})
}

// check fails the test unless each of the wanted scenarios ran all its steps.
func (c *tally) check(t *testing.T, wanted int) {
	t.Helper()
	if c.ran != wanted {
		t.Errorf("%d scenarios ran, but the features hold %d", c.ran, wanted)
	}
	for _, name := range c.failed {
		t.Errorf("failed: %s", name)
	}
	for _, name := range c.skipped {
		t.Errorf("has steps that were skipped or did not run: %s", name)
	}
}

// Every file of the features is found by a run without flags, every scenario
// in it has steps and, if it is an outline, examples, and titles tell
// scenarios apart.
func TestEveryScenarioCanRun(t *testing.T) {
	t.Chdir("..")
	total := 0
	titles := map[string]string{}
	err := filepath.WalkDir(featureDir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".feature") {
			return err
		}
		document, pickles := parseFeature(t, path)
		total += len(pickles)
		examples := map[string]int{}
		for _, pickle := range pickles {
			examples[pickle.AstNodeIds[0]]++
			if len(pickle.Steps) == 0 {
				t.Errorf("%s: %q has no steps", path, pickle.Name)
			}
			if before, repeated := titles[pickle.Name]; repeated {
				t.Errorf("%s: %q is the title of another scenario in %s", path, pickle.Name, before)
			}
			titles[pickle.Name] = path
		}
		for _, scenario := range scenariosOf(document.Feature) {
			if examples[scenario.Id] == 0 {
				t.Errorf("%s:%d: %q has no examples and never runs", path, scenario.Location.Line, scenario.Name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found := countScenarios(t, godog.Options{Paths: []string{featureDir}}); found != total {
		t.Errorf("a run finds %d scenarios, the files hold %d", found, total)
	}
}

func parseFeature(t *testing.T, path string) (*messages.GherkinDocument, []*messages.Pickle) {
	t.Helper()
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	id := (&messages.Incrementing{}).NewId
	document, err := gherkin.ParseGherkinDocument(file, id)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return document, gherkin.Pickles(*document, path, id)
}

func scenariosOf(feature *messages.Feature) []*messages.Scenario {
	var all []*messages.Scenario
	for _, child := range feature.Children {
		if child.Scenario != nil {
			all = append(all, child.Scenario)
		}
		if child.Rule == nil {
			continue
		}
		for _, inner := range child.Rule.Children {
			if inner.Scenario != nil {
				all = append(all, inner.Scenario)
			}
		}
	}
	return all
}

package terraformcompliance

import (
	"bytes"
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"

	gherkin "github.com/cucumber/gherkin/go/v26"
	messages "github.com/cucumber/messages/go/v21"

	"example.com/rates/security/scanner"
	"example.com/rates/security/tree"
)

// feature is a file of the policy.
type feature struct {
	path      string // in the repository
	folder    string // its last folder
	name      string
	text      []byte
	scenarios []scenario
}

// canary returns the file with changes to a plan that make every scenario of the
// feature fail. A test of this package proves that they do.
func (f feature) canary() string { return strings.TrimSuffix(f.path, ".feature") + ".canary.yaml" }

// called reports whether a name in plansFile is that of the feature or its folder.
func (f feature) called(name string) bool {
	return name == f.folder || name == f.folder+"/"+strings.TrimSuffix(path.Base(f.path), ".feature")
}

// copyName returns the name of the copy that the tool reads, the i-th of several.
func (f feature) copyName(i int) string {
	return fmt.Sprintf("%03d-%s-%s", i, f.folder, path.Base(f.path))
}

// scenario is one that the tool must run; a row of examples is one too.
type scenario struct {
	name  string
	line  int
	steps []string
}

// noskip makes a scenario fail if its resource is missing. Without it the scenario
// is skipped, and passes.
const noskip = "@noskip"

var strayStep = regexp.MustCompile(`(?m)^\s*(Given|When|Then|And|But|\*|\|)\s`)

// readFeature reads a feature as Cucumber does, and refuses one that could pass
// without checking.
func readFeature(t tree.Tree, name string) (feature, error) {
	text, err := os.ReadFile(t.Path(name))
	if err != nil {
		return feature{}, err
	}
	f := feature{path: name, folder: path.Base(path.Dir(name)), text: text}
	if err := f.parse(); err != nil {
		return feature{}, scanner.Errorf(scanner.BadInput, "%s: %w", name, err)
	}
	if !t.Has(f.canary()) {
		return feature{}, scanner.Errorf(scanner.TooFewExamined, "nothing proves that %s can fail; write a plan that it must refuse: %s", name, f.canary())
	}
	return f, nil
}

func (f *feature) parse() error {
	id := 0
	newID := func() string { id++; return fmt.Sprint(id) }
	document, err := gherkin.ParseGherkinDocument(bytes.NewReader(f.text), newID)
	if err != nil {
		return fmt.Errorf("it does not parse: %s", strings.Join(strings.Fields(err.Error()), " "))
	}
	if document.Feature == nil {
		return fmt.Errorf("there is no feature in it")
	}
	f.name = document.Feature.Name
	lines := map[string]int{} // by the id of the scenario
	descriptions := []string{document.Feature.Description}
	for _, child := range document.Feature.Children {
		if child.Scenario == nil {
			return fmt.Errorf("terraform-compliance runs plain scenarios only, without background and rules")
		}
		lines[child.Scenario.Id] = int(child.Scenario.Location.Line)
		descriptions = append(descriptions, child.Scenario.Description)
	}
	for _, description := range descriptions {
		// A misspelt "Scenario:" turns all that follows into a description.
		if stray := strayStep.FindString(description); stray != "" {
			return fmt.Errorf("the step %q is outside of a scenario", strings.TrimSpace(stray))
		}
	}
	for _, pickle := range gherkin.Pickles(*document, f.path, newID) {
		s := scenario{name: pickle.Name, line: lines[pickle.AstNodeIds[0]]}
		if err := s.take(pickle); err != nil {
			return fmt.Errorf("scenario %q %w", pickle.Name, err)
		}
		f.scenarios = append(f.scenarios, s)
	}
	if len(f.scenarios) == 0 {
		return fmt.Errorf("there is no scenario in it")
	}
	return nil
}

// take checks that the scenario can be relied on.
func (s *scenario) take(pickle *messages.Pickle) error {
	tagged := false
	for _, tag := range pickle.Tags {
		if tag.Name != noskip {
			return fmt.Errorf("has the tag %s, and only %s is allowed: other tags can hide failures", tag.Name, noskip)
		}
		tagged = true
	}
	if !tagged {
		return fmt.Errorf("has no %s, so it would pass if its resource is missing", noskip)
	}
	checks := false
	for _, step := range pickle.Steps {
		s.steps = append(s.steps, step.Text)
		checks = checks || step.Type == messages.PickleStepType_OUTCOME
	}
	if !checks {
		return fmt.Errorf("checks nothing: it has no Then")
	}
	return nil
}

// Package pipeline holds the tests of the way from a change to Azure: the
// workflows, the settings of the repository on GitHub, and the scripts behind
// them.
package pipeline

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

const root = "../.."

// workflow is a workflow as far as the rules read it.
type workflow struct {
	file string // name in .github/workflows
	text string

	Name        string
	On          map[string]event
	Permissions map[string]string
	Concurrency concurrency
	Env         map[string]string
	Jobs        map[string]job
}

type event struct {
	Branches, Tags []string
	Inputs         map[string]any
	Filters        map[string]any `yaml:",inline"` // of other kinds
}

// UnmarshalYAML reads the filters of an event. A schedule is a list and has none.
func (e *event) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.SequenceNode {
		return nil
	}
	type plain event
	return node.Decode((*plain)(e))
}

type concurrency struct {
	Group  string
	Cancel string `yaml:"cancel-in-progress"`
}

type job struct {
	Name, If    string
	Needs       list
	Uses        string
	RunsOn      string `yaml:"runs-on"`
	Timeout     int    `yaml:"timeout-minutes"`
	Environment string
	Permissions map[string]string
	Concurrency concurrency
	Outputs     map[string]string
	Env         map[string]string
	Steps       []step
}

type step struct {
	ID, Name, If, Uses, Run string
	With, Env               map[string]string
}

// list is a YAML list of strings, or one string.
type list []string

// UnmarshalYAML reads both forms.
func (l *list) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*l = list{node.Value}
		return nil
	}
	return node.Decode((*[]string)(l))
}

// parse reads the workflows from their texts, by file name.
func parse(texts map[string]string) ([]workflow, error) {
	var all []workflow
	for _, file := range sortedKeys(texts) {
		w := workflow{file: file, text: texts[file]}
		if err := yaml.Unmarshal([]byte(w.text), &w); err != nil {
			return nil, fmt.Errorf("%s: %w", file, err)
		}
		all = append(all, w)
	}
	return all, nil
}

func readWorkflows(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob(root + "/.github/workflows/*")
	if err != nil || len(files) == 0 {
		t.Fatalf("%d workflows, %v", len(files), err)
	}
	texts := map[string]string{}
	for _, file := range files {
		texts[filepath.Base(file)] = read(t, file)
	}
	return texts
}

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// after reports whether a job waits for another, directly or not.
func (w workflow) after(name, other string) bool {
	return slices.ContainsFunc(w.Jobs[name].Needs, func(need string) bool { return need == other || w.after(need, other) })
}

var (
	fromNeeds = regexp.MustCompile(`^\$\{\{ needs\.([\w-]+)\.outputs\.([\w-]+) \}\}$`)
	fromStep  = regexp.MustCompile(`^\$\{\{ steps\.([\w-]+)\.outputs\.([\w-]+) \}\}$`)
)

// origin follows an expression of a job to the script that printed the value. It
// returns the name of the job, and what the step runs.
func (w workflow) origin(name, expression string) (from, run string) {
	needs := fromNeeds.FindStringSubmatch(expression)
	if needs == nil || !slices.Contains(w.Jobs[name].Needs, needs[1]) {
		return "", ""
	}
	output := fromStep.FindStringSubmatch(w.Jobs[needs[1]].Outputs[needs[2]])
	if output == nil {
		return "", ""
	}
	for _, s := range w.Jobs[needs[1]].Steps {
		if s.ID == output[1] {
			return needs[1], s.Run
		}
	}
	return "", ""
}

// value returns the expression behind a variable of a step.
func (j job) value(s step, variable string) string {
	if value, ok := s.Env[variable]; ok {
		return value
	}
	return j.Env[variable]
}

// commands returns the lines that a step runs, each without what is around it.
func (s step) commands() []string {
	var lines []string
	for line := range strings.Lines(s.Run) {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		}
	}
	return lines
}

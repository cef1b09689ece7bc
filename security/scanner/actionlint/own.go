package actionlint

import (
	"os"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner/script"
	"example.com/rates/security/tree"
)

// The rules of this gate itself, with those of package script, for what neither
// actionlint nor zizmor nor checkov finds.
const (
	ignoredFailure      = "ignored-failure"
	secretInPullRequest = "secret-in-pull-request"
	selfHosted          = "self-hosted-in-pull-request"
)

var (
	ignores = regexp.MustCompile(`\|\|\s*(true|:)\s*($|[;&#)])|^\s*set\s+\+(e|o\s+errexit)\b`)
	secret  = regexp.MustCompile(`\bsecrets\s*(\.\s*([A-Za-z_]\w*)|\[\s*'([^']*)')`)
)

// own returns the findings of these rules in a workflow. actionlint has read it, so
// it is YAML.
func own(t tree.Tree, file string) ([]finding.Finding, error) {
	content, err := os.ReadFile(t.Path(file))
	if err != nil {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return nil, err
	}
	if len(document.Content) == 0 {
		return nil, nil
	}
	w := workflow{file: file}
	w.read(document.Content[0])
	return w.found, nil
}

type workflow struct {
	file  string
	found []finding.Finding
}

// read reads a workflow, or an action that is made of steps.
func (w *workflow) read(top *yaml.Node) {
	changes := runsOn(get(top, "on"), "pull_request")
	if changes {
		w.secrets(get(top, "env"))
	}
	w.allSecrets(top)
	var given script.Context
	variables(&given, get(top, "env"))
	w.steps(get(top, "runs"), given)
	for _, job := range values(get(top, "jobs")) {
		w.continues(job)
		given := script.Context{Secrets: slices.Clone(given.Secrets), Inputs: slices.Clone(given.Inputs)}
		variables(&given, get(job, "env"))
		w.steps(job, given)
		w.outputs(job)
		if changes && get(job, "environment") == nil {
			w.secrets(job)
		}
		if changes || runsOn(get(top, "on"), "pull_request_target") {
			w.runner(job)
		}
	}
}

func (w *workflow) steps(parent *yaml.Node, given script.Context) {
	for _, step := range items(get(parent, "steps")) {
		w.continues(step)
		given := script.Context{Secrets: slices.Clone(given.Secrets), Inputs: slices.Clone(given.Inputs)}
		variables(&given, get(step, "env"))
		w.script(get(step, "run"), given)
		w.script(get(get(step, "with"), "script"), given) // of actions/github-script and those like it
	}
}

// variables adds those with secrets, and those with text that others choose.
func variables(given *script.Context, env *yaml.Node) {
	if env == nil || env.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(env.Content); i += 2 {
		name, value := env.Content[i].Value, resolved(env.Content[i+1]).Value
		if script.HoldsSecret(value) {
			given.Secrets = append(given.Secrets, name)
		}
		if script.HoldsInput(value) {
			given.Inputs = append(given.Inputs, name)
		}
	}
}

// outputs finds secrets that a job hands to others, by which they reach the log.
func (w *workflow) outputs(job *yaml.Node) {
	for _, value := range values(get(job, "outputs")) {
		if script.HoldsSecret(value.Value) {
			w.add(script.Printed, finding.High, value.Line, "A secret is an output of this job.",
				"Name the secret in the job that needs it.")
		}
	}
}

// everySecret matches an expression with all secrets at once.
var everySecret = regexp.MustCompile(`(?i)\btojson\s*\(\s*secrets\s*\)|\$\{\{\s*secrets\s*\}\}`)

func (w *workflow) allSecrets(node *yaml.Node) {
	if node.Kind == yaml.ScalarNode && everySecret.MatchString(node.Value) {
		w.add(script.Printed, finding.High, node.Line, "All secrets of the repository are taken at once.", "Name the secret that is needed.")
	}
	for _, child := range node.Content {
		w.allSecrets(child)
	}
}

func (w *workflow) add(rule string, severity finding.Severity, line int, message, help string) {
	w.found = append(w.found, finding.Finding{Rule: rule, Severity: severity, File: w.file, Line: line, Message: message, Help: help})
}

// continues finds a job or step whose failure is ignored.
func (w *workflow) continues(node *yaml.Node) {
	if value := get(node, "continue-on-error"); value != nil && value.Value != "false" {
		w.add(ignoredFailure, finding.Medium, value.Line, "A failure here is ignored, so what it checks may be red unnoticed.",
			"Remove continue-on-error. To go on after a failure, give the later step if: always().")
	}
}

func (w *workflow) script(run *yaml.Node, given script.Context) {
	if run == nil {
		return
	}
	first := run.Line
	if run.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0 {
		first++
	}
	for i, line := range strings.Split(run.Value, "\n") {
		if strings.HasPrefix(strings.TrimSpace(line), "#") {
			continue
		}
		if ignores.MatchString(line) {
			w.add(ignoredFailure, finding.Low, first+i, "A failure of this command is ignored.",
				"Test for the failure that is expected, with if, and let any other fail the step.")
		}
	}
	for _, f := range script.Faults(run.Value, given) {
		w.add(f.Rule, f.Severity, first+f.Line-1, f.Message, f.Help)
	}
}

// secrets finds secrets that a change can read before anybody has seen it. GitHub's
// own token has the permissions of the job.
func (w *workflow) secrets(node *yaml.Node) {
	if node == nil {
		return
	}
	if node.Kind == yaml.ScalarNode {
		for _, m := range secret.FindAllStringSubmatch(node.Value, -1) {
			if name := m[2] + m[3]; name != "GITHUB_TOKEN" {
				w.add(secretInPullRequest, finding.Medium, node.Line, "A change may read the secret "+name+" before anybody has reviewed it.",
					"Move the step into a workflow for main, or the job into an environment whose rules decide who gets the secret.")
			}
		}
	}
	for _, child := range node.Content {
		w.secrets(child)
	}
}

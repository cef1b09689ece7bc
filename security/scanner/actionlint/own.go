package actionlint

import (
	"os"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

	"example.com/rates/security/finding"
	"example.com/rates/security/tree"
)

// The rules of this gate itself, for what neither actionlint nor zizmor nor checkov
// finds.
const (
	ignoredFailure      = "ignored-failure"
	remoteScript        = "remote-script"
	secretInPullRequest = "secret-in-pull-request"
)

var (
	ignores = regexp.MustCompile(`\|\|\s*(true|:)\s*($|[;&#)])|^\s*set\s+\+(e|o\s+errexit)\b`)
	fetch   = `(curl|wget)\b[^|;&]*`
	shell   = `(sudo\s+(-\S+\s+)*)?(env\s+)?((ba|da|k|z)?sh|python[0-9.]*|perl|ruby|node)\b`
	remote  = regexp.MustCompile(fetch + `\|\s*` + shell + `|` + // curl … | sh
		`(` + shell + `|source|\.)\s+<\(\s*` + fetch + `|` + // bash <(curl …)
		`(` + shell + `\s+-c|eval)\s+"?\$\(\s*` + fetch) // sh -c "$(curl …)"
	secret = regexp.MustCompile(`\bsecrets\s*(\.\s*([A-Za-z_]\w*)|\[\s*'([^']*)')`)
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

func (w *workflow) read(top *yaml.Node) {
	changes := runsOn(get(top, "on"), "pull_request")
	if changes {
		w.secrets(get(top, "env"))
	}
	for _, job := range values(get(top, "jobs")) {
		w.continues(job)
		for _, step := range items(get(job, "steps")) {
			w.continues(step)
			w.script(get(step, "run"))
		}
		if changes && get(job, "environment") == nil {
			w.secrets(job)
		}
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

func (w *workflow) script(run *yaml.Node) {
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
		if remote.MatchString(line) {
			w.add(remoteScript, finding.High, first+i, "A script is fetched and run unseen; whoever controls the address controls this job.",
				"Pin what is fetched: an action by commit, a package by checksum, a file by sha256sum --check.")
		}
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

// get returns the value of a key, or nil.
func get(node *yaml.Node, key string) *yaml.Node {
	if node == nil || node.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(node.Content); i += 2 {
		if node.Content[i].Value == key {
			return resolved(node.Content[i+1])
		}
	}
	return nil
}

// resolved follows an alias.
func resolved(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		return node.Alias
	}
	return node
}

func values(node *yaml.Node) []*yaml.Node {
	var all []*yaml.Node
	if node != nil && node.Kind == yaml.MappingNode {
		for i := 1; i < len(node.Content); i += 2 {
			all = append(all, resolved(node.Content[i]))
		}
	}
	return all
}

func items(node *yaml.Node) []*yaml.Node {
	if node == nil || node.Kind != yaml.SequenceNode {
		return nil
	}
	all := slices.Clone(node.Content)
	for i := range all {
		all[i] = resolved(all[i])
	}
	return all
}

// runsOn reports whether a workflow runs on an event. on is its name, a list of
// names, or an object by name.
func runsOn(on *yaml.Node, event string) bool {
	if on == nil {
		return false
	}
	if on.Kind == yaml.MappingNode {
		return get(on, event) != nil
	}
	return on.Value == event || slices.ContainsFunc(on.Content, func(one *yaml.Node) bool { return one.Value == event })
}

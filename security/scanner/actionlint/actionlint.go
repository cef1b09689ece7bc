package scanner

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/tree"
)

// Actionlint examines GitHub workflows with actionlint, and the shell scripts
// in them with shellcheck.
type Actionlint struct{}

// Name implements Scanner.
func (Actionlint) Name() string { return "actionlint" }

// Subject implements Scanner.
func (Actionlint) Subject() string { return "GitHub workflows: mistakes, injection, shell scripts" }

// Scan implements Scanner.
func (Actionlint) Scan(ctx context.Context, job Job) (Outcome, error) {
	files := workflows(job.Tree)
	if len(files) == 0 {
		return Outcome{}, Errorf(NothingExamined, "there is no workflow in %s", workflowsDir)
	}
	tool, err := job.Tool(ctx, "actionlint")
	if err != nil {
		return Outcome{}, err
	}
	shellcheck, err := job.Tool(ctx, "shellcheck")
	if err != nil {
		return Outcome{}, err
	}
	project, err := actionlintProject(job)
	if err != nil {
		return Outcome{}, err
	}
	cmd := Command{
		Path: tool.Path,
		Args: append([]string{
			"-format", "{{json .}}", "-no-color", "-verbose",
			// Given by name, no configuration of the tree is honoured.
			"-config-file", "../" + actionlintConfig,
			"-shellcheck=" + shellcheck.Path, "-pyflakes=",
		}, files...),
		Dir:   project,
		Exits: []int{0, 1},
	}
	out, err := job.Run(ctx, cmd)
	if err != nil {
		return Outcome{}, err
	}
	findings, err := parseActionlint(out, files)
	if err != nil {
		return Outcome{}, err
	}
	return Outcome{
		Tool: tool.Name, Version: tool.Version,
		Examined: Examined{Count: len(files), Unit: "workflows"},
		Commands: []string{cmd.String()},
		Notes: []string{
			"shellcheck " + shellcheck.Version + " examined the shell scripts",
			"Python scripts of workflows and the scripts of composite actions are not examined",
		},
		Findings: append(findings, suppressions(job.Tree, "actionlint", files)...),
	}, nil
}

const workflowsDir = ".github/workflows"

// workflows returns the files that GitHub takes for workflows: those right in
// the folder, not below it.
func workflows(t tree.Tree) []string {
	return slices.DeleteFunc(t.Matching("*.yml", "*.yaml"), func(name string) bool { return path.Dir(name) != workflowsDir })
}

const actionlintConfig = "actionlint.yaml"

// actionlintProject makes what actionlint takes for a repository, which the
// tree without its .git is not: it would not check the inputs of the actions
// and workflows that a workflow calls from its own repository.
func actionlintProject(job Job) (string, error) {
	project := filepath.Join(job.Scratch, "repository")
	if err := os.MkdirAll(filepath.Join(project, ".git"), 0o750); err != nil {
		return "", err
	}
	entries, err := os.ReadDir(job.Tree.Dir)
	if err != nil {
		return "", err
	}
	for _, entry := range entries {
		if err := os.Symlink(filepath.Join(job.Tree.Dir, entry.Name()), filepath.Join(project, entry.Name())); err != nil {
			return "", err
		}
	}
	return project, os.WriteFile(filepath.Join(job.Scratch, actionlintConfig), []byte("{}\n"), 0o600)
}

// actionlintError is one error as actionlint prints it.
type actionlintError struct {
	Message string `json:"message"`
	File    string `json:"filepath"`
	Line    int    `json:"line"`
	Kind    string `json:"kind"`
	Snippet string `json:"snippet"`
}

// actionlintFound is the account of one file in what actionlint says besides.
var actionlintFound = regexp.MustCompile(`(?m)^verbose: Found total ([0-9]+) errors in [0-9]+ ms for (.+)$`)

// parseActionlint reads what actionlint printed about the files. Its own
// account must name each file, with as many errors as were printed.
func parseActionlint(out Output, files []string) ([]finding.Finding, error) {
	var list []actionlintError
	if err := json.Unmarshal(out.Stdout, &list); err != nil || list == nil {
		return nil, Errorf(BadOutput, "actionlint printed no list of errors but %s", describe(out.Stdout))
	}
	if strings.Contains(string(out.Stderr), `Rule "shellcheck" was disabled`) {
		return nil, Errorf(ToolFailed, "actionlint could not use shellcheck, so it did not examine the scripts")
	}
	if (len(list) == 0) != (out.Exit == 0) {
		return nil, Errorf(BadOutput, "actionlint ended with code %d and printed %d errors", out.Exit, len(list))
	}
	findings, count := []finding.Finding{}, map[string]int{}
	for _, e := range list {
		if e.Message == "" || e.Kind == "" || !slices.Contains(files, e.File) {
			return nil, Errorf(BadOutput, "actionlint printed an error without message, kind or one of the files: %+v", e)
		}
		if e.Kind == "syntax-check" && strings.HasPrefix(e.Message, "could not parse as YAML") {
			return nil, Errorf(BadInput, "%s:%d: %s", e.File, e.Line, e.Message)
		}
		count[e.File]++
		findings = append(findings, e.finding())
	}
	saw := map[string]int{}
	for _, line := range actionlintFound.FindAllStringSubmatch(string(out.Stderr), -1) {
		n, err := strconv.Atoi(line[1])
		if err != nil {
			return nil, Errorf(BadOutput, "actionlint counts %q errors", line[1])
		}
		saw[line[2]] = n
	}
	for _, file := range files {
		switch n, ok := saw[file]; {
		case !ok:
			return nil, Errorf(BadOutput, "actionlint does not say that it examined %s", file)
		case n != count[file]:
			return nil, Errorf(BadOutput, "actionlint counts %d errors in %s and printed %d", n, file, count[file])
		}
	}
	return findings, nil
}

// shellcheckIssue is the message about a script: rule, level, line within the
// script, text.
var shellcheckIssue = regexp.MustCompile(`^shellcheck reported issue in this script: (SC[0-9]+):([a-z]+):([0-9]+):[0-9]+: (?s:(.*))$`)

// blockScript matches a script that begins on the line below its key.
var blockScript = regexp.MustCompile(`\brun:\s*\|[-+]?\s*(#.*)?(\n|$)`)

func (e actionlintError) finding() finding.Finding {
	f := finding.Finding{
		Rule: e.Kind, Message: e.Message, File: e.File, Line: e.Line,
		URL: "https://github.com/rhysd/actionlint/blob/v1.7.12/docs/checks.md",
	}
	if issue := shellcheckIssue.FindStringSubmatch(e.Message); issue != nil {
		f.Rule, f.Severity, f.URL = issue[1], shellcheckSeverity(issue[2]), shellcheckURL(issue[1])
		f.Message = issue[4]
		if n, err := strconv.Atoi(issue[3]); err == nil && blockScript.MatchString(e.Snippet) {
			f.Line += n
		} else {
			f.Message = fmt.Sprintf("%s (line %s of the script)", issue[4], issue[3])
		}
	}
	if e.Kind == "expression" && strings.Contains(e.Message, "is potentially untrusted") {
		// zizmor has a name for this one; actionlint calls all of its kind alike.
		f.Severity, f.Aliases = finding.High, []string{"template-injection"}
		f.Help = "Pass the value to the script in an environment variable (env:) and use that."
	}
	f.Witnesses = []finding.Witness{{Gate: "actionlint", Rule: f.Rule}}
	return f
}

// shellcheckSeverity maps the levels of shellcheck, which hadolint shares.
func shellcheckSeverity(level string) finding.Severity {
	switch level {
	case "error":
		return finding.High
	case "warning":
		return finding.Medium
	case "info":
		return finding.Low
	case "style":
		return finding.Info
	default:
		return finding.Unknown
	}
}

func shellcheckURL(rule string) string { return "https://www.shellcheck.net/wiki/" + rule }

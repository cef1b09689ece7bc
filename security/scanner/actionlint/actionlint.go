// Package actionlint is the gate that examines GitHub workflows with
// actionlint, and the shell scripts in them with shellcheck.
package actionlint

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/shellcheck"
	"example.com/rates/security/tree"
)

// New returns the gate.
func New() scanner.Scanner {
	return scanner.Gate{
		ID: "actionlint", About: "GitHub workflows: mistakes, injection, shell scripts", Unit: "workflows",
		Inputs: scanner.Workflows, NoInputs: "there is no workflow in " + scanner.WorkflowsDir,
		Obeys:   []scanner.Obeyed{{Tool: "actionlint", Settings: []string{"actionlint.yaml", "actionlint.yml"}}, shellcheck.Obeyed()},
		Examine: examine,
	}
}

func examine(ctx context.Context, s *scanner.Scan) error {
	checker, err := s.Job.Tool(ctx, "shellcheck")
	if err != nil {
		return err
	}
	settings, err := s.Write("actionlint.yaml", "{}\n")
	if err != nil {
		return err
	}
	dir, err := project(s)
	if err != nil {
		return err
	}
	out, err := s.Run(ctx, scanner.Command{
		Args: append([]string{
			"-format", "{{json .}}", "-no-color", "-verbose",
			"-config-file", settings, // named, so that settings in the tree are not read
			"-shellcheck=" + checker.Path, "-pyflakes=",
		}, s.Files...),
		Dir: dir, Exits: []int{0, 1},
	})
	if err != nil {
		return err
	}
	findings, err := parse(out, s.Files)
	if err != nil {
		return err
	}
	s.Found(findings...)
	for _, file := range slices.Concat(s.Files, actions(s.Job.Tree)) {
		found, err := own(s.Job.Tree, file)
		if err != nil {
			return scanner.Errorf(scanner.BadInput, "%s: %w", file, err)
		}
		s.Found(found...)
	}
	s.Note("shellcheck %s examined the shell scripts", checker.Version)
	if composite := actions(s.Job.Tree); len(composite) > 0 {
		s.Unseen("shellcheck does not examine the scripts of composite actions: %s", strings.Join(composite, ", "))
	}
	if python := inPython(s.Job.Tree, s.Files); len(python) > 0 {
		s.Unseen("nothing examines the Python scripts in: %s", strings.Join(python, ", "))
	}
	return s.FindSuppressions(s.Files)
}

// pythonShell matches a step or a default that runs scripts with Python.
var pythonShell = regexp.MustCompile(`(?m)^[\s-]*["']?shell["']?:\s*["']?\S*python`)

// inPython returns the files that run scripts with Python.
func inPython(t tree.Tree, files []string) []string {
	return slices.DeleteFunc(slices.Clone(files), func(name string) bool {
		return !pythonShell.MatchString(strings.Join(scanner.LinesOf(t, name), "\n"))
	})
}

// actions returns the files that describe actions. actionlint reads none of them by
// itself.
func actions(t tree.Tree) []string { return t.Matching("action.yml", "action.yaml") }

// project makes a folder that actionlint accepts as a repository. The copy has
// no .git, without which actionlint does not check the inputs of the actions
// and workflows that a workflow calls from its own repository.
func project(s *scanner.Scan) (string, error) {
	dir, err := s.Folder("repository")
	if err != nil {
		return "", err
	}
	if err := os.Mkdir(filepath.Join(dir, ".git"), 0o750); err != nil {
		return "", err
	}
	entries, err := os.ReadDir(s.Job.Tree.Dir)
	if err != nil {
		return "", err
	}
	for _, entry := range entries {
		if err := os.Symlink(filepath.Join(s.Job.Tree.Dir, entry.Name()), filepath.Join(dir, entry.Name())); err != nil {
			return "", err
		}
	}
	return dir, nil
}

// mistake is one error as actionlint prints it.
type mistake struct {
	Message string `json:"message"`
	File    string `json:"filepath"`
	Line    int    `json:"line"`
	Kind    string `json:"kind"`
	Snippet string `json:"snippet"`
}

// accounts matches the log line with the number of errors in a file.
var accounts = regexp.MustCompile(`(?m)^verbose: Found total ([0-9]+) errors in [0-9]+ ms for (.+)$`)

// parse reads what actionlint printed about the files. Its log must name each
// file, with as many errors as were printed.
func parse(out scanner.Output, files []string) ([]finding.Finding, error) {
	var list []mistake
	if err := json.Unmarshal(out.Stdout, &list); err != nil || list == nil {
		return nil, scanner.Errorf(scanner.BadOutput, "actionlint printed no list of errors, but %s", scanner.Describe(out.Stdout))
	}
	if strings.Contains(string(out.Stderr), `Rule "shellcheck" was disabled`) {
		return nil, scanner.Errorf(scanner.ToolFailed, "actionlint could not use shellcheck, so it did not examine the scripts")
	}
	if (len(list) == 0) != (out.Exit == 0) {
		return nil, scanner.Errorf(scanner.BadOutput, "actionlint ended with code %d and printed %d errors", out.Exit, len(list))
	}
	findings, count := []finding.Finding{}, map[string]int{}
	for _, e := range list {
		if e.Message == "" || e.Kind == "" || !slices.Contains(files, e.File) {
			return nil, scanner.Errorf(scanner.BadOutput, "actionlint printed an error without message, kind or one of the files: %+v", e)
		}
		if e.Kind == "syntax-check" && strings.HasPrefix(e.Message, "could not parse as YAML") {
			return nil, scanner.Errorf(scanner.BadInput, "%s:%d: %s", e.File, e.Line, e.Message)
		}
		count[e.File]++
		findings = append(findings, e.finding())
	}
	saw := map[string]int{}
	for _, line := range accounts.FindAllStringSubmatch(string(out.Stderr), -1) {
		n, err := strconv.Atoi(line[1])
		if err != nil {
			return nil, scanner.Errorf(scanner.BadOutput, "actionlint counts %q errors", line[1])
		}
		saw[line[2]] = n
	}
	for _, file := range files {
		switch n, ok := saw[file]; {
		case !ok:
			return nil, scanner.Errorf(scanner.BadOutput, "actionlint does not say that it examined %s", file)
		case n != count[file]:
			return nil, scanner.Errorf(scanner.BadOutput, "actionlint counts %d errors in %s and printed %d", n, file, count[file])
		}
	}
	return findings, nil
}

// shellcheckIssue is the message about a script: rule, level, line within the
// script, text.
var shellcheckIssue = regexp.MustCompile(`^shellcheck reported issue in this script: (SC[0-9]+):([a-z]+):([0-9]+):[0-9]+: (?s:(.*))$`)

// blockScript matches a script that begins on the line below its key.
var blockScript = regexp.MustCompile(`\brun:\s*\|[-+]?\s*(#.*)?(\n|$)`)

func (e mistake) finding() finding.Finding {
	f := finding.Finding{
		Rule: e.Kind, Message: e.Message, Help: help(e.Kind), File: e.File, Line: e.Line,
		URL: "https://github.com/rhysd/actionlint/blob/v1.7.12/docs/checks.md",
	}
	if issue := shellcheckIssue.FindStringSubmatch(e.Message); issue != nil {
		f.Rule, f.Severity, f.URL = issue[1], shellcheck.Severity(issue[2]), shellcheck.URL(issue[1])
		f.Message, f.Help = issue[4], "Change the script as the page about "+issue[1]+" says."
		if n, err := strconv.Atoi(issue[3]); err == nil && blockScript.MatchString(e.Snippet) {
			f.Line += n
		} else {
			f.Message = fmt.Sprintf("%s (line %s of the script)", issue[4], issue[3])
		}
	}
	if e.Kind == "expression" && strings.Contains(e.Message, "is potentially untrusted") {
		// zizmor has a name for this one; actionlint gives all of its kind the
		// same name.
		f.Severity, f.Aliases = finding.High, []string{"template-injection"}
		f.Help = "Pass the value to the script in an environment variable (env:) and use that."
	}
	f.Witnesses = []finding.Witness{{Gate: "actionlint", Rule: f.Rule}}
	return f
}

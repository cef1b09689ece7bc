package checkov

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/terraform"
	"example.com/rates/security/tree"
)

// reports are the reports of checkov, one for each framework with files.
type reports []report

type report struct {
	CheckType string `json:"check_type"`
	Results   struct {
		Passed        []record `json:"passed_checks"`
		Failed        []record `json:"failed_checks"`
		Skipped       []record `json:"skipped_checks"`
		ParsingErrors []string `json:"parsing_errors"`
	} `json:"results"`
	Version string `json:"checkov_version"` // only with bare counts
	Summary *struct {
		Failed        int `json:"failed"`
		ParsingErrors int `json:"parsing_errors"`
		Resources     int `json:"resource_count"`
	} `json:"summary"`
}

type record struct {
	ID        string `json:"check_id"`
	Name      string `json:"check_name"`
	File      string `json:"file_path"`
	Lines     []int  `json:"file_line_range"`
	Resource  string `json:"resource"`
	Severity  string `json:"severity"`
	Guideline string `json:"guideline"`
}

// parse reads checkov's JSON: a list of reports, one report, or bare counts if
// it found no file. name turns paths of the copy into those of the repository.
func parse(out []byte, name func(path string) string) (reports, error) {
	var all reports
	switch text := bytes.TrimSpace(out); {
	case bytes.HasPrefix(text, []byte("[")):
		if err := json.Unmarshal(text, &all); err != nil {
			return nil, scanner.Errorf(scanner.BadOutput, "checkov printed %s: %w", scanner.Describe(out), err)
		}
	default:
		var r report
		if err := json.Unmarshal(text, &r); err != nil {
			return nil, scanner.Errorf(scanner.BadOutput, "checkov printed %s: %w", scanner.Describe(out), err)
		}
		if r.CheckType == "" && r.Version != "" {
			return nil, nil
		}
		all = reports{r}
	}
	for _, r := range all {
		if r.CheckType == "" || r.Summary == nil {
			return nil, scanner.Errorf(scanner.BadOutput, "checkov's report names no framework or gives no summary: %s", scanner.Describe(out))
		}
		if broken := r.Results.ParsingErrors; len(broken) > 0 {
			return nil, scanner.Errorf(scanner.BadInput, "checkov could not parse %s and %d other files", name(broken[0]), len(broken)-1)
		}
		if n := r.Summary.ParsingErrors; n > 0 {
			return nil, scanner.Errorf(scanner.BadInput, "checkov could not parse %d files", n)
		}
		if r.Summary.Failed != len(r.Results.Failed) {
			return nil, scanner.Errorf(scanner.BadOutput, "checkov counts %d failed checks and lists %d", r.Summary.Failed, len(r.Results.Failed))
		}
		for _, c := range r.records() {
			if c.ID == "" || !strings.HasPrefix(c.File, "/") {
				return nil, scanner.Errorf(scanner.BadOutput, "checkov lists a check without an id or a file")
			}
		}
	}
	return all, nil
}

// warningLine matches a line of checkov's log about something that went wrong. A
// warning can be about a file that checkov did not understand.
var warningLine = regexp.MustCompile(`(?m)^\S+ \S+ \[[^]]*\] \[(?:WARNI|ERROR|CRITI)\]\s+(.*)$`)

func warnings(stderr []byte) error {
	if found := warningLine.FindSubmatch(stderr); found != nil {
		return scanner.Errorf(scanner.BadInput, "checkov did not understand all of its input: %s", found[1])
	}
	if bytes.Contains(stderr, []byte("Traceback (most recent call last)")) {
		return scanner.Errorf(scanner.ToolFailed, "checkov crashed: %s", scanner.LastWords(scanner.Output{Stderr: stderr}))
	}
	return nil
}

func (r report) records() []record {
	return slices.Concat(r.Results.Passed, r.Results.Failed, r.Results.Skipped)
}

// cover returns the files that a check examined. A file that none examined, or a
// resource that was not counted, is an error.
func (rs reports) cover(t tree.Tree, in inputs) (map[string]bool, error) {
	seen, resources := map[string]bool{}, 0
	by := map[string]map[string]bool{}
	for _, r := range rs {
		files := map[string]bool{}
		for _, c := range r.records() {
			files[strings.TrimPrefix(c.File, "/")] = true
		}
		by[r.CheckType] = files
		maps.Copy(seen, files)
		if r.CheckType == "terraform" {
			resources = r.Summary.Resources
		}
	}
	for framework, files := range map[string][]string{
		"dockerfile": in.dockerfiles, "github_actions": in.workflows,
	} {
		for _, file := range files {
			if !by[framework][file] {
				return nil, scanner.Errorf(scanner.BadInput, "checkov ran no check of %s on %s: it is empty or malformed", framework, file)
			}
		}
	}
	written := 0
	for _, file := range in.terraform {
		if strings.HasSuffix(file, ".json") {
			return nil, scanner.Errorf(scanner.BadInput, "checkov does not read %s; write it in Terraform's own language", file)
		}
		written += len(terraform.Resources(t, file))
	}
	if resources < written {
		return nil, scanner.Errorf(scanner.BadInput, "checkov counted %d resources of the %d in the Terraform files", resources, written)
	}
	for _, file := range in.terraform {
		seen[file] = true // it was parsed, or there would be an error
	}
	return seen, nil
}

// typesWithoutRule returns the types of resources that no check covers.
func (rs reports) typesWithoutRule(t tree.Tree, files []string) []string {
	checked := map[string]bool{}
	for _, r := range rs {
		for _, c := range r.records() {
			for _, part := range strings.Split(c.Resource, ".") {
				checked[part] = true
			}
		}
	}
	var without []string
	for _, file := range files {
		for _, b := range terraform.Resources(t, file) {
			if !checked[b.Type()] {
				without = append(without, b.Type())
			}
		}
	}
	slices.Sort(without)
	return slices.Compact(without)
}

// findings returns the checks that failed, and those that a comment skipped.
func (rs reports) findings() []finding.Finding {
	var found []finding.Finding
	for _, r := range rs {
		for _, c := range r.Results.Failed {
			found = append(found, c.finding(r.CheckType, c.Name+" (not met)"))
		}
		for _, c := range r.Results.Skipped {
			found = append(found, c.finding(r.CheckType, c.Name+" (a comment skips the check)"))
		}
	}
	return found
}

func (r record) finding(framework, message string) finding.Finding {
	url := cmp.Or(r.Guideline, "https://www.checkov.io/5.Policy%20Index/"+framework+".html")
	help := "Follow the rule; " + url + " lists it and links to its source."
	severity := finding.SeverityOf(r.Severity)
	if severity == finding.Unknown {
		severity = severityOf(r.ID)
	}
	f := finding.Finding{
		Rule: r.ID, Severity: severity,
		Message: message, Help: help, URL: url,
		File: strings.TrimPrefix(r.File, "/"),
	}
	if len(r.Lines) == 2 {
		f.Line, f.EndLine = max(r.Lines[0], 0), max(r.Lines[1], 0)
	}
	if framework == "terraform" {
		f.Resource = r.Resource
	}
	return f
}

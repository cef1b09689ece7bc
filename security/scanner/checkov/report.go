package scanner

import (
	"bytes"
	"cmp"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/tree"
)

// checkovReports are the reports of checkov, one for each framework that it
// found files for.
type checkovReports []checkovReport

type checkovReport struct {
	CheckType string `json:"check_type"`
	Results   struct {
		Passed        []checkovRecord `json:"passed_checks"`
		Failed        []checkovRecord `json:"failed_checks"`
		Skipped       []checkovRecord `json:"skipped_checks"`
		ParsingErrors []string        `json:"parsing_errors"`
	} `json:"results"`
	Version string `json:"checkov_version"` // only beside bare counts
	Summary *struct {
		Failed        int `json:"failed"`
		ParsingErrors int `json:"parsing_errors"`
		Resources     int `json:"resource_count"`
	} `json:"summary"`
}

type checkovRecord struct {
	ID        string `json:"check_id"`
	Name      string `json:"check_name"`
	File      string `json:"file_path"`
	Lines     []int  `json:"file_line_range"`
	Resource  string `json:"resource"`
	Severity  string `json:"severity"`
	Guideline string `json:"guideline"`
}

// parseCheckov reads checkov's JSON: a list of reports, a report alone, or
// bare counts where it found no file at all. name turns the paths of the copy
// into those of the repository.
func parseCheckov(out []byte, name func(path string) string) (checkovReports, error) {
	var reports checkovReports
	switch text := bytes.TrimSpace(out); {
	case bytes.HasPrefix(text, []byte("[")):
		if err := json.Unmarshal(text, &reports); err != nil {
			return nil, Errorf(BadOutput, "checkov printed %s: %w", describe(out), err)
		}
	default:
		var report checkovReport
		if err := json.Unmarshal(text, &report); err != nil {
			return nil, Errorf(BadOutput, "checkov printed %s: %w", describe(out), err)
		}
		if report.CheckType == "" && report.Version != "" {
			return nil, nil
		}
		reports = checkovReports{report}
	}
	for _, report := range reports {
		if report.CheckType == "" || report.Summary == nil {
			return nil, Errorf(BadOutput, "checkov's report names no framework or gives no summary: %s", describe(out))
		}
		if broken := report.Results.ParsingErrors; len(broken) > 0 {
			return nil, Errorf(BadInput, "checkov could not parse %s and %d other files", name(broken[0]), len(broken)-1)
		}
		if n := report.Summary.ParsingErrors; n > 0 {
			return nil, Errorf(BadInput, "checkov could not parse %d files", n)
		}
		if report.Summary.Failed != len(report.Results.Failed) {
			return nil, Errorf(BadOutput, "checkov counts %d failed checks and lists %d", report.Summary.Failed, len(report.Results.Failed))
		}
		for _, record := range report.records() {
			if record.ID == "" || !strings.HasPrefix(record.File, "/") {
				return nil, Errorf(BadOutput, "checkov lists a check without an id or a file")
			}
		}
	}
	return reports, nil
}

// checkovWarning matches a line of checkov's log that says that something went
// wrong. What is only a warning there can be a file that was not understood.
var checkovWarning = regexp.MustCompile(`(?m)^\S+ \S+ \[[^]]*\] \[(?:WARNI|ERROR|CRITI)\]\s+(.*)$`)

func checkovWarnings(stderr []byte) error {
	if found := checkovWarning.FindSubmatch(stderr); found != nil {
		return Errorf(BadInput, "checkov did not understand all of its input: %s", found[1])
	}
	if bytes.Contains(stderr, []byte("Traceback (most recent call last)")) {
		return Errorf(ToolFailed, "checkov crashed: %s", lastWords(Output{Stderr: stderr}))
	}
	return nil
}

func (r checkovReport) records() []checkovRecord {
	return slices.Concat(r.Results.Passed, r.Results.Failed, r.Results.Skipped)
}

// cover returns the files that a check looked at. A file that none looked at,
// or a resource that was not counted, is an error.
func (rs checkovReports) cover(t tree.Tree, inputs checkovInputs) (map[string]bool, error) {
	seen, resources := map[string]bool{}, 0
	by := map[string]map[string]bool{}
	for _, report := range rs {
		files := map[string]bool{}
		for _, record := range report.records() {
			files[strings.TrimPrefix(record.File, "/")] = true
		}
		by[report.CheckType] = files
		maps.Copy(seen, files)
		if report.CheckType == "terraform" {
			resources = report.Summary.Resources
		}
	}
	for framework, files := range map[string][]string{
		"dockerfile": inputs.dockerfiles, "yaml": inputs.compose, "github_actions": inputs.workflows,
	} {
		for _, file := range files {
			if !by[framework][file] {
				return nil, Errorf(BadInput, "checkov ran no check of %s on %s: it is empty or malformed", framework, file)
			}
		}
	}
	written := 0
	for _, file := range inputs.terraform {
		if strings.HasSuffix(file, ".json") {
			return nil, Errorf(BadInput, "checkov does not read %s; write it in Terraform's own language", file)
		}
		written += len(resourceTypes(t, file))
	}
	if resources < written {
		return nil, Errorf(BadInput, "checkov counted %d resources of the %d in the Terraform files", resources, written)
	}
	for _, file := range inputs.terraform {
		seen[file] = true // all that could be parsed, or there would be an error
	}
	return seen, nil
}

// resourceBlock begins a resource in a Terraform file.
var resourceBlock = regexp.MustCompile(`^\s*resource\s+"?([A-Za-z0-9_-]+)"?\s+"?[A-Za-z0-9_-]+"?\s*\{`)

// resourceTypes returns the type of each resource in a Terraform file.
func resourceTypes(t tree.Tree, file string) []string {
	var types []string
	for _, line := range allLines(t, file) {
		if found := resourceBlock.FindStringSubmatch(line); found != nil {
			types = append(types, found[1])
		}
	}
	return types
}

// typesWithoutRule returns the types of resources that no check was about.
func (rs checkovReports) typesWithoutRule(t tree.Tree, files []string) []string {
	checked := map[string]bool{}
	for _, report := range rs {
		for _, record := range report.records() {
			for _, part := range strings.Split(record.Resource, ".") {
				checked[part] = true
			}
		}
	}
	var without []string
	for _, file := range files {
		for _, kind := range resourceTypes(t, file) {
			if !checked[kind] {
				without = append(without, kind)
			}
		}
	}
	slices.Sort(without)
	return slices.Compact(without)
}

// findings returns the checks that failed, and those that a comment skipped.
func (rs checkovReports) findings(gate string) []finding.Finding {
	var found []finding.Finding
	for _, report := range rs {
		for _, record := range report.Results.Failed {
			found = append(found, record.finding(gate, report.CheckType, record.Name+" (not met)"))
		}
		for _, record := range report.Results.Skipped {
			found = append(found, record.finding(gate, report.CheckType, record.Name+" (a comment skips the check)"))
		}
	}
	return found
}

func (r checkovRecord) finding(gate, framework, message string) finding.Finding {
	severity, err := finding.ParseSeverity(r.Severity)
	if err != nil {
		severity = finding.Unknown // checkov tells it to customers only
	}
	url := cmp.Or(r.Guideline, "https://www.checkov.io/5.Policy%20Index/"+framework+".html")
	help := "Meet the rule; " + url + " lists it, and leads to its source."
	if framework == "yaml" {
		url, help = "", "Meet the rule; security/scanner/checkov/compose.py says what it asks for."
	}
	f := finding.Finding{
		Rule: r.ID, Severity: severity, Message: message, Help: help, URL: url,
		File:      strings.TrimPrefix(r.File, "/"),
		Witnesses: []finding.Witness{{Gate: gate, Rule: r.ID}},
	}
	if len(r.Lines) == 2 {
		f.Line, f.EndLine = max(r.Lines[0], 0), max(r.Lines[1], 0)
	}
	switch framework {
	case "terraform":
		f.Resource = r.Resource
	case "yaml": // PATH.services.NAME.CHECK[LINES]
		if _, name, ok := strings.Cut(r.Resource, ".services."); ok {
			f.Resource, _, _ = strings.Cut(name, "."+r.ID)
		}
	}
	return f
}

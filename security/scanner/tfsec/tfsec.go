package scanner

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/tree"
)

// Tfsec examines Terraform with tfsec.
type Tfsec struct{}

// Name implements Scanner.
func (Tfsec) Name() string { return "tfsec" }

// Subject implements Scanner.
func (Tfsec) Subject() string { return "Terraform: settings of cloud resources" }

// Scan implements Scanner.
func (g Tfsec) Scan(ctx context.Context, job Job) (Outcome, error) {
	files := terraformFiles(job.Tree)
	if len(files) == 0 {
		return Outcome{}, Errorf(NothingExamined, "there is no Terraform file")
	}
	tool, err := job.Tool(ctx, "tfsec")
	if err != nil {
		return Outcome{}, err
	}
	// Named here, so that no .tfsec in the tree is read.
	config, checks := filepath.Join(job.Scratch, "tfsec.json"), filepath.Join(job.Scratch, "checks")
	if err := errors.Join(os.MkdirAll(checks, 0o750), os.WriteFile(config, []byte("{}\n"), 0o600)); err != nil {
		return Outcome{}, fmt.Errorf("write the settings of tfsec: %w", err)
	}
	cmd := Command{
		Path: tool.Path, Dir: job.Tree.Dir,
		Args: []string{
			"--config-file", config, "--custom-check-dir", checks, "--format", "json", "--no-color", "--no-code", "--debug",
			"--no-ignores", "--include-ignored", "--include-passed", "--no-module-downloads", ".",
		},
		Exits: []int{0, 1},
	}
	out, err := job.Run(ctx, cmd)
	if err != nil {
		return Outcome{}, err
	}
	root, err := fromRoot(job.Tree.Dir)
	if err != nil {
		return Outcome{}, err
	}
	if said, failed := bytes.CutPrefix(out.Stdout, []byte("Error: ")); failed {
		return Outcome{}, Errorf(BadInput, "tfsec could not read all of its input: %s", bytes.ReplaceAll(bytes.TrimSpace(said), []byte(root), nil))
	}
	parsed, err := parseTfsecLog(out.Stderr, root)
	if err != nil {
		return Outcome{}, err
	}
	for _, file := range files {
		if !parsed[file] {
			return Outcome{}, Errorf(BadInput, "tfsec did not read %s", file)
		}
	}
	results, err := parseTfsec(out.Stdout, func(path string) string { return job.Tree.Name(path, ".") })
	if err != nil {
		return Outcome{}, err
	}
	notes := []string{"tfsec is no longer developed; trivy goes on with its rules"}
	if without := withoutRule(job.Tree, files, results); len(without) > 0 {
		notes = append(notes, "no rule was about resources of the types "+strings.Join(without, ", "))
	}
	return Outcome{
		Tool: tool.Name, Version: tool.Version,
		Examined: Examined{Count: len(files), Unit: "files"},
		Commands: []string{job.typed(cmd)}, Notes: notes,
		Findings: append(tfsecFindings(g.Name(), results), suppressions(job.Tree, g.Name(), files)...),
	}, nil
}

// terraformFiles returns the files that Terraform reads as configuration.
func terraformFiles(t tree.Tree) []string { return t.Matching("*.tf", "*.tf.json") }

// tfsecResult is a rule that was applied at a place.
type tfsecResult struct {
	RuleID      string   `json:"rule_id"` // AVD-AZU-0016
	LongID      string   `json:"long_id"` // azure-keyvault-no-purge
	Rule        string   `json:"rule_description"`
	Description string   `json:"description"`
	Resolution  string   `json:"resolution"`
	Severity    string   `json:"severity"`
	Links       []string `json:"links"`
	Status      *int     `json:"status"`
	Resource    string   `json:"resource"`
	Location    struct {
		File  string `json:"filename"`
		Start int    `json:"start_line"`
		End   int    `json:"end_line"`
	} `json:"location"`
}

// tfsecPassed is the status of a rule that a resource keeps. All others are
// findings.
const tfsecPassed = 1

// parseTfsec reads tfsec's JSON. name turns the paths of the copy into those of
// the repository.
func parseTfsec(out []byte, name func(path string) string) ([]tfsecResult, error) {
	var report struct {
		Results *[]tfsecResult `json:"results"`
	}
	if err := json.Unmarshal(out, &report); err != nil {
		return nil, Errorf(BadOutput, "tfsec printed %s: %w", describe(out), err)
	}
	if report.Results == nil {
		return nil, Errorf(BadOutput, "tfsec's report has no results, not even an empty list: %s", describe(out))
	}
	results := *report.Results
	for i := range results {
		if results[i].LongID == "" || results[i].Status == nil {
			return nil, Errorf(BadOutput, "tfsec's report has a result without a rule or a status")
		}
		results[i].Location.File = name(results[i].Location.File)
	}
	return results, nil
}

// The lines of tfsec's log of which more is made than text.
var (
	tfsecAdded  = regexp.MustCompile(`(?m)^\S+ \S+\s+Added file (.+)\.$`)
	tfsecFailed = regexp.MustCompile(`(?m)\sFailed to load module '(.+)'\. Maybe`)
	tfsecEnded  = regexp.MustCompile(`(?m)^\S+ \S+\s+Exit code based on results: [01]$`)
)

// fromRoot returns a folder as tfsec's log begins the paths of what is in it:
// as seen from the root of the file system.
func fromRoot(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	return strings.TrimPrefix(filepath.ToSlash(dir), "/") + "/", err
}

// parseTfsecLog returns the files that tfsec says it parsed, by its log with
// --debug. root is the folder as fromRoot gives it.
func parseTfsecLog(log []byte, root string) (map[string]bool, error) {
	if failed := tfsecFailed.FindSubmatch(log); failed != nil {
		return nil, Errorf(BadInput, "tfsec could not load a module: %s", strings.ReplaceAll(string(failed[1]), root, ""))
	}
	if !tfsecEnded.Match(log) {
		return nil, Errorf(BadOutput, "the log of tfsec has no end")
	}
	parsed := map[string]bool{}
	for _, added := range tfsecAdded.FindAllSubmatch(log, -1) {
		parsed[string(bytes.TrimPrefix(added[1], []byte(root)))] = true
	}
	return parsed, nil
}

func tfsecFindings(gate string, results []tfsecResult) []finding.Finding {
	var found []finding.Finding
	for _, r := range results {
		if *r.Status == tfsecPassed {
			continue
		}
		f := finding.Finding{
			Rule: r.LongID, Severity: tfsecSeverity(r.Severity), Message: cmp.Or(r.Description, r.Rule), Help: r.Resolution,
			File: r.Location.File, Line: max(r.Location.Start, 0), EndLine: max(r.Location.End, 0), Resource: r.Resource,
			Witnesses: []finding.Witness{{Gate: gate, Rule: r.LongID}},
		}
		if r.RuleID != "" {
			f.Aliases = []string{r.RuleID}
			if short, old := strings.CutPrefix(r.RuleID, "AVD-"); old {
				f.Aliases = append(f.Aliases, short) // its name since 2025
			}
		}
		if len(r.Links) > 0 {
			f.URL = r.Links[0]
		}
		found = append(found, f)
	}
	return found
}

func tfsecSeverity(name string) finding.Severity {
	severity, err := finding.ParseSeverity(name)
	if err != nil {
		return finding.Unknown // which counts as high
	}
	return severity
}

// withoutRule returns the types of resources in the files at none of which a
// rule was applied.
func withoutRule(t tree.Tree, files []string, results []tfsecResult) []string {
	with, all := map[string]bool{}, map[string]bool{}
	for _, file := range files {
		kind := ""
		for i, line := range allLines(t, file) {
			if found := resourceBlock.FindStringSubmatch(line); found != nil {
				kind = found[1]
				all[kind] = true
			}
			if slices.ContainsFunc(results, func(r tfsecResult) bool { return r.Location.File == file && r.Location.Start == i+1 }) {
				with[kind] = true
			}
		}
	}
	var without []string
	for kind := range all {
		if !with[kind] {
			without = append(without, kind)
		}
	}
	slices.Sort(without)
	return without
}

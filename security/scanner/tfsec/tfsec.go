// Package tfsec is the gate that examines Terraform with tfsec.
package tfsec

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/terraform"
	"example.com/rates/security/tree"
)

// New returns the gate.
func New() scanner.Scanner {
	return scanner.Gate{
		ID: "tfsec", About: "Terraform: settings of cloud resources", Unit: "files",
		Inputs: terraform.Files, NoInputs: "there is no Terraform file",
		Obeys:   []scanner.Obeyed{{Tool: "tfsec", Settings: []string{".tfsec", "tfsec.yaml", "tfsec.yml", "tfsec.json"}, Marks: ignores}},
		Examine: examine,
	}
}

var ignores = scanner.Comments("tfsec:ignore", `\btfsec:ignore`)

func examine(ctx context.Context, s *scanner.Scan) error {
	// Named, so that no .tfsec in the tree is read.
	settings, err := s.Write("tfsec.json", "{}\n")
	if err != nil {
		return err
	}
	checks, err := s.Folder("checks")
	if err != nil {
		return err
	}
	out, err := s.Run(ctx, scanner.Command{
		Args: []string{
			"--config-file", settings, "--custom-check-dir", checks, "--format", "json", "--no-color", "--no-code", "--debug",
			"--no-ignores", "--include-ignored", "--include-passed", "--no-module-downloads", ".",
		},
		Exits: []int{0, 1},
	})
	if err != nil {
		return err
	}
	root, err := fromRoot(s.Job.Tree.Dir)
	if err != nil {
		return err
	}
	if said, failed := bytes.CutPrefix(out.Stdout, []byte("Error: ")); failed {
		return scanner.Errorf(scanner.BadInput, "tfsec could not read all of its input: %s", bytes.ReplaceAll(bytes.TrimSpace(said), []byte(root), nil))
	}
	parsed, err := parseLog(out.Stderr, root)
	if err != nil {
		return err
	}
	for _, file := range s.Files {
		if !parsed[file] {
			return scanner.Errorf(scanner.BadInput, "tfsec did not read %s", file)
		}
	}
	results, err := parse(out.Stdout, s.Name)
	if err != nil {
		return err
	}
	s.Note("tfsec is no longer developed; trivy continues its rules")
	if without := withoutRule(s.Job.Tree, s.Files, results); len(without) > 0 {
		s.Unseen("no rule covers resources of the types %s", strings.Join(without, ", "))
	}
	s.Found(findings(results)...)
	return s.FindSuppressions(s.Files)
}

// result is the result of a rule at a place.
type result struct {
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

// passed is the status of a rule that is followed. Any other is a finding.
const passed = 1

// parse reads tfsec's JSON. name turns paths of the copy into those of the
// repository.
func parse(out []byte, name func(path string) string) ([]result, error) {
	var report struct {
		Results *[]result `json:"results"`
	}
	if err := json.Unmarshal(out, &report); err != nil {
		return nil, scanner.Errorf(scanner.BadOutput, "tfsec printed %s: %w", scanner.Describe(out), err)
	}
	if report.Results == nil {
		return nil, scanner.Errorf(scanner.BadOutput, "tfsec's report has no results, not even an empty list: %s", scanner.Describe(out))
	}
	results := *report.Results
	for i := range results {
		if results[i].LongID == "" || results[i].Status == nil {
			return nil, scanner.Errorf(scanner.BadOutput, "tfsec's report has a result without a rule or a status")
		}
		results[i].Location.File = name(results[i].Location.File)
	}
	return results, nil
}

// Lines of the log.
var (
	addedFile    = regexp.MustCompile(`(?m)^\S+ \S+\s+Added file (.+)\.$`)
	failedModule = regexp.MustCompile(`(?m)\sFailed to load module '(.+)'\. Maybe`)
	logEnd       = regexp.MustCompile(`(?m)^\S+ \S+\s+Exit code based on results: [01]$`)
)

// fromRoot returns the prefix of the paths in tfsec's log: the folder as seen
// from the root of the file system.
func fromRoot(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	return strings.TrimPrefix(filepath.ToSlash(dir), "/") + "/", err
}

// parseLog returns the files that tfsec parsed, by its log with --debug. root is
// the folder as fromRoot returns it.
func parseLog(log []byte, root string) (map[string]bool, error) {
	if failed := failedModule.FindSubmatch(log); failed != nil {
		return nil, scanner.Errorf(scanner.BadInput, "tfsec could not load a module: %s", strings.ReplaceAll(string(failed[1]), root, ""))
	}
	if !logEnd.Match(log) {
		return nil, scanner.Errorf(scanner.BadOutput, "the log of tfsec is cut off")
	}
	parsed := map[string]bool{}
	for _, added := range addedFile.FindAllSubmatch(log, -1) {
		parsed[string(bytes.TrimPrefix(added[1], []byte(root)))] = true
	}
	return parsed, nil
}

func findings(results []result) []finding.Finding {
	var found []finding.Finding
	for _, r := range results {
		if *r.Status == passed {
			continue
		}
		f := finding.Finding{
			Rule: r.LongID, Severity: finding.SeverityOf(r.Severity), Message: cmp.Or(r.Description, r.Rule), Help: cmp.Or(r.Resolution, "Change the resource as the page about "+r.LongID+" says."),
			File: r.Location.File, Line: max(r.Location.Start, 0), EndLine: max(r.Location.End, 0), Resource: r.Resource,
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

// withoutRule returns the types of resources in the files to which no rule was
// applied.
func withoutRule(t tree.Tree, files []string, results []result) []string {
	with := map[string]bool{}
	var all []string
	for _, file := range files {
		blocks := terraform.Resources(t, file)
		for _, b := range blocks {
			all = append(all, b.Type())
		}
		for _, r := range results {
			if r.Location.File != file {
				continue
			}
			at := len(blocks) - 1
			for at >= 0 && blocks[at].Line > r.Location.Start {
				at--
			}
			if at >= 0 {
				with[blocks[at].Type()] = true
			}
		}
	}
	slices.Sort(all)
	return slices.DeleteFunc(slices.Compact(all), func(kind string) bool { return with[kind] })
}

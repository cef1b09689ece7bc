// Package zizmor is the gate that examines GitHub workflows, actions and the
// configuration of Dependabot with zizmor.
package zizmor

import (
	"context"
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/tree"
)

// New returns the gate.
func New() scanner.Scanner {
	return scanner.Gate{
		ID: "zizmor", About: "GitHub workflows and actions: injection, pins, permissions, credentials", Unit: "files",
		Inputs: inputs, NoInputs: "there is no workflow in " + scanner.WorkflowsDir + " and no action",
		Obeys: []scanner.Obeyed{{
			Tool: "zizmor", Settings: []string{"zizmor.yaml", "zizmor.yml", ".zizmor.yaml", ".zizmor.yml"}, Marks: ignores,
		}},
		Examine: examine,
	}
}

var ignores = scanner.Comments("zizmor:", `\bzizmor:\s*ignore`)

func examine(ctx context.Context, s *scanner.Scan) error {
	out, err := s.Run(ctx, scanner.Command{
		Args: append([]string{
			"--format", "json", // with SARIF the exit code is 0 whatever it found
			"--offline",
			"--no-config", "--no-ignores",
			"--strict-collection", // without it, a file that does not parse is ignored with a warning
			// Only the pedantic persona reports what is safe by luck and permissions
			// that are wider than needed. Matters of style have a low severity, for
			// the policy to weigh.
			"--persona", "pedantic",
			"--no-progress", "--color", "never", "--verbose", "--",
		}, s.Files...),
		Env:   []string{"XDG_CACHE_HOME=" + s.Job.Scratch},
		Exits: exits,
	})
	if err != nil {
		return err
	}
	findings, err := parse(out, s.Files)
	if err != nil {
		return err
	}
	s.Found(findings...)
	if skipped := skippedAudits(out.Stderr); len(skipped) > 0 {
		s.Unseen("audits that need GitHub did not run: %s", strings.Join(skipped, ", "))
	}
	return s.FindSuppressions(s.Files)
}

// inputs returns the files that zizmor can examine.
func inputs(t tree.Tree) []string {
	files := append(scanner.Workflows(t), t.Matching("action.yml", "action.yaml")...)
	for _, name := range t.Matching("dependabot.yml", "dependabot.yaml") {
		if path.Dir(name) == ".github" {
			files = append(files, name)
		}
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// The exit codes of zizmor: success, failure, nothing to examine, and for the
// worst finding informational, low, medium and high.
const (
	failed  = 1
	nothing = 3
)

var exits = []int{0, failed, nothing, 11, 12, 13, 14}

var (
	completedFile = regexp.MustCompile(`(?m)^ *INFO audit: zizmor: .* ?completed (.+)$`)
	skippedAudit  = regexp.MustCompile(`(?m)^ *[A-Z]+ zizmor::registry: skipping ([a-z-]+): `)
	causeNumber   = regexp.MustCompile(`(?m)^ *[0-9]+: `)
	notLoaded     = regexp.MustCompile(`(?s)failed to load file://(\S+) as [a-z ]+(?:\n\nCaused by:\s*(.+?))?(?:\n\s*\n|$)`)
)

func skippedAudits(stderr []byte) []string {
	var names []string
	for _, line := range skippedAudit.FindAllSubmatch(stderr, -1) {
		names = append(names, string(line[1]))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// auditFinding is one finding as zizmor prints it.
type auditFinding struct {
	Ident          string `json:"ident"`
	Desc           string `json:"desc"`
	URL            string `json:"url"`
	Determinations struct {
		Severity string `json:"severity"`
	} `json:"determinations"`
	Locations []location `json:"locations"`
	Fixes     []struct {
		Title string `json:"title"`
	} `json:"fixes"`
}

type location struct {
	Symbolic struct {
		Key struct {
			Local struct {
				Path string `json:"verbatim_path"`
			} `json:"Local"`
		} `json:"key"`
		Annotation string `json:"annotation"`
		Kind       string `json:"kind"`
	} `json:"symbolic"`
	Concrete struct {
		Location struct {
			Start point `json:"start_point"`
			End   point `json:"end_point"`
		} `json:"location"`
	} `json:"concrete"`
}

// point is a place in a file, counted from 0.
type point struct {
	Row    int `json:"row"`
	Column int `json:"column"`
}

// parse reads what zizmor printed about the files. Its log must say of each that
// it is completed.
func parse(out scanner.Output, files []string) ([]finding.Finding, error) {
	switch out.Exit {
	case failed:
		if m := notLoaded.FindSubmatch(out.Stderr); m != nil {
			causes := causeNumber.ReplaceAll(m[2], nil)
			return nil, scanner.Errorf(scanner.BadInput, "%s: %s", m[1], strings.Join(strings.Fields(string(causes)), " "))
		}
		return nil, scanner.Errorf(scanner.ToolFailed, "zizmor ended with code %d%s", out.Exit, scanner.LastWords(out))
	case nothing:
		return nil, scanner.Errorf(scanner.NothingExamined, "zizmor found nothing to examine in %s", strings.Join(files, ", "))
	}
	var list []auditFinding
	if err := json.Unmarshal(out.Stdout, &list); err != nil || list == nil {
		return nil, scanner.Errorf(scanner.BadOutput, "zizmor printed no list of findings, but %s", scanner.Describe(out.Stdout))
	}
	if (len(list) == 0) != (out.Exit == 0) {
		return nil, scanner.Errorf(scanner.BadOutput, "zizmor ended with code %d and printed %d findings", out.Exit, len(list))
	}
	completed := map[string]bool{}
	for _, line := range completedFile.FindAllSubmatch(out.Stderr, -1) {
		completed[string(line[1])] = true
	}
	for _, file := range files {
		if !completed[file] {
			return nil, scanner.Errorf(scanner.BadOutput, "zizmor does not say that it examined %s", file)
		}
	}
	findings := make([]finding.Finding, 0, len(list))
	for _, z := range list {
		f, ok := z.finding()
		if !ok || !slices.Contains(files, f.File) {
			return nil, scanner.Errorf(scanner.BadOutput, "zizmor printed a finding %q without a place in one of the files", z.Ident)
		}
		findings = append(findings, f)
	}
	return findings, nil
}

// finding reports false if z has no rule or no place.
func (z auditFinding) finding() (finding.Finding, bool) {
	at := slices.IndexFunc(z.Locations, func(l location) bool { return l.Symbolic.Kind == "Primary" })
	if at < 0 || z.Ident == "" {
		return finding.Finding{}, false
	}
	place := z.Locations[at]
	start, end := place.Concrete.Location.Start, place.Concrete.Location.End
	f := finding.Finding{
		Rule: z.Ident, Severity: severities[z.Determinations.Severity],
		Message: z.Desc + ": " + place.Symbolic.Annotation, URL: z.URL,
		File: place.Symbolic.Key.Local.Path, Line: start.Row + 1, EndLine: end.Row + 1,
	}
	if end.Column == 0 && end.Row > start.Row {
		f.EndLine-- // it ends before that line begins
	}
	f.Help = "Change the workflow as the page about " + z.Ident + " says."
	if len(z.Fixes) > 0 && z.Fixes[0].Title != "" {
		f.Help = z.Fixes[0].Title
	}
	return f, true
}

var severities = map[string]finding.Severity{
	"High": finding.High, "Medium": finding.Medium, "Low": finding.Low, "Informational": finding.Info,
}

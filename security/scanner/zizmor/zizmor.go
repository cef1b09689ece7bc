package scanner

import (
	"context"
	"encoding/json"
	"path"
	"regexp"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/tree"
)

// Zizmor examines GitHub workflows, actions and the configuration of
// Dependabot with zizmor.
type Zizmor struct{}

// Name implements Scanner.
func (Zizmor) Name() string { return "zizmor" }

// Subject implements Scanner.
func (Zizmor) Subject() string {
	return "GitHub workflows and actions: injection, pins, permissions, credentials"
}

// Scan implements Scanner.
func (Zizmor) Scan(ctx context.Context, job Job) (Outcome, error) {
	files := zizmorInputs(job.Tree)
	if len(files) == 0 {
		return Outcome{}, Errorf(NothingExamined, "there is no workflow in %s and no action", workflowsDir)
	}
	tool, err := job.Tool(ctx, "zizmor")
	if err != nil {
		return Outcome{}, err
	}
	cmd := Command{
		Path: tool.Path,
		Args: append([]string{
			"--format", "json", // with SARIF it ends with 0 whatever it found
			"--offline",
			"--no-config", "--no-ignores",
			"--strict-collection", // else a file that does not parse is left out with a warning
			// What is safe only by luck, and permissions that are wider than need
			// be, are told to pedants only. What is no more than a matter of style
			// comes at a low severity, for the policy to weigh.
			"--persona", "pedantic",
			"--no-progress", "--color", "never", "--verbose", "--",
		}, files...),
		Dir:   job.Tree.Dir,
		Env:   []string{"XDG_CACHE_HOME=" + job.Scratch},
		Exits: zizmorExits,
	}
	out, err := job.Run(ctx, cmd)
	if err != nil {
		return Outcome{}, err
	}
	findings, err := parseZizmor(out, files)
	if err != nil {
		return Outcome{}, err
	}
	outcome := Outcome{
		Tool: tool.Name, Version: tool.Version,
		Examined: Examined{Count: len(files), Unit: "files"},
		Commands: []string{cmd.String()},
		Findings: append(findings, suppressions(job.Tree, "zizmor", files)...),
	}
	if skipped := zizmorSkipped(out.Stderr); len(skipped) > 0 {
		outcome.Notes = []string{"audits that need GitHub did not run: " + strings.Join(skipped, ", ")}
	}
	return outcome, nil
}

// zizmorInputs are the files that zizmor knows to examine.
func zizmorInputs(t tree.Tree) []string {
	files := append(workflows(t), t.Matching("action.yml", "action.yaml")...)
	for _, name := range t.Matching("dependabot.yml", "dependabot.yaml") {
		if path.Dir(name) == ".github" {
			files = append(files, name)
		}
	}
	slices.Sort(files)
	return slices.Compact(files)
}

// The codes with which zizmor ends: it failed, there was nothing to examine,
// or the worst finding is informational, low, medium, high.
const (
	zizmorFailed  = 1
	zizmorNothing = 3
)

var zizmorExits = []int{0, zizmorFailed, zizmorNothing, 11, 12, 13, 14}

var (
	zizmorCompleted = regexp.MustCompile(`(?m)^ *INFO audit: zizmor: .* ?completed (.+)$`)
	zizmorSkip      = regexp.MustCompile(`(?m)^ *[A-Z]+ zizmor::registry: skipping ([a-z-]+): `)
	zizmorNumber    = regexp.MustCompile(`(?m)^ *[0-9]+: `)
	zizmorNotLoaded = regexp.MustCompile(`(?s)failed to load file://(\S+) as [a-z ]+(?:\n\nCaused by:\s*(.+?))?(?:\n\s*\n|$)`)
)

func zizmorSkipped(stderr []byte) []string {
	var names []string
	for _, line := range zizmorSkip.FindAllSubmatch(stderr, -1) {
		names = append(names, string(line[1]))
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// zizmorFinding is one finding as zizmor prints it.
type zizmorFinding struct {
	Ident          string `json:"ident"`
	Desc           string `json:"desc"`
	URL            string `json:"url"`
	Determinations struct {
		Severity string `json:"severity"`
	} `json:"determinations"`
	Locations []zizmorLocation `json:"locations"`
	Fixes     []struct {
		Title string `json:"title"`
	} `json:"fixes"`
}

type zizmorLocation struct {
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
			Start zizmorPoint `json:"start_point"`
			End   zizmorPoint `json:"end_point"`
		} `json:"location"`
	} `json:"concrete"`
}

// zizmorPoint is a place in a file, counted from 0.
type zizmorPoint struct {
	Row    int `json:"row"`
	Column int `json:"column"`
}

// parseZizmor reads what zizmor printed about the files. It must say of each
// that it has completed it.
func parseZizmor(out Output, files []string) ([]finding.Finding, error) {
	switch out.Exit {
	case zizmorFailed:
		if m := zizmorNotLoaded.FindSubmatch(out.Stderr); m != nil {
			causes := zizmorNumber.ReplaceAll(m[2], nil)
			return nil, Errorf(BadInput, "%s: %s", m[1], strings.Join(strings.Fields(string(causes)), " "))
		}
		return nil, Errorf(ToolFailed, "zizmor ended with code %d%s", out.Exit, lastWords(out))
	case zizmorNothing:
		return nil, Errorf(NothingExamined, "zizmor found nothing to examine in %s", strings.Join(files, ", "))
	}
	var list []zizmorFinding
	if err := json.Unmarshal(out.Stdout, &list); err != nil || list == nil {
		return nil, Errorf(BadOutput, "zizmor printed no list of findings but %s", describe(out.Stdout))
	}
	if (len(list) == 0) != (out.Exit == 0) {
		return nil, Errorf(BadOutput, "zizmor ended with code %d and printed %d findings", out.Exit, len(list))
	}
	completed := map[string]bool{}
	for _, line := range zizmorCompleted.FindAllSubmatch(out.Stderr, -1) {
		completed[string(line[1])] = true
	}
	for _, file := range files {
		if !completed[file] {
			return nil, Errorf(BadOutput, "zizmor does not say that it examined %s", file)
		}
	}
	findings := make([]finding.Finding, 0, len(list))
	for _, z := range list {
		f, ok := z.finding()
		if !ok || !slices.Contains(files, f.File) {
			return nil, Errorf(BadOutput, "zizmor printed a finding %q without a place in one of the files", z.Ident)
		}
		findings = append(findings, f)
	}
	return findings, nil
}

// finding reports false if z has no rule or no place.
func (z zizmorFinding) finding() (finding.Finding, bool) {
	at := slices.IndexFunc(z.Locations, func(l zizmorLocation) bool { return l.Symbolic.Kind == "Primary" })
	if at < 0 || z.Ident == "" {
		return finding.Finding{}, false
	}
	place := z.Locations[at]
	start, end := place.Concrete.Location.Start, place.Concrete.Location.End
	f := finding.Finding{
		Rule: z.Ident, Severity: zizmorSeverity(z.Determinations.Severity),
		Message: z.Desc + ": " + place.Symbolic.Annotation, URL: z.URL,
		File: place.Symbolic.Key.Local.Path, Line: start.Row + 1, EndLine: end.Row + 1,
		Witnesses: []finding.Witness{{Gate: "zizmor", Rule: z.Ident}},
	}
	if end.Column == 0 && end.Row > start.Row {
		f.EndLine-- // it ends before that line begins
	}
	if len(z.Fixes) > 0 {
		f.Help = z.Fixes[0].Title
	}
	return f, true
}

func zizmorSeverity(name string) finding.Severity {
	switch name {
	case "High":
		return finding.High
	case "Medium":
		return finding.Medium
	case "Low":
		return finding.Low
	case "Informational":
		return finding.Info
	default:
		return finding.Unknown
	}
}

package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
)

const sarifSchema = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"

// The limits of GitHub's code scanning, by its documentation: an alert needs a
// file, and a SARIF file of more results than this is refused as a whole.
const (
	sarifResults = 25_000
	sarifNowhere = "go.mod" // the file of a finding about no file
	sarifRoot    = "%SRCROOT%"
	sarifWords   = 1_000 // runes of a rule's description
)

// blindRule is the rule of a result that reports a gate in error.
const blindRule = "gate-could-not-run"

// SARIF writes the report as SARIF 2.1.0 with one run: the same defect seen by
// several tools is one result. Code scanning closes what a later run does not
// report and ignores notifications, so a gate in error is a result too; without
// it, an incomplete run would look like a clean one.
func SARIF(w io.Writer, r gate.Report) error { return writeSARIF(w, r, sarifResults) }

func writeSARIF(w io.Writer, r gate.Report, limit int) error {
	s := summarise(r)
	b := sarifBuilder{limit: limit}
	for _, g := range r.Gates {
		if g.Status == gate.Errored {
			b.add(blind(g), r.Code)
		}
	}
	for _, findings := range [][]finding.Finding{s.Failing, s.Minor, s.Waived} {
		for _, f := range findings {
			b.add(f, r.Code)
		}
	}
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	return encoder.Encode(sarifLog{Schema: sarifSchema, Version: "2.1.0", Runs: []sarifRun{{
		Tool:              sarifTool{Driver: sarifComponent{Name: "gates", Rules: b.rules}},
		AutomationDetails: sarifAutomation{ID: "gates/" + visible(r.Profile) + "/"},
		OriginalURIBaseIDs: map[string]sarifLocation{
			sarifRoot: {Description: &sarifMessage{Text: "The root of the repository."}},
		},
		Invocations: []sarifInvocation{invocation(s, b.left, limit)},
		Results:     append([]sarifResult{}, b.results...), // [] rather than null
		Properties:  map[string]any{"project": visible(r.Project), "commit": visible(r.Commit), "files": r.Files},
	}}})
}

// blind is the finding that a gate could not run.
func blind(g gate.Result) finding.Finding {
	return finding.Finding{
		Rule: blindRule, Severity: finding.High,
		Message:     fmt.Sprintf("%s could not run: %s", g.Gate, g.Reason),
		Help:        "Fix the gate and run it again. What it looks for may be there.",
		Resource:    g.Gate,
		Witnesses:   []finding.Witness{{Gate: g.Gate, Rule: blindRule}},
		Fingerprint: blindRule + "/" + g.Gate,
	}
}

// sarifBuilder collects results and the rules that they name.
type sarifBuilder struct {
	limit   int // of results
	rules   []sarifRule
	index   map[string]int // of a rule by its id
	results []sarifResult
	left    int // findings left out
}

func (b *sarifBuilder) add(f finding.Finding, code map[string]gate.Code) {
	if len(b.results) == b.limit {
		b.left++
		return
	}
	index := b.rule(f)
	text := cmp.Or(visible(f.Message), b.rules[index].ID)
	if do := remedy(f); do != "" {
		text += "\n" + visible(do)
	}
	if !inTree(f) {
		text += "\nWhere: " + oneLine(place(f))
	}
	result := sarifResult{
		RuleID: b.rules[index].ID, RuleIndex: index, Level: level(f.Severity),
		Message: sarifText(text), Locations: []sarifPlace{location(f, code)},
		PartialFingerprints: map[string]string{
			"gates/v1": f.Fingerprint,
			// The only one that GitHub reads, as HASH:COUNT.
			"primaryLocationLineHash": f.Fingerprint + ":1",
		},
		Suppressions: []sarifSuppression{},
		Properties:   map[string]any{"severity": f.Severity.String(), "seenBy": visible(witnesses(f))},
	}
	if f.Waiver != nil {
		result.Suppressions = append(result.Suppressions, sarifSuppression{
			Kind: "external", Status: "accepted", Justification: visible(exception(*f.Waiver)),
		})
	}
	b.results = append(b.results, result)
}

// rule returns the index of the rule of f, which has the severity of its worst
// finding.
func (b *sarifBuilder) rule(f finding.Finding) int {
	id := cmp.Or(oneLine(f.Rule), "unnamed")
	if i, ok := b.index[id]; ok {
		if rule := &b.rules[i]; f.Severity.AtLeast(rule.worst) {
			rule.grade(f.Severity)
		}
		return i
	}
	rule := newRule(id, f)
	if b.index == nil {
		b.index = map[string]int{}
	}
	b.index[id] = len(b.rules)
	b.rules = append(b.rules, rule)
	return len(b.rules) - 1
}

func newRule(id string, f finding.Finding) sarifRule {
	description := sarifText(cut(cmp.Or(oneLine(f.Message), id), sarifWords))
	rule := sarifRule{
		ID: id, Name: id, ShortDescription: description, FullDescription: description,
		Help: help(f), HelpURI: link(f.URL),
		Properties: map[string]any{"tags": []string{"security"}},
	}
	rule.grade(f.Severity)
	return rule
}

// help explains a rule.
func help(f finding.Finding) sarifMessage {
	text := visible(f.Help)
	if text == "" {
		text = "Read about the rule, then fix the defect, or waive it with a reason and an end."
	}
	names := strings.Join(f.Names(), ", ")
	markdown := escapeMarkdown(text) + "\n\nNames of the rule: " + escapeMarkdown(names)
	if address := link(f.URL); address != "" {
		markdown += "\n\n[About the rule](" + address + ")"
	}
	return sarifMessage{Text: sarifText(text + "\nNames of the rule: " + visible(names)).Text, Markdown: markdown}
}

// sarifText is a plain message. In those, "[text](address)" would be a link
// (section 3.11.6 of the standard); it stays text.
func sarifText(text string) sarifMessage {
	return sarifMessage{Text: strings.ReplaceAll(text, "](", "] (")}
}

func location(f finding.Finding, code map[string]gate.Code) sarifPlace {
	var at sarifPlace
	for _, name := range []string{visible(f.Resource), visible(f.Package)} {
		if logical := (sarifLogical{name}); name != "" && !slices.Contains(at.Logical, logical) {
			at.Logical = append(at.Logical, logical)
		}
	}
	if !inTree(f) {
		at.Physical = sarifPhysical{sarifLocation{URI: sarifNowhere, URIBaseID: sarifRoot}, sarifRegion{StartLine: 1}}
		return at
	}
	at.Physical.Artifact = sarifLocation{URI: (&url.URL{Path: f.File}).String(), URIBaseID: sarifRoot}
	at.Physical.Region = sarifRegion{StartLine: max(f.Line, 1)} // GitHub wants a line
	if f.Line > 0 {
		at.Physical.Region.EndLine = max(f.Line, f.EndLine)
		at.Physical.Region.Snippet = snippet(f, code)
	}
	return at
}

// inTree reports whether the finding is in a file of the tree.
func inTree(f finding.Finding) bool { return fs.ValidPath(f.File) && f.File != "." }

// snippet is the text of the finding's own lines, nil if it is unknown.
func snippet(f finding.Finding, code map[string]gate.Code) *sarifContent {
	excerpt, ok := code[f.Fingerprint]
	if !ok || f.Secret {
		return nil
	}
	var own []string
	for i, line := range excerpt.Lines {
		if n := excerpt.First + i; n >= f.Line && n <= max(f.Line, f.EndLine) {
			own = append(own, visible(line))
		}
	}
	if own == nil {
		return nil
	}
	return &sarifContent{strings.Join(own, "\n")}
}

package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
)

// none stands for a value that a gate does not have.
const none = "–"

// summary is a report with its findings sorted by their effect.
type summary struct {
	gate.Report
	Failing []finding.Finding // make a gate red
	Waived  []finding.Finding // have a waiver
	Minor   []finding.Finding // below the threshold of every gate that saw them
}

func summarise(r gate.Report) summary {
	s := summary{Report: r}
	for _, f := range r.Findings {
		switch {
		case f.Waiver != nil:
			s.Waived = append(s.Waived, f)
		case slices.ContainsFunc(r.Gates, func(g gate.Result) bool { return fails(g, f) }):
			s.Failing = append(s.Failing, f)
		default:
			s.Minor = append(s.Minor, f)
		}
	}
	return s
}

// fails reports whether the finding makes the gate red.
func fails(g gate.Result, f finding.Finding) bool {
	seen := slices.ContainsFunc(f.Witnesses, func(w finding.Witness) bool { return w.Gate == g.Gate })
	return g.Status == gate.Findings && f.Waiver == nil && seen && f.Severity.AtLeast(g.Rules.Severity)
}

// unseenTitle is the title of what a run did not see. It comes first: a green verdict
// does not cover it.
const unseenTitle = "Not seen"

// UnseenTitle returns the title for the page.
func (summary) UnseenTitle() string { return unseenTitle }

// section is a list of findings that a reader sees under one title.
type section struct {
	ID, Title string
	Findings  []finding.Finding
}

// Sections are the findings, those that matter most first.
func (s summary) Sections() []section {
	all := []section{
		{"open", "Open findings", s.Failing},
		{"waived", "Waived findings", s.Waived},
		{"minor", "Findings below the threshold of their gate", s.Minor},
	}
	return slices.DeleteFunc(all, func(s section) bool { return len(s.Findings) == 0 })
}

// Colour is the verdict in words.
func (s summary) Colour() string {
	if s.Verdict.Green {
		return "Green"
	}
	return "Not green"
}

// Counts gives the reasons for the verdict in numbers.
func (s summary) Counts() string {
	count := map[gate.Status]int{}
	for _, g := range s.Gates {
		count[g.Status]++
	}
	var parts []string
	say := func(n int, one, many string) {
		if n > 0 {
			parts = append(parts, plural(n, one, many))
		}
	}
	if !s.Verdict.Green {
		say(len(s.Failing), "open finding", "open findings")
		say(count[gate.Errored], "gate that could not run", "gates that could not run")
		say(len(s.Waivers.Expired)+len(s.Waivers.Problems), "invalid or expired waiver", "invalid or expired waivers")
		say(len(s.Waivers.Unused), "unused waiver", "unused waivers")
	}
	say(count[gate.Passed], "gate passed", "gates passed")
	say(count[gate.Waived], "gate passed with waivers", "gates passed with waivers")
	say(count[gate.Skipped], "gate skipped", "gates skipped")
	say(len(s.Verdict.Unseen), "thing not seen", "things not seen")
	if len(parts) == 0 {
		parts = []string{"no gate ran"}
	}
	return strings.Join(parts, ", ")
}

// Run says what was examined, when and how.
func (s summary) Run() string {
	commit := s.Commit
	if commit == "" {
		commit = "unknown commit"
	}
	return fmt.Sprintf("%s at %s, %s, profile %s, %s, took %s", s.Project, commit,
		plural(s.Files, "file", "files"), s.Profile, s.Started.UTC().Format("2006-01-02 15:04 UTC"), took(s.Took))
}

// columns are the titles of what row returns.
var columns = [...]string{"gate", "status", "findings", "examined", "database", "time"}

const statusColumn = 1

// row is a gate in the table of all gates, each cell on one visible line.
func row(g gate.Result) []string {
	cells := []string{g.Gate, string(g.Status), found(g), examined(g), database(g), duration(g)}
	for i := range cells {
		cells[i] = oneLine(cells[i])
	}
	return cells
}

// found counts the findings of a gate, worst first.
func found(g gate.Result) string {
	if g.Outcome == nil {
		return none
	}
	var parts []string
	for _, severity := range finding.Severities() {
		if n := g.Counts.Open[severity]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, severity))
		}
	}
	if g.Counts.Waived > 0 {
		parts = append(parts, fmt.Sprintf("%d waived", g.Counts.Waived))
	}
	if len(parts) == 0 {
		return "0"
	}
	return strings.Join(parts, ", ")
}

func examined(g gate.Result) string {
	if g.Outcome == nil {
		return none
	}
	return fmt.Sprintf("%d %s", g.Outcome.Examined.Count, g.Outcome.Examined.Unit)
}

// database is the day of the gate's vulnerability database.
func database(g gate.Result) string {
	if g.Outcome == nil || g.Outcome.Database == nil {
		return none
	}
	return g.Outcome.Database.Date.UTC().Format(time.DateOnly)
}

func duration(g gate.Result) string {
	if g.Status == gate.Skipped {
		return none
	}
	return took(g.Took)
}

// witnesses names the gates that found it, each with its own name for the rule
// where that differs.
func witnesses(f finding.Finding) string {
	var names []string
	for _, w := range f.Witnesses {
		name := w.Gate
		if w.Rule != "" && w.Rule != f.Rule {
			name += " (" + w.Rule + ")"
		}
		names = append(names, name)
	}
	return strings.Join(names, ", ")
}

func severity(f finding.Finding) string {
	if f.Severity == finding.Unknown {
		return "unknown (counts as high)"
	}
	return f.Severity.String()
}

// remedy says what to do about a finding.
func remedy(f finding.Finding) string {
	update := ""
	if f.Fixed != "" && f.Package != "" && !strings.Contains(f.Help, f.Fixed) {
		update = "Update " + f.Package + " to " + f.Fixed + "."
	}
	return strings.TrimSpace(f.Help + "\n" + update)
}

// place says where a finding is; one without a place is about the whole tree.
func place(f finding.Finding) string {
	if at := f.Place(); at != "" {
		return at
	}
	return "the whole tree"
}

// exception gives the reason, the owner and the last day of a waiver.
func exception(w finding.Waiver) string {
	return fmt.Sprintf("%s (owner %s, ends %s)", w.Reason, w.Owner, w.Expires)
}

// took rounds to a precision that a reader can use.
func took(d time.Duration) string {
	switch {
	case d < time.Second:
		return d.Round(time.Millisecond).String()
	case d < time.Minute:
		return strconv.FormatFloat(d.Seconds(), 'f', 1, 64) + "s"
	default:
		return d.Round(time.Second).String()
	}
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

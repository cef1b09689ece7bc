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

// none stands where there is nothing to say.
const none = "–"

// summary is a report with its findings sorted into what follows from them.
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
	return g.Status == gate.Findings && f.Waiver == nil && sawIt(g, f) && f.Severity.AtLeast(g.Rules.Severity)
}

func sawIt(g gate.Result, f finding.Finding) bool {
	return slices.ContainsFunc(f.Witnesses, func(w finding.Witness) bool { return w.Gate == g.Gate })
}

// Headline is the verdict in a line.
func (s summary) Headline() string {
	if s.Verdict.Green {
		return "Green: " + s.Counts()
	}
	return "Not green: " + s.Counts()
}

// Counts is what the verdict rests on, in words.
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
		say(len(s.Failing), "finding to mend", "findings to mend")
		say(count[gate.Errored], "gate without proof", "gates without proof")
		say(len(s.Waivers.Expired)+len(s.Waivers.Problems), "waiver that does not hold", "waivers that do not hold")
		say(len(s.Waivers.Unused), "waiver without use", "waivers without use")
	}
	say(count[gate.Passed], "gate passed", "gates passed")
	say(count[gate.Waived], "gate passed with waivers", "gates passed with waivers")
	say(count[gate.Skipped], "gate skipped", "gates skipped")
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
	return fmt.Sprintf("%s at %s, %s, profile %s, %s, took %s",
		s.Project, commit, plural(s.Files, "file", "files"), s.Profile, stamp(s.Started), took(s.Took))
}

// found counts the findings of a gate in words, worst first.
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

// duration of a gate; one that was skipped has none.
func duration(g gate.Result) string {
	if g.Status == gate.Skipped {
		return none
	}
	return took(g.Took)
}

// witnesses names who found it, each with its own name for the rule where that
// is another.
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

// severity names how bad a finding is.
func severity(f finding.Finding) string {
	if f.Severity == finding.Unknown {
		return "unknown (counts as high)"
	}
	return f.Severity.String()
}

// mend says what to do about a finding.
func mend(f finding.Finding) string {
	fixed := ""
	if f.Fixed != "" && f.Package != "" && !strings.Contains(f.Help, f.Fixed) {
		fixed = "Update " + f.Package + " to " + f.Fixed + "."
	}
	return strings.TrimSpace(f.Help + "\n" + fixed)
}

// place says where a finding is; one without a place is about all of the tree.
func place(f finding.Finding) string {
	if at := f.Place(); at != "" {
		return at
	}
	return "the whole tree"
}

// exception says why a finding is waived, by whom and until when.
func exception(w finding.Waiver) string {
	return fmt.Sprintf("%s (owner %s, ends %s)", w.Reason, w.Owner, w.Expires)
}

func stamp(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// took rounds to what a reader can use.
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

package report

import (
	"fmt"
	"html/template"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
	"example.com/rates/security/waiver"
)

// page is what the template shows.
type page struct {
	Report  gate.Report
	Counts  string // of gates and findings
	Run     string
	Style   template.CSS
	Policy  string
	Gates   []gateView
	Lists   []findingList
	Waivers []waiverView
}

func newPage(r gate.Report) page {
	s := summarise(r)
	style := template.CSS(pageStyle) // #nosec G203 -- it is part of this program, and nothing is put into it
	p := page{Report: r, Counts: s.Counts(), Run: s.Run(), Style: style, Policy: contentPolicy(pageStyle)}
	for i, g := range r.Gates {
		p.Gates = append(p.Gates, newGateView(i, g))
	}
	p.Waivers = waiverViews(r)
	for _, list := range []findingList{
		{ID: "mend", Title: "Findings to mend", Views: findingViews(s.Failing, r.Code)},
		{ID: "waived", Title: "Waived findings", Views: findingViews(s.Waived, r.Code)},
		{ID: "minor", Title: "Findings below the threshold of their gate", Views: findingViews(s.Minor, r.Code)},
	} {
		if len(list.Views) > 0 {
			p.Lists = append(p.Lists, list)
		}
	}
	return p
}

type gateView struct {
	gate.Result
	ID                                  string
	Mark                                string // a sign for the status, for those who see no colour
	Found, Examined, Database, Duration string
}

func newGateView(i int, g gate.Result) gateView {
	marks := map[gate.Status]string{gate.Passed: "✓", gate.Waived: "✓", gate.Findings: "✗", gate.Errored: "!", gate.Skipped: "–"}
	return gateView{
		Result: g, ID: fmt.Sprint("gate-", i+1), Mark: marks[g.Status],
		Found: found(g), Examined: examined(g), Database: database(g), Duration: duration(g),
	}
}

type findingList struct {
	ID, Title string
	Views     []findingView
}

type findingView struct {
	finding.Finding
	Place, Severity, Mend, Seen, Link string
	Lines                             []lineView
}

type lineView struct {
	Number int
	Text   string
	Own    bool // of the finding, not around it
}

func findingViews(findings []finding.Finding, code map[string]gate.Code) []findingView {
	var views []findingView
	for _, f := range findings {
		view := findingView{Finding: f, Place: place(f), Severity: severity(f), Mend: mend(f), Seen: witnesses(f), Link: link(f.URL)}
		if excerpt, ok := code[f.Fingerprint]; ok && !f.Secret {
			view.Lines = lineViews(f, excerpt)
		}
		views = append(views, view)
	}
	return views
}

// longestLine is how many runes of a line are shown. Machines make longer ones.
const longestLine = 400

func lineViews(f finding.Finding, excerpt gate.Code) []lineView {
	var views []lineView
	for i, text := range excerpt.Lines {
		n := excerpt.First + i
		own := n >= f.Line && n <= max(f.Line, f.EndLine)
		views = append(views, lineView{n, cut(strings.TrimRight(text, "\r\n"), longestLine), own})
	}
	return views
}

type waiverView struct {
	State                               string
	Class                               string // of its look: waived, soon or error
	Rule, Where, Reason, Owner, Expires string
}

// waiverViews are the waivers with what became of them, those first that need
// somebody.
func waiverViews(r gate.Report) []waiverView {
	var views []waiverView
	for _, problem := range r.Waivers.Problems {
		views = append(views, waiverView{
			State: "malformed", Class: "error", Rule: problem.Rule, Reason: problem.What,
			Where: fmt.Sprintf("line %d of waivers.yaml", problem.Line),
		})
	}
	add := func(state, class string, list ...waiver.Waiver) {
		for _, w := range list {
			where := strings.TrimSpace(strings.Join([]string{w.Path, w.Resource, strings.TrimSuffix(w.Package+" "+w.Version, " ")}, " "))
			views = append(views, waiverView{state, class, w.Rule, where, w.Reason, w.Owner, w.Expires.String()})
		}
	}
	add("expired", "error", r.Waivers.Expired...)
	add("matches nothing", "soon", r.Waivers.Unused...)
	for _, w := range r.Waivers.Used {
		state, class := "in use", "waived"
		if slices.ContainsFunc(r.Waivers.Ending, func(e waiver.Waiver) bool { return e.Line == w.Line }) {
			state, class = "in use, ends in "+plural(w.DaysLeft(r.Started), "day", "days"), "soon"
		}
		add(state, class, w)
	}
	return views
}

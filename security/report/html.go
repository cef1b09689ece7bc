package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"slices"
	"strings"
	"sync"

	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
	"example.com/rates/security/waiver"
)

var (
	//go:embed page.html.tmpl
	pageTemplate string
	//go:embed page.css
	pageStyle string
)

var parsePage = sync.OnceValues(func() (*template.Template, error) {
	return template.New("page").Funcs(template.FuncMap{
		"found": found, "examined": examined, "database": database, "duration": duration, "mark": mark,
		"place": place, "severity": severity, "remedy": remedy, "witnesses": witnesses, "link": link,
	}).Parse(pageTemplate)
})

// page is what the template shows.
type page struct {
	summary

	Style      template.CSS
	Policy     string
	Exceptions []exceptionView
}

// HTML writes the report as one page that loads nothing and runs no script.
// Its policy allows its own style and nothing else.
func HTML(w io.Writer, r gate.Report) error {
	parsed, err := parsePage()
	if err != nil {
		return err
	}
	style := template.CSS(pageStyle) // #nosec G203 -- it is part of this program, and nothing is put into it
	var text bytes.Buffer
	if err := parsed.Execute(&text, page{summarise(r), style, contentPolicy(pageStyle), exceptions(r)}); err != nil {
		return err
	}
	_, err = io.WriteString(w, visible(text.String()))
	return err
}

// contentPolicy is the Content Security Policy of a page with that style.
func contentPolicy(style string) string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'"
}

// mark is a sign for a status, for readers who see no colour.
func mark(s gate.Status) string {
	return map[gate.Status]string{gate.Passed: "✓", gate.Waived: "✓", gate.Findings: "✗", gate.Errored: "!", gate.Skipped: none}[s]
}

// codeLine is a line of an excerpt.
type codeLine struct {
	Number int
	Text   string
	Own    bool // of the finding, not around it
}

// longestLine is how many runes of a line are shown. Machines make longer ones.
const longestLine = 400

// Lines are the code at a finding and around it, none for a secret.
func (p page) Lines(f finding.Finding) []codeLine {
	excerpt, ok := p.Code[f.Fingerprint]
	if !ok || f.Secret {
		return nil
	}
	var lines []codeLine
	for i, text := range excerpt.Lines {
		n := excerpt.First + i
		own := n >= f.Line && n <= max(f.Line, f.EndLine)
		lines = append(lines, codeLine{n, cut(strings.TrimRight(text, "\r\n"), longestLine), own})
	}
	return lines
}

// exceptionView is a waiver with its state in this run.
type exceptionView struct {
	State                               string
	Class                               string // of its look: waived, soon or error
	Rule, Where, Reason, Owner, Expires string
}

// exceptions are the waivers, those first that need attention.
func exceptions(r gate.Report) []exceptionView {
	var views []exceptionView
	for _, problem := range r.Waivers.Problems {
		views = append(views, exceptionView{
			State: "malformed", Class: "error", Rule: problem.Rule, Reason: problem.What,
			Where: fmt.Sprintf("line %d of waivers.yaml", problem.Line),
		})
	}
	add := func(state, class string, list ...waiver.Waiver) {
		for _, w := range list {
			where := strings.TrimSpace(strings.Join([]string{w.Path, w.Resource, strings.TrimSuffix(w.Package+" "+w.Version, " ")}, " "))
			views = append(views, exceptionView{state, class, w.Rule, where, w.Reason, w.Owner, w.Expires.String()})
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

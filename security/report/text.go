package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
)

// Text writes the report for a person at a terminal, the verdict last. colour
// is for a terminal whose user did not set NO_COLOR.
func Text(w io.Writer, r gate.Report, colour bool) error {
	p := &printer{Writer: bufio.NewWriter(w), colour: colour}
	s := summarise(r)
	p.line(visible(s.Run()))
	if len(r.Verdict.Unseen) == 0 {
		p.line()
	}
	if len(r.Verdict.Unseen) > 0 {
		p.points(unseenTitle, r.Verdict.Unseen)
		p.line()
	}
	p.gates(r.Gates)
	p.findings("Open findings", s.Failing)
	p.points("Waived findings", oneLiners(s.Waived))
	p.points("Findings below the threshold of their gate", oneLiners(s.Minor))
	p.points("Notes", notes(r.Gates))
	p.points("Warnings", r.Verdict.Warnings)
	p.points("Why it is not green", r.Verdict.Reasons)
	p.line()
	verdict := green
	if !r.Verdict.Green {
		verdict = red
	}
	p.line(p.paint(verdict, fmt.Sprintf("%s: %s (exit code %d)", s.Colour(), s.Counts(), r.Verdict.Exit)))
	return p.Flush()
}

// notes are the remarks of the gates, by their name.
func notes(gates []gate.Result) []string {
	var all []string
	for _, g := range gates {
		if g.Outcome == nil {
			continue
		}
		for _, note := range g.Outcome.Notes {
			all = append(all, g.Gate+": "+note)
		}
	}
	return all
}

// oneLiners are findings that fail no gate, each with its waiver or message.
func oneLiners(findings []finding.Finding) []string {
	var all []string
	for _, f := range findings {
		why := f.Message
		if f.Waiver != nil {
			why = exception(*f.Waiver)
		}
		all = append(all, fmt.Sprintf("%s %s %s: %s", f.Severity, f.Rule, place(f), oneLine(why)))
	}
	return all
}

// colour is a code of ECMA-48 SGR. All have the same length, so that painted
// cells of a column stay aligned.
type colour string

const (
	plain  colour = "00"
	bold   colour = "01"
	faint  colour = "02"
	red    colour = "31"
	green  colour = "32"
	yellow colour = "33"
)

func statusColour(s gate.Status) colour {
	switch s {
	case gate.Passed, gate.Waived:
		return green
	case gate.Skipped:
		return yellow
	default:
		return red
	}
}

// printer writes visible text. It keeps the first error.
type printer struct {
	*bufio.Writer
	colour bool
}

// paint returns the visible text, in colour if that is asked for.
func (p *printer) paint(c colour, text string) string {
	text = visible(text)
	if !p.colour || strings.TrimSpace(text) == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

func (p *printer) line(parts ...string) {
	fmt.Fprintln(p, strings.TrimRight(strings.Join(parts, ""), " "))
}

// block writes text after first, and its later lines after as many spaces.
func (p *printer) block(first string, c colour, text string) {
	indent := strings.Repeat(" ", len([]rune(first)))
	for line := range strings.SplitSeq(strings.TrimSpace(text), "\n") {
		p.line(first, p.paint(c, strings.TrimRight(line, " \t\r")))
		first = indent
	}
}

func (p *printer) heading(text string, n int) {
	p.line()
	p.line(p.paint(bold, fmt.Sprintf("%s (%d)", text, n)))
}

func (p *printer) points(heading string, points []string) {
	if len(points) == 0 {
		return
	}
	p.heading(heading, len(points))
	for _, point := range points {
		p.block("  - ", plain, point)
	}
}

func (p *printer) gates(gates []gate.Result) {
	const gap = 2
	table := tabwriter.NewWriter(p, 0, 0, gap, ' ', 0)
	write := func(cells []string, status colour) {
		cells[statusColumn] = p.paint(status, cells[statusColumn])
		fmt.Fprintln(table, strings.Join(cells, "\t"))
	}
	write(append([]string(nil), columns[:]...), plain)
	for _, g := range gates {
		write(row(g), statusColour(g.Status))
	}
	_ = table.Flush() // the printer keeps the error
}

func (p *printer) findings(heading string, findings []finding.Finding) {
	if len(findings) == 0 {
		return
	}
	p.heading(heading, len(findings))
	for i, f := range findings {
		if i > 0 {
			p.line()
		}
		p.line("  ", p.paint(red, severity(f)), " ", p.paint(bold, oneLine(place(f))))
		p.block("    ", plain, f.Rule+": "+f.Message)
		if help := remedy(f); help != "" {
			p.block("    → ", plain, help)
		}
		seen := "seen by " + witnesses(f)
		if f.URL != "" {
			seen += "; " + f.URL
		}
		p.block("    ", faint, seen)
	}
}

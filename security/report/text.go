package report

import (
	"bufio"
	"fmt"
	"io"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
)

// TextOptions are how text is written.
type TextOptions struct {
	Colour bool // the reader is a terminal, and did not set NO_COLOR
	Width  int  // of the terminal in columns; 0 is 100
}

// The widths that text is written for. A long line is hard to read.
const (
	narrowest    = 60
	widest       = 120
	defaultWidth = 100
)

// Text writes the report for a person at a terminal, the verdict last.
func Text(w io.Writer, r gate.Report, options TextOptions) error {
	if options.Width == 0 {
		options.Width = defaultWidth
	}
	p := &printer{
		Writer: bufio.NewWriter(w), colour: options.Colour,
		width: min(max(options.Width, narrowest), widest),
	}
	s := summarise(r)
	p.paragraph("", s.Run())
	p.line()
	p.gates(r.Gates)
	p.findings("To mend", s.Failing)
	p.list("Waived", s.Waived, func(f finding.Finding) string { return exception(*f.Waiver) })
	p.list("Below the threshold of its gate", s.Minor, func(f finding.Finding) string { return f.Message })
	p.points("Notes", notes(r.Gates))
	p.points("Warnings", r.Verdict.Warnings)
	p.points("Why it is not green", r.Verdict.Reasons)
	p.line()
	p.verdict(s)
	return p.Flush()
}

// notes are what the gates want a reader to know.
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

// colour is a code of ECMA-48 SGR.
type colour string

const (
	plain  colour = ""
	bold   colour = "1"
	faint  colour = "2"
	red    colour = "31"
	green  colour = "32"
	yellow colour = "33"
)

// printer writes visible text, in colour if that is asked for. It keeps the
// first error.
type printer struct {
	*bufio.Writer
	colour bool
	width  int
}

// paint returns the visible text in a colour.
func (p *printer) paint(c colour, text string) string {
	text = visible(text)
	if !p.colour || c == plain || strings.TrimSpace(text) == "" {
		return text
	}
	return "\x1b[" + string(c) + "m" + text + "\x1b[0m"
}

func (p *printer) line(parts ...string) {
	fmt.Fprintln(p.Writer, strings.TrimRight(strings.Join(parts, ""), " "))
}

// paragraph writes text after indent, each of its lines.
func (p *printer) paragraph(indent, text string) { p.hanging(indent, indent, plain, text) }

// hanging writes text with another indent before its first line.
func (p *printer) hanging(first, indent string, c colour, text string) {
	for _, line := range wrap(text, p.width-len([]rune(indent))) {
		p.line(first, p.paint(c, line))
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
		p.hanging("  - ", "    ", plain, point)
	}
}

func (p *printer) gates(gates []gate.Result) {
	rows := [][]string{{"gate", "status", "findings", "examined", "database", "time"}}
	for _, g := range gates {
		row := []string{g.Gate, string(g.Status), found(g), examined(g), database(g), duration(g)}
		for i := range row {
			row[i] = oneLine(row[i])
		}
		rows = append(rows, row)
	}
	widths := columns(rows, p.width)
	for i, row := range rows {
		for _, cells := range layOut(row, widths) {
			var parts []string
			for column, cell := range cells {
				parts = append(parts, p.paint(cellColour(i, column, gates), pad(cell, widths[column])))
			}
			p.line(strings.Join(parts, gap))
		}
	}
}

// cellColour is the colour of a cell in the table of gates, whose row 0 is the
// heading.
func cellColour(row, column int, gates []gate.Result) colour {
	const status = 1
	switch {
	case row == 0:
		return faint
	case column != status:
		return plain
	}
	switch gates[row-1].Status {
	case gate.Passed, gate.Waived:
		return green
	case gate.Skipped:
		return yellow
	default:
		return red
	}
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
		const indent = "    "
		head := "  " + severity(f) + " "
		p.hanging(p.paint(red, head), pad("", len(head)), bold, oneLine(place(f)))
		p.paragraph(indent, f.Rule+": "+f.Message)
		if help := mend(f); help != "" {
			p.hanging(indent+"→ ", indent+"  ", plain, help)
		}
		seen := "seen by " + witnesses(f)
		if f.URL != "" {
			seen += "; " + f.URL
		}
		p.hanging(indent, indent, faint, seen)
	}
}

// list writes findings that fail no gate, each with what explains it.
func (p *printer) list(heading string, findings []finding.Finding, explain func(finding.Finding) string) {
	if len(findings) == 0 {
		return
	}
	p.heading(heading, len(findings))
	for _, f := range findings {
		p.hanging("  - ", "    ", plain, fmt.Sprintf("%s %s %s: %s", f.Severity, f.Rule, place(f), oneLine(explain(f))))
	}
}

func (p *printer) verdict(s summary) {
	c := green
	if !s.Verdict.Green {
		c = red
	}
	p.hanging("", "", c, fmt.Sprintf("%s (exit code %d)", s.Headline(), s.Verdict.Exit))
}

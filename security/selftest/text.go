package selftest

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Text writes the report for a person: a line for each gate and for each way
// to be green while blind, what went wrong, and the verdict last. With all,
// every case has its line.
func Text(w io.Writer, r Report, all bool) error {
	var b strings.Builder
	for _, g := range r.Gates {
		writeGate(&b, g, all)
	}
	if len(r.Ways) > 0 {
		fmt.Fprintf(&b, "\nKnown ways to be green while blind\n")
	}
	for _, way := range r.Ways {
		fmt.Fprintf(&b, "  %-8s %-12s %s\n", mark(way.Closed, "closed", "OPEN"), way.Gate, way.Blind)
		for _, name := range way.Cases {
			fmt.Fprintf(&b, "  %-8s %-12s   by: %s\n", "", "", name)
		}
		if way.Test != "" {
			fmt.Fprintf(&b, "  %-8s %-12s   by: go test ./security/scanner/... -run %s\n", "", "", way.Test)
		}
	}
	if len(r.Ways) > 0 {
		for _, tool := range notGates {
			fmt.Fprintf(&b, "  %-8s %s: %s; %s\n", "no gate", tool.Tool, tool.Blind, tool.Why)
		}
	}
	fmt.Fprintf(&b, "\n%s\n", r.verdict())
	_, err := io.WriteString(w, b.String())
	return err
}

func mark(good bool, yes, no string) string {
	if good {
		return yes
	}
	return no
}

func writeGate(b *strings.Builder, g Result, all bool) {
	took := g.Took.Round(100 * time.Millisecond)
	if g.Untested != "" {
		fmt.Fprintf(b, "%-8s %-12s not tested: %s\n", "ERROR", g.Gate, firstLine(g.Untested))
		return
	}
	failed := len(g.Failed())
	fmt.Fprintf(b, "%-8s %-12s %d of %d cases in %s\n", mark(failed == 0, "proven", "FAILED"), g.Gate, len(g.Cases)-failed, len(g.Cases), took)
	for _, c := range g.Cases {
		switch {
		case !c.OK:
			fmt.Fprintf(b, "  FAILED   %s\n    expected %s\n    got      %s\n", c.Name, indented(c.Want), indented(c.Got))
		case all:
			fmt.Fprintf(b, "  ok       %s\n", c.Name)
		}
	}
}

// firstLine is enough of what a tool said when it could not work at all.
func firstLine(text string) string {
	first, _, more := strings.Cut(strings.TrimSpace(text), "\n")
	if more {
		first += " …"
	}
	return first
}

// indented keeps what a tool said below the line that it belongs to.
func indented(text string) string {
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n             ")
}

// verdict is the whole in a sentence.
func (r Report) verdict() string {
	failed, untested, cases, open := 0, 0, 0, 0
	for _, g := range r.Gates {
		cases += len(g.Cases)
		failed += len(g.Failed())
		if g.Untested != "" {
			untested++
		}
	}
	for _, way := range r.Ways {
		if !way.Closed {
			open++
		}
	}
	took := r.Took.Round(100 * time.Millisecond)
	switch {
	case untested > 0:
		return fmt.Sprintf("Not proven: of %d gates, %d could not be tested, and %d of %d cases failed.", len(r.Gates), untested, failed, cases)
	case failed > 0 || open > 0:
		return fmt.Sprintf("Not proven: %d of %d cases failed, %d known ways to be green while blind are open.", failed, cases, open)
	default:
		return fmt.Sprintf("Proven: %d gates in %d cases, in %s.", len(r.Gates), cases, took)
	}
}

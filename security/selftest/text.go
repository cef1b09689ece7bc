package selftest

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Text writes the report for a person: a line for each gate, the failed cases,
// a line for each blind spot, and the verdict last. With all, it names every
// case and the cases that close a blind spot.
func Text(w io.Writer, r Report, all bool) error {
	var b strings.Builder
	for _, g := range r.Gates {
		writeGate(&b, g, all)
	}
	b.WriteString("\nBlind spots: known ways to pass without checking\n")
	for _, g := range r.Gates {
		for _, spot := range g.BlindSpots {
			writeBlindSpot(&b, g, spot, all)
		}
	}
	fmt.Fprintf(&b, "\n%s\n", r.verdict())
	_, err := io.WriteString(w, b.String())
	return err
}

func writeGate(b *strings.Builder, g Result, all bool) {
	if g.Untested != "" {
		fmt.Fprintf(b, "%-8s %-20s not tested: %s\n", "ERROR", g.Gate, firstLine(g.Untested))
		return
	}
	failed, word := len(g.Failed()), "proven"
	if failed > 0 {
		word = "FAILED"
	}
	ran := g.Ran()
	fmt.Fprintf(b, "%-8s %-20s %d of %d cases in %s\n", word, g.Gate, ran-failed, ran, g.Took.Round(100*time.Millisecond))
	for _, c := range g.Cases {
		switch {
		case c.NotRun != "":
			fmt.Fprintf(b, "  NOT RUN  %s\n    %s\n", c.Name, indented(c.NotRun))
		case !c.OK:
			fmt.Fprintf(b, "  FAILED   %s\n    expected %s\n    got      %s\n", c.Name, indented(c.Want), indented(c.Got))
		case all:
			fmt.Fprintf(b, "  ok       %s\n", c.Name)
		}
	}
}

func writeBlindSpot(b *strings.Builder, g Result, spot BlindSpot, all bool) {
	word, test := string(spot.Status), "further cases, not run here"
	switch spot.Status {
	case Open:
		word = "OPEN"
	case TestedElsewhere:
		test = "not run here"
	case Closed:
	}
	fmt.Fprintf(b, "  %-17s %-20s %s\n", word, g.Gate, spot.Text)
	if all || spot.Status == Open {
		for _, name := range spot.Cases {
			fmt.Fprintf(b, "  %-17s %-20s   case: %s\n", "", "", name)
		}
	}
	if spot.Test != "" {
		fmt.Fprintf(b, "  %-17s %-20s   %s: REQUIRE_TOOLS=1 go test ./security/scanner/... -run '^%s$'\n", "", "", test, spot.Test)
	}
}

// firstLine shortens the message of a tool that did not work at all.
func firstLine(text string) string {
	first, _, more := strings.Cut(strings.TrimSpace(text), "\n")
	if more {
		first += " …"
	}
	return first
}

// indented aligns the lines of a message with the first.
func indented(text string) string {
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n             ")
}

// verdict is the report in one sentence.
func (r Report) verdict() string {
	failed, untested, cases, open, closed, elsewhere := 0, 0, 0, 0, 0, 0
	for _, g := range r.Gates {
		cases += g.Ran()
		failed += len(g.Failed())
		open += g.count(Open)
		closed += g.count(Closed)
		elsewhere += g.count(TestedElsewhere)
		if g.Untested != "" {
			untested++
		}
	}
	switch {
	case untested > 0:
		return fmt.Sprintf("Not proven: %d of %d gates could not be tested; %d of %d cases failed; blind spots: %d open.",
			untested, len(r.Gates), failed, cases, open)
	case failed > 0 || open > 0:
		return fmt.Sprintf("Not proven: %d of %d cases failed; blind spots: %d open.", failed, cases, open)
	default:
		return fmt.Sprintf("Proven: %d gates in %d cases; blind spots: %d closed, %d tested elsewhere. It took %s.",
			len(r.Gates), cases, closed, elsewhere, r.Took.Round(100*time.Millisecond))
	}
}

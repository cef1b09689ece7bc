package report

import (
	"fmt"
	"io"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
)

// GitHub takes comments of 65,536 characters. Bytes are counted here, and there
// are at least as many.
const (
	commentLimit  = 65_536
	closingRoom   = 300    // to end a list and count the items left out
	foldedRoom    = 12_000 // kept for the folded lists after the findings
	longestInList = 500    // runes of a text
)

// Markdown writes the report as a comment on a pull request: the verdict, the
// gates, the open findings and, folded, the rest. It counts what does not fit.
func Markdown(w io.Writer, r gate.Report) error {
	s := summarise(r)
	var c comment
	c.printf("## Security gates: %s\n\n%s\n\n%s\n", strings.ToLower(s.Colour()), s.Counts(), escapeMarkdown(s.Run()))
	const rest = commentLimit - foldedRoom
	c.list(unseenTitle, escapeAll(r.Verdict.Unseen), rest/4)
	c.table(r.Gates, rest)
	c.list("Why it is not green", escapeAll(r.Verdict.Reasons), rest/2)
	c.list("Open findings", describeAll(s.Failing), rest)
	c.list("Warnings", escapeAll(r.Verdict.Warnings), rest+foldedRoom/4)
	c.folded("Waived findings", describeAll(s.Waived), rest+foldedRoom/2)
	c.folded("Findings below the threshold of their gate", describeAll(s.Minor), rest+foldedRoom*3/4)
	c.folded("Evidence", evidence(r.Gates), commentLimit)
	_, err := io.WriteString(w, c.String())
	return err
}

// comment is Markdown that keeps within limits.
type comment struct{ strings.Builder }

func (c *comment) printf(format string, args ...any) { fmt.Fprintf(c, format, args...) }

func (c *comment) table(gates []gate.Result, limit int) {
	c.printf("\n| %s |\n|%s\n", strings.Join(columns[:], " | "), strings.Repeat("---|", len(columns)))
	var rows []string
	for _, g := range gates {
		cells := row(g)
		for i := range cells {
			cells[i] = inList(cells[i])
		}
		if g.Status == gate.Findings || g.Status == gate.Errored {
			cells[statusColumn] = "**" + cells[statusColumn] + "**"
		}
		rows = append(rows, "| "+strings.Join(cells, " | ")+" |\n")
	}
	c.fill(rows, limit)
}

// list writes items under a heading, as many as fit below limit.
func (c *comment) list(heading string, items []string, limit int) {
	if len(items) == 0 {
		return
	}
	c.printf("\n### %s (%d)\n\n", heading, len(items))
	c.fill(items, limit)
}

// folded is a list that a click unfolds.
func (c *comment) folded(heading string, items []string, limit int) {
	if len(items) == 0 {
		return
	}
	c.printf("\n<details><summary>%s (%d)</summary>\n\n", heading, len(items))
	c.fill(items, limit)
	c.printf("\n</details>\n")
}

// fill writes items while they fit below limit, and says how many do not.
func (c *comment) fill(items []string, limit int) {
	for i, item := range items {
		if c.Len()+len(item)+closingRoom > limit {
			c.printf("\n%d more are left out for length; the other reports of this run have them.\n", len(items)-i)
			return
		}
		c.printf("%s", item)
	}
}

func inList(text string) string { return escapeMarkdown(cut(oneLine(text), longestInList)) }

func escapeAll(texts []string) []string {
	var items []string
	for _, text := range texts {
		items = append(items, "- "+inList(text)+"\n")
	}
	return items
}

func describeAll(findings []finding.Finding) []string {
	var items []string
	for _, f := range findings {
		items = append(items, describe(f))
	}
	return items
}

// describe is an item with the place of a finding, the defect and its remedy.
func describe(f finding.Finding) string {
	lines := []string{
		fmt.Sprintf("- **%s** at %s", severity(f), codeMarkdown(cut(oneLine(place(f)), longestInList))),
		codeMarkdown(cut(oneLine(f.Rule), longestInList)) + " " + inList(f.Message),
	}
	if help := remedy(f); help != "" {
		lines = append(lines, "→ "+inList(help))
	}
	if f.Waiver != nil {
		lines = append(lines, "Waived: "+inList(exception(*f.Waiver)))
	}
	seen := "seen by " + inList(witnesses(f))
	if address := link(f.URL); address != "" {
		seen += ", [about the rule](" + address + ")"
	}
	return strings.Join(append(lines, seen), "<br>\n  ") + "\n"
}

// evidence has an item for each gate: the commands it ran, or why it ran none.
func evidence(gates []gate.Result) []string {
	var items []string
	for _, g := range gates {
		item := "- **" + inList(g.Gate) + "** (" + inList(g.Subject) + "): "
		if g.Outcome == nil {
			items = append(items, item+string(g.Status)+", "+inList(g.Reason)+"\n")
			continue
		}
		o := g.Outcome
		item += inList(o.Tool) + " " + inList(o.Version)
		if o.Database != nil {
			item += ", database " + inList(o.Database.Source) + " of " + database(g)
		}
		for _, command := range o.Commands {
			item += "<br>\n  " + codeMarkdown(cut(oneLine(command), longestInList))
		}
		for _, note := range o.Notes {
			item += "<br>\n  " + inList(note)
		}
		items = append(items, item+"\n")
	}
	return items
}

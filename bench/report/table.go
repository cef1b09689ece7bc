// Package report writes measurements as Markdown.
package report

import (
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"
)

// Table is a Markdown table. The columns after the first are numbers, except
// those in Words.
type Table struct {
	Head  []string
	Words []int // columns of text, counted from 0
	rows  [][]string
}

// Add adds a row, with a cell for each column.
func (t *Table) Add(cells ...string) {
	if len(cells) != len(t.Head) {
		panic(fmt.Sprintf("a row of %d cells in a table of %d columns", len(cells), len(t.Head)))
	}
	t.rows = append(t.rows, cells)
}

// String returns the table with a line end after each row.
func (t *Table) String() string {
	rule := make([]string, len(t.Head))
	for i := range rule {
		rule[i] = "--:"
		if i == 0 || slices.Contains(t.Words, i) {
			rule[i] = "---"
		}
	}
	var b strings.Builder
	w := tabwriter.NewWriter(&b, 0, 0, 1, ' ', 0)
	for _, row := range slices.Concat([][]string{t.Head, rule}, t.rows) {
		fmt.Fprintln(w, "| "+strings.Join(row, "\t| ")+"\t|")
	}
	_ = w.Flush() // a strings.Builder takes all
	return b.String()
}

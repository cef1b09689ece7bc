// Package report writes what was measured as Markdown.
package report

import (
	"fmt"
	"strings"
)

// Table is a Markdown table. The columns after the first are numbers, unless
// Words says so.
type Table struct {
	Head  []string
	Words []int // columns, counted from 0, that are set to the left
	rows  [][]string
}

// Add adds a row, with as many cells as there are columns.
func (t *Table) Add(cells ...string) {
	if len(cells) != len(t.Head) {
		panic(fmt.Sprintf("a row of %d cells in a table of %d columns", len(cells), len(t.Head)))
	}
	t.rows = append(t.rows, cells)
}

// String returns the table with a line end after each row.
func (t *Table) String() string {
	widths := make([]int, len(t.Head))
	for _, row := range append([][]string{t.Head}, t.rows...) {
		for i, cell := range row {
			widths[i] = max(widths[i], len([]rune(cell)), len("--:"))
		}
	}
	var b strings.Builder
	t.write(&b, t.Head, widths)
	for i, width := range widths {
		b.WriteString("| ")
		if t.left(i) {
			b.WriteString(strings.Repeat("-", width) + " ")
		} else {
			b.WriteString(strings.Repeat("-", width-1) + ": ")
		}
	}
	b.WriteString("|\n")
	for _, row := range t.rows {
		t.write(&b, row, widths)
	}
	return b.String()
}

func (t *Table) write(b *strings.Builder, cells []string, widths []int) {
	for i, cell := range cells {
		space := strings.Repeat(" ", widths[i]-len([]rune(cell)))
		if t.left(i) {
			b.WriteString("| " + cell + space + " ")
		} else {
			b.WriteString("| " + space + cell + " ")
		}
	}
	b.WriteString("|\n")
}

func (t *Table) left(column int) bool {
	for _, words := range t.Words {
		if column == words {
			return true
		}
	}
	return column == 0
}

package report

import (
	"strings"
	"unicode/utf8"
)

// gap stands between the columns of a table.
const gap = "  "

// columns returns how wide each column of the rows may be so that a row fits
// in width: as wide as its widest cell, and the widest ones less if need be.
func columns(rows [][]string, width int) []int {
	const least = 8 // a narrower column is of no use
	widths := make([]int, len(rows[0]))
	total := len(gap) * (len(widths) - 1)
	for column := range widths {
		for _, row := range rows {
			widths[column] = max(widths[column], utf8.RuneCountInString(row[column]))
		}
		total += widths[column]
	}
	for ; total > width; total-- {
		widest := 0
		for column := range widths {
			if widths[column] > widths[widest] {
				widest = column
			}
		}
		if widths[widest] <= least {
			break
		}
		widths[widest]--
	}
	return widths
}

// layOut breaks the cells of a row into lines as wide as the columns.
func layOut(row []string, widths []int) [][]string {
	var lines [][]string
	for column, cell := range row {
		for i, text := range wrap(cell, widths[column]) {
			if i == len(lines) {
				lines = append(lines, make([]string, len(row)))
			}
			lines[i][column] = text
		}
	}
	return lines
}

// wrap breaks text into lines of at most width runes, between words where it
// can. Lines of the text stay lines.
func wrap(text string, width int) []string {
	var lines []string
	for paragraph := range strings.SplitSeq(text, "\n") {
		line := ""
		for _, word := range strings.Fields(paragraph) {
			for {
				free := width - utf8.RuneCountInString(line)
				if line != "" {
					free--
				}
				if utf8.RuneCountInString(word) <= free {
					line = strings.TrimPrefix(line+" "+word, " ")
					break
				}
				if line == "" { // the word alone is too long
					runes := []rune(word)
					lines, word = append(lines, string(runes[:width])), string(runes[width:])
					continue
				}
				lines, line = append(lines, line), ""
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// pad fills s with spaces to width runes.
func pad(s string, width int) string {
	return s + strings.Repeat(" ", max(width-utf8.RuneCountInString(s), 0))
}

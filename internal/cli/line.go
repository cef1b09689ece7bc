package cli

import (
	"fmt"
	"io"
	"os"

	"golang.org/x/term"
)

// Line is one line of a terminal that changes.
type Line struct {
	Out   io.Writer // the terminal; nil shows nothing
	shown bool
}

// NewLine returns a line on out, or one that shows nothing if out is not a
// terminal.
func NewLine(out io.Writer) *Line {
	if !IsTerminal(out) {
		return &Line{}
	}
	return &Line{Out: out}
}

const erase = "\r\033[K"

// Show replaces the text of the line.
func (l *Line) Show(format string, args ...any) {
	if l.Out != nil {
		fmt.Fprintf(l.Out, erase+format, args...)
		l.shown = true
	}
}

// Clear removes the line.
func (l *Line) Clear() {
	if l.shown {
		fmt.Fprint(l.Out, erase)
		l.shown = false
	}
}

// IsTerminal reports whether out is a terminal.
func IsTerminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

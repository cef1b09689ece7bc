package report

import (
	"fmt"
	"os"

	"golang.org/x/term"
)

// Progress shows what is being done as one line that changes, on a terminal
// only.
type Progress struct{ out *os.File }

// NewProgress returns the progress shown on out, if that is a terminal.
func NewProgress(out *os.File) *Progress {
	if !term.IsTerminal(int(out.Fd())) {
		return &Progress{}
	}
	return &Progress{out: out}
}

// Show replaces the line.
func (p *Progress) Show(format string, args ...any) {
	if p.out != nil {
		fmt.Fprintf(p.out, "\r\033[K"+format, args...)
	}
}

// Note writes a line that stays.
func (p *Progress) Note(format string, args ...any) { p.Show(format+"\n", args...) }

// Clear removes the line.
func (p *Progress) Clear() { p.Show("") }

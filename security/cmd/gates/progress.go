package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"example.com/rates/security/gate"
	"example.com/rates/security/report"
)

// progress shows one line that changes, on a terminal only.
type progress struct {
	out     io.Writer // nil where nobody watches
	all     int
	ended   int
	running []string
}

func newProgress(out io.Writer, all int) *progress {
	if !terminal(out) {
		return &progress{}
	}
	return &progress{out: out, all: all}
}

func (p *progress) event(e gate.Event) {
	if e.Result == nil {
		p.running = append(p.running, e.Gate)
	} else {
		p.ended++
		p.running = slices.DeleteFunc(p.running, func(name string) bool { return name == e.Gate })
	}
	if p.out != nil {
		fmt.Fprintf(p.out, "\r\033[K%d of %d gates done; running %s", p.ended, p.all, strings.Join(p.running, ", "))
	}
}

// clear removes the line.
func (p *progress) clear() {
	if p.out != nil {
		fmt.Fprint(p.out, "\r\033[K")
	}
}

func terminal(out io.Writer) bool {
	file, ok := out.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// textOptions fit a report to where it is written: colour only on a terminal,
// and not if NO_COLOR is set (https://no-color.org).
func textOptions(out io.Writer) report.TextOptions {
	if !terminal(out) {
		return report.TextOptions{}
	}
	options := report.TextOptions{Colour: os.Getenv("NO_COLOR") == ""}
	if width, _, err := term.GetSize(int(out.(*os.File).Fd())); err == nil {
		options.Width = width
	}
	return options
}

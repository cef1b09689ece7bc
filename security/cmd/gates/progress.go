package main

import (
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"example.com/rates/internal/cli"
	"example.com/rates/security/gate"
	"example.com/rates/security/report"
)

// progress shows which gates are running.
type progress struct {
	line    *cli.Line
	all     int
	ended   int
	running []string
}

func newProgress(out io.Writer, all int) *progress {
	return &progress{line: cli.NewLine(out), all: all}
}

func (p *progress) event(e gate.Event) {
	if e.Result == nil {
		p.running = append(p.running, e.Gate)
	} else {
		p.ended++
		p.running = slices.DeleteFunc(p.running, func(name string) bool { return name == e.Gate })
	}
	p.line.Show("%d of %d gates done; running %s", p.ended, p.all, strings.Join(p.running, ", "))
}

// textOptions fit a report to where it is written: colour only on a terminal,
// and not if NO_COLOR is set (https://no-color.org).
func textOptions(out io.Writer) report.TextOptions {
	if !cli.IsTerminal(out) {
		return report.TextOptions{}
	}
	options := report.TextOptions{Colour: os.Getenv("NO_COLOR") == ""}
	if width, _, err := term.GetSize(int(out.(*os.File).Fd())); err == nil {
		options.Width = width
	}
	return options
}

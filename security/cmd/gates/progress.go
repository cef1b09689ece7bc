package main

import (
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"example.com/rates/internal/cli"
	"example.com/rates/security/report"
)

// progress shows which gates run.
type progress struct {
	*cli.Line
	all, ended int
	running    []string
}

func newProgress(out io.Writer, all int) *progress {
	return &progress{Line: cli.NewLine(out), all: all}
}

// event records that a gate began or ended.
func (p *progress) event(gate string, ended bool) {
	if ended {
		p.ended++
		p.running = slices.DeleteFunc(p.running, func(name string) bool { return name == gate })
	} else {
		p.running = append(p.running, gate)
	}
	p.Show("%d of %d gates done; running %s", p.ended, p.all, strings.Join(p.running, ", "))
}

// textOptions returns the options for a report on out: colour only on a terminal,
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

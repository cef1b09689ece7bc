package main

import (
	"io"
	"os"
	"slices"
	"strings"

	"example.com/rates/internal/cli"
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

// coloured reports whether out takes colour: a terminal does, unless NO_COLOR is
// set (https://no-color.org).
func coloured(out io.Writer) bool { return cli.IsTerminal(out) && os.Getenv("NO_COLOR") == "" }

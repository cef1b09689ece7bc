package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"example.com/rates/security/gate"
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

// colour tells whether out is to be coloured (https://no-color.org).
func colour(out io.Writer) bool { return terminal(out) && os.Getenv("NO_COLOR") == "" }

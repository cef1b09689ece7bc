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

// coloured reports whether out takes colour: a terminal does, unless NO_COLOR is
// set (https://no-color.org).
func coloured(out io.Writer) bool { return terminal(out) && os.Getenv("NO_COLOR") == "" }

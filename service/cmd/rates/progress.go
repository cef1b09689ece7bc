package main

import (
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"golang.org/x/term"

	"example.com/rates/service/importer"
)

// progress shows one line that changes, on a terminal only.
type progress struct {
	out   io.Writer
	next  time.Time // when to show again
	shown bool
}

func newProgress(out io.Writer) *progress {
	if file, ok := out.(*os.File); !ok || !term.IsTerminal(int(file.Fd())) {
		return &progress{}
	}
	return &progress{out: out}
}

func (p *progress) show(at importer.Progress) {
	now := time.Now()
	if p.out == nil || now.Before(p.next) && at.Prices > 0 {
		return
	}
	const pause = 200 * time.Millisecond
	p.next, p.shown = now.Add(pause), true
	fmt.Fprintf(p.out, "\r\033[K%s: %s", at.File, at.Step)
	if at.Prices > 0 {
		fmt.Fprintf(p.out, ", %s prices", grouped(at.Prices))
	}
}

// clear removes the line.
func (p *progress) clear() {
	if p.shown {
		fmt.Fprint(p.out, "\r\033[K")
	}
}

// grouped writes a number with its thousands apart.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

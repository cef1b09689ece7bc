package main

import (
	"io"
	"strconv"
	"time"

	"example.com/rates/internal/cli"
	"example.com/rates/service/importer"
)

// progress shows the progress of an import, a few times a second.
type progress struct {
	line *cli.Line
	next time.Time // when to show more prices
}

func newProgress(out io.Writer) *progress { return &progress{line: cli.NewLine(out)} }

func (p *progress) show(at importer.Progress) {
	const pause = 200 * time.Millisecond
	now := time.Now()
	switch {
	case at.Prices == 0:
		p.line.Show("%s: %s", at.File, at.Step)
	case now.Before(p.next):
		return
	default:
		p.line.Show("%s: %s, %s prices", at.File, at.Step, grouped(at.Prices))
	}
	p.next = now.Add(pause)
}

// grouped formats a number with commas between thousands.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"example.com/rates/internal/cli"
	"example.com/rates/service/importer"
)

// progress shows the progress of an import: on a terminal in one line that changes
// every second or more often, elsewhere, if that is wanted, in lines of their own.
type progress struct {
	terminal *cli.Line
	lines    io.Writer // nil to show nothing where there is no terminal
	close    func()    // stops, and removes the line from a terminal; again it does nothing

	mu    sync.Mutex // guards all that follows, and the output
	at    importer.Progress
	shown string    // the file and kind of step shown last
	next  time.Time // when to show more of it
}

// showProgress returns a progress on out, to be closed. wanted shows it even if out is
// not a terminal.
func showProgress(out io.Writer, wanted bool) *progress {
	p := &progress{terminal: cli.NewLine(out)}
	if wanted && p.terminal.Out == nil {
		p.lines = out
	}
	p.start()
	return p
}

func (p *progress) start() {
	stop := make(chan struct{})
	var ticking sync.WaitGroup
	ticking.Go(func() { p.tick(stop) })
	p.close = sync.OnceFunc(func() {
		close(stop)
		ticking.Wait()
		p.terminal.Clear()
	})
}

// tick shows that time passes in a step that reports nothing.
func (p *progress) tick(stop <-chan struct{}) {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for {
		select {
		case <-stop:
			return
		case <-ticker.C:
			p.mu.Lock()
			p.print()
			p.mu.Unlock()
		}
	}
}

// show shows what the importer reports, a new step at once.
func (p *progress) show(at importer.Progress) {
	p.mu.Lock()
	defer p.mu.Unlock()
	// What an import waits for changes all the time.
	kind, _, _ := strings.Cut(at.Step, " ")
	if kind = at.File + ": " + kind; kind != p.shown {
		p.shown, p.next = kind, time.Time{}
	}
	p.at = at
	p.print()
}

// print shows the last report unless one was shown just now.
func (p *progress) print() {
	now := time.Now()
	if p.at.Step == "" || now.Before(p.next) {
		return
	}
	text := p.at.File + ": " + p.at.Step
	if p.at.Prices > 0 {
		text += ", " + grouped(p.at.Prices) + " prices"
	}
	text += timeLeft(p.at.End.Sub(now))
	pause := 200 * time.Millisecond
	if p.terminal.Show("%s", text); p.lines != nil {
		pause = 10 * time.Second
		fmt.Fprintln(p.lines, "rates: "+text)
	}
	p.next = now.Add(pause)
}

// timeLeft describes a time that is a guess. Of one that is over, or was never known,
// it says nothing.
func timeLeft(left time.Duration) string {
	const few = 10 * time.Second
	switch {
	case left <= 0:
		return ""
	case left <= few:
		return ", a few seconds left"
	case left <= time.Minute:
		return fmt.Sprintf(", about %d seconds left", up(left, few)*10)
	case left <= 2*time.Hour:
		return fmt.Sprintf(", about %d minutes left", up(left, time.Minute))
	default:
		return fmt.Sprintf(", about %d hours left", left.Round(time.Hour)/time.Hour)
	}
}

// up returns how many units a time has, rounded up.
func up(d, unit time.Duration) int64 { return int64((d + unit - 1) / unit) }

// grouped formats a number with commas between thousands.
func grouped(n int64) string {
	digits := strconv.FormatInt(n, 10)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}

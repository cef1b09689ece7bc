// Package compare measures the service beside what it could be at best and what
// it was before, in one run on one machine.
package compare

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"example.com/rates/bench/load"
	"example.com/rates/bench/process"
	"example.com/rates/bench/report"
	"example.com/rates/bench/stat"
	"example.com/rates/bench/subject"
)

// Config says how long to measure, and on what.
type Config struct {
	Checkout string // the folder of the repository
	Wrk      load.Wrk

	Rounds     int           // how often each is measured, in turns
	Duration   time.Duration // of one measurement; whole seconds
	Warmup     time.Duration // of each before the first round; whole seconds
	OpenLoop   time.Duration // of one measurement at a fixed rate
	Rate       int           // questions a second there; 0: a third of what the slowest answers
	Starts     int           // how often the start is measured
	CacheSizes []int         // bounds of the cache to fill, in MiB
	Progress   *report.Progress
}

// Result is what was measured.
type Result struct {
	Machine   report.Machine
	Config    Config
	PerSecond int // questions at the fixed rate

	rows     rows
	idle     uint64 // bytes
	busy     map[string]uint64
	full     []full
	starts   []float64 // ms
	gobench  []string
	Problems []string // what could not be measured, and why
}

// connections is how many ask at the same time; the service has as many to its
// database by default.
const connections = 16

// Run measures everything. What fails by itself is left out and told in the
// result's Problems; the error is about what nothing can be measured without.
func Run(ctx context.Context, cfg Config) (_ *Result, err error) {
	folder, err := os.MkdirTemp("", "rates-bench-")
	if err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(folder)) }()

	res := &Result{Config: cfg, busy: map[string]uint64{}}
	meter, err := process.NewMeter("/proc")
	if err != nil {
		res.fail("processor time and memory", err)
	}
	b := &bench{Config: cfg, Result: res, folder: folder, meter: meter}
	res.Machine = report.ThisMachine("")
	if err := b.setUp(ctx); err != nil {
		return nil, errors.Join(err, b.tearDown(ctx))
	}
	b.measure(ctx)
	if err := errors.Join(context.Cause(ctx), b.tearDown(ctx)); err != nil {
		return nil, err
	}
	return res, nil
}

// fail notes what could not be measured.
func (r *Result) fail(what string, err error) {
	r.Problems = append(r.Problems, fmt.Sprintf("%s: %v", what, err))
}

// bench is a run in progress.
type bench struct {
	Config
	*Result
	folder  string
	meter   *process.Meter // nil where there is no /proc
	program subject.Program
	cluster *subject.Cluster
	db      subject.Database
	servers []*subject.Server
}

func (b *bench) measure(ctx context.Context) {
	b.measureIdle()
	for _, row := range b.rows {
		b.Progress.Show("warm-up: %s", row.name)
		row.try(ctx, func() error { _, err := b.closedLoop(ctx, row, b.Warmup); return err })
	}
	for round := range b.Rounds {
		for _, row := range b.rows {
			b.Progress.Show("round %d of %d: %s", round+1, b.Rounds, row.name)
			row.try(ctx, func() error { return b.measureThroughput(ctx, row) })
		}
	}
	b.chooseRate()
	for round := range b.Rounds {
		for _, row := range b.rows {
			b.Progress.Show("round %d of %d at %d/s: %s", round+1, b.Rounds, b.PerSecond, row.name)
			row.try(ctx, func() error { return b.measureLatency(ctx, row) })
		}
	}
	for _, row := range b.rows {
		if row.err != nil {
			b.fail(row.name, row.err)
		}
	}
	b.measureBusy()
	b.measureFullCache(ctx)
	b.measureStarts(ctx)
	b.measureAllocations(ctx)
	b.Progress.Clear()
}

// chooseRate stays well below what the slowest can answer, because waiting in a
// queue says nothing about an answer.
func (b *bench) chooseRate() {
	const least, most, share = 10, 1000, 3
	b.PerSecond = b.Rate
	if b.PerSecond > 0 {
		return
	}
	b.PerSecond = most
	for _, row := range b.rows {
		if s := stat.Summarize(row.perSecond); row.err == nil && row.server != nil && s.Known() {
			b.PerSecond = min(b.PerSecond, max(least, int(s.Median)/share))
		}
	}
}

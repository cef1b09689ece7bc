// Package compare measures the service beside a bare handler, pgbench and the
// query of the service it replaces, in one run on one machine.
package compare

import (
	"context"
	"errors"
	"fmt"
	"log"
	"slices"
	"time"

	"example.com/rates/bench/load"
	"example.com/rates/bench/process"
	"example.com/rates/bench/report"
	"example.com/rates/bench/stat"
	"example.com/rates/bench/subject"
)

// Config says how long to measure, and how often.
type Config struct {
	Rounds   int           `default:"5" placeholder:"N" help:"How often everything is measured, in turns (default ${default})."`
	Duration time.Duration `default:"5s" placeholder:"DURATION" help:"Of one measurement of throughput, in whole seconds (default ${default})."`
	Warmup   time.Duration `default:"3s" placeholder:"DURATION" help:"Of everything before the first round, in whole seconds (default ${default})."`
	OpenLoop time.Duration `default:"10s" placeholder:"DURATION" help:"Of one measurement at a fixed rate (default ${default})."`
	Starts   int           `default:"10" placeholder:"N" help:"How often the start is measured (default ${default})."`
	CacheMB  []int         `name:"cache-mb" default:"16,64" placeholder:"N" help:"Sizes of the cache to fill, in MiB (default ${default})."`

	Wrk load.Wrk    `kong:"-"`
	Log *log.Logger `kong:"-"`
}

// Validate checks the flags.
func (c *Config) Validate() error {
	whole := func(d time.Duration) bool { return d >= time.Second && d%time.Second == 0 }
	switch {
	case !whole(c.Duration):
		return fmt.Errorf("--duration is %v; expected whole seconds, for example 5s", c.Duration)
	case !whole(c.Warmup):
		return fmt.Errorf("--warmup is %v; expected whole seconds, for example 5s", c.Warmup)
	case c.OpenLoop < time.Second:
		return fmt.Errorf("--open-loop is %v; expected at least 1s", c.OpenLoop)
	case c.Rounds < 1:
		return fmt.Errorf("--rounds is %d; expected at least 1", c.Rounds)
	case c.Starts < 1:
		return fmt.Errorf("--starts is %d; expected at least 1", c.Starts)
	case len(c.CacheMB) > 0 && slices.Min(c.CacheMB) < 1:
		return fmt.Errorf("--cache-mb has %d; expected at least 1", slices.Min(c.CacheMB))
	}
	return nil
}

// Result holds the measurements.
type Result struct {
	Machine   report.Machine
	Config    Config
	PerSecond int // requests at the fixed rate

	rows     rows
	idle     uint64 // bytes
	busy     map[string]uint64
	full     []full
	starts   []float64 // ms
	gobench  []string
	Problems []string // measurements that failed, and why
}

// connections is the number of concurrent clients, and of the service's
// connections to its database by default.
const connections = 16

// Run measures everything. A measurement that fails is one of the result's
// Problems; the error is for a run without any.
func Run(ctx context.Context, cfg Config) (_ *Result, err error) {
	res := &Result{Config: cfg, Machine: report.ThisMachine(""), busy: map[string]uint64{}}
	meter, err := process.NewMeter("/proc")
	if err != nil {
		res.fail("processor time and memory", err)
	}
	cfg.Log.Print("build the program; start and fill a database")
	lab, err := subject.NewLab(ctx, meter)
	if err != nil {
		return nil, err
	}
	b := &bench{Config: cfg, Result: res, Lab: lab}
	defer func() { err = errors.Join(err, lab.Close(ctx)) }()
	if err := b.setUp(ctx); err != nil {
		return nil, err
	}
	b.measure(ctx)
	return res, context.Cause(ctx)
}

// fail notes a measurement that failed.
func (r *Result) fail(what string, err error) {
	r.Problems = append(r.Problems, fmt.Sprintf("%s: %v", what, err))
}

// bench is a run in progress.
type bench struct {
	Config
	*Result
	*subject.Lab
	db subject.Database
}

func (b *bench) measure(ctx context.Context) {
	b.measureIdle()
	for _, row := range b.rows {
		b.Log.Printf("warm-up: %s", row.name)
		row.try(ctx, func() error { _, err := b.closedLoop(ctx, row, b.Warmup); return err })
	}
	for round := range b.Rounds {
		for _, row := range b.rows {
			b.Log.Printf("round %d of %d: %s", round+1, b.Rounds, row.name)
			row.try(ctx, func() error { return b.measureThroughput(ctx, row) })
		}
	}
	b.chooseRate()
	for round := range b.Rounds {
		for _, row := range b.rows {
			b.Log.Printf("round %d of %d at %d/s: %s", round+1, b.Rounds, b.PerSecond, row.name)
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
}

// chooseRate stays well below the capacity of the slowest, because the time in a
// queue is not that of an answer.
func (b *bench) chooseRate() {
	const least, most, share = 10, 1000, 3
	b.PerSecond = most
	for _, row := range b.rows {
		if s := stat.Summarize(row.perSecond); row.err == nil && row.server != nil && s.Known() {
			b.PerSecond = min(b.PerSecond, max(least, int(s.Median)/share))
		}
	}
}

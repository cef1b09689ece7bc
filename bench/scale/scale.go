// Package scale measures answers and imports with growing amounts of data.
package scale

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"example.com/rates/bench/process"
	"example.com/rates/bench/report"
	"example.com/rates/bench/subject"
)

// Config says with how much data to measure, and how long.
type Config struct {
	Prices       []int64       `default:"1000000,10000000" placeholder:"N" help:"Numbers of prices to measure with, besides those of db/rates.sql (default ${default})."`
	Huge         bool          `help:"Also measure with 100 million prices. The free disk space is checked first."`
	ImportRounds int           `default:"3" placeholder:"N" help:"How often each import is measured (default ${default}; once from 20 million prices)."`
	Rounds       int           `default:"5" placeholder:"N" help:"How often each request is measured, in turns (default ${default})."`
	Duration     time.Duration `default:"3s" placeholder:"DURATION" help:"Of one measurement of a request (default ${default})."`

	Log *log.Logger `kong:"-"`
}

// huge is the number of prices of --huge.
const huge = 100_000_000

// Validate checks the flags.
func (c *Config) Validate() error {
	// A smaller number has too few days.
	const least = 200_000
	last := int64(0)
	for _, prices := range c.Prices {
		if prices < least || prices <= last {
			return fmt.Errorf("--prices has %d; expected numbers of at least %d, the smallest first", prices, least)
		}
		last = prices
	}
	switch {
	case c.Huge && last >= huge:
		return fmt.Errorf("--prices has %d already; leave --huge out", last)
	case c.ImportRounds < 1:
		return fmt.Errorf("--import-rounds is %d; expected at least 1", c.ImportRounds)
	case c.Rounds < 1:
		return fmt.Errorf("--rounds is %d; expected at least 1", c.Rounds)
	case c.Duration < 100*time.Millisecond:
		return fmt.Errorf("--duration is %v; expected at least 100ms", c.Duration)
	}
	return nil
}

// Result holds the measurements. It can be written as JSON and read again.
type Result struct {
	Machine  report.Machine `json:"machine"`
	Sizes    []*Size        `json:"sizes"`              // the smallest first
	Problems []string       `json:"problems,omitempty"` // measurements that failed, and why
}

// Size holds the measurements with one amount of data.
type Size struct {
	Prices        int64       `json:"prices"`
	Source        string      `json:"source"` // of the prices
	DailyRates    int64       `json:"daily_rates"`
	DatabaseBytes int64       `json:"database_bytes"`
	Import        Import      `json:"import"`
	Questions     []*Question `json:"questions"`

	db    subject.Database
	dump  dumpFile
	month month
}

// Import holds the measurements of loading one amount of data. Times are in seconds,
// one for each round.
type Import struct {
	DumpBytes       int64     `json:"dump_bytes"`
	ImportSeconds   []float64 `json:"import_seconds"`
	PsqlSeconds     []float64 `json:"psql_seconds"`              // of the same rows into tables without indexes; none if psql is missing
	ImportCPU       []float64 `json:"import_cpu_seconds"`        // of rates import and the database server; none if it is unknown
	PsqlCPU         []float64 `json:"psql_cpu_seconds"`          // of psql and the database server
	PipeSeconds     float64   `json:"pipe_seconds"`              // of rates generate | rates import -, or of rates import - from a file
	PeakMemoryBytes uint64    `json:"peak_memory_bytes"`         // of rates import -, peak resident; 0 if unknown
	GenerateSeconds float64   `json:"generate_seconds,omitzero"` // of writing the dump
}

// Question holds the measurements of one request. Times are in milliseconds, one for each
// round.
type Question struct {
	Name    string    `json:"name"`
	Days    int       `json:"days"` // with prices, of those asked for
	P50     []float64 `json:"p50_ms"`
	P99     []float64 `json:"p99_ms"`
	Answers int       `json:"answers"` // in all rounds
	Buffers Buffers   `json:"buffers"`
	Plan    string    `json:"plan,omitempty"` // EXPLAIN (ANALYZE, BUFFERS)

	next func() string // returns the URL of the next request
}

// runner is a run in progress.
type runner struct {
	Config
	*Result
	*subject.Lab
	psql string // "" if it is not installed
}

// Run measures everything, on a private PostgreSQL that is removed afterwards.
// A missing tool that only some figures need is one of the result's Problems.
func Run(ctx context.Context, cfg Config) (_ *Result, err error) {
	if cfg.Huge {
		cfg.Prices = append(cfg.Prices, huge)
	}
	r := &runner{Config: cfg, Result: &Result{Machine: report.ThisMachine("")}}
	space, err := checkDisk(os.TempDir(), cfg.Prices)
	if err != nil {
		return nil, err
	}
	r.Log.Print(space)
	meter, err := process.NewMeter("/proc")
	if err != nil {
		r.Problems = append(r.Problems, "memory: "+err.Error())
	}
	if r.psql, err = subject.FindClient(ctx, "psql"); err != nil {
		r.Problems = append(r.Problems, "import with psql: "+err.Error())
	}
	if r.Lab, err = subject.NewLab(ctx, meter); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, r.Close(ctx)) }()
	r.Machine.Postgres = r.Cluster.Version
	for _, prices := range append([]int64{0}, cfg.Prices...) {
		if err := r.load(ctx, prices); err != nil {
			return nil, err
		}
	}
	return r.Result, r.ask(ctx)
}

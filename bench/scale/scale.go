// Package scale measures answers and imports with more and more data.
package scale

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"example.com/rates/bench/process"
	"example.com/rates/bench/report"
	"example.com/rates/bench/subject"
)

// Config says with how much data to measure, and how long.
type Config struct {
	Checkout string  // the folder of the repository
	Sizes    []int64 // numbers of prices to generate, besides those of db/rates.sql

	ImportRounds int           // how often each import is measured, up to 10 million prices; above that once
	Rounds       int           // how often each question is measured, in turns
	Duration     time.Duration // of one measurement of a question
	Progress     *report.Progress
}

// Result is what was measured. It can be written as JSON and read again.
type Result struct {
	Machine  report.Machine `json:"machine"`
	Sizes    []*Size        `json:"sizes"`              // the smallest first
	Problems []string       `json:"problems,omitempty"` // what could not be measured, and why
}

// Size is what was measured with one amount of data.
type Size struct {
	Prices        int64       `json:"prices"`
	Source        string      `json:"source"` // what made them
	DailyRates    int64       `json:"daily_rates"`
	DatabaseBytes int64       `json:"database_bytes"`
	Import        Import      `json:"import"`
	Questions     []*Question `json:"questions"`

	db    subject.Database
	dump  dumpFile
	month month
}

// Import is how long it took to load one amount of data. Times are in seconds,
// one for each round.
type Import struct {
	DumpBytes       int64     `json:"dump_bytes"`
	ImportSeconds   []float64 `json:"import_seconds"`
	PsqlSeconds     []float64 `json:"psql_seconds"`              // of the same rows into tables without indexes; none if psql is missing
	PipeSeconds     float64   `json:"pipe_seconds"`              // of rates generate | rates import -, or of rates import - from a file
	PeakMemoryBytes uint64    `json:"peak_memory_bytes"`         // of rates import -, resident; 0 if it could not be seen
	GenerateSeconds float64   `json:"generate_seconds,omitzero"` // of writing the dump
}

// Question is what one question cost. Times are in milliseconds, one for each
// round.
type Question struct {
	Name    string    `json:"name"`
	Days    int       `json:"days"` // that have prices, of those asked for
	P50     []float64 `json:"p50_ms"`
	P99     []float64 `json:"p99_ms"`
	Answers int       `json:"answers"` // in all rounds
	Buffers Buffers   `json:"buffers"`
	Plan    string    `json:"plan,omitempty"` // EXPLAIN (ANALYZE, BUFFERS)

	next func() string // returns the URL to ask next
}

// runner is a run in progress.
type runner struct {
	Config
	*Result
	folder  string
	meter   *process.Meter // nil where there is no /proc
	psql    string         // "" if it is not installed
	program subject.Program
	cluster *subject.Cluster
	servers []*subject.Server
}

// Run measures everything, on a private PostgreSQL that is removed afterwards.
// What only part of the figures needs and is missing is told in the result's
// Problems.
func Run(ctx context.Context, cfg Config) (_ *Result, err error) {
	r := &runner{Config: cfg, Result: &Result{Machine: report.ThisMachine("")}}
	space, err := checkDisk(os.TempDir(), cfg.Sizes)
	if err != nil {
		return nil, err
	}
	r.Progress.Note("%s", space)
	if r.folder, err = os.MkdirTemp("", "rates-bench-"); err != nil {
		return nil, fmt.Errorf("make a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, r.tearDown(ctx)) }()
	if r.meter, err = process.NewMeter("/proc"); err != nil {
		r.Problems = append(r.Problems, "memory: "+err.Error())
	}
	if r.psql, err = subject.FindClient(ctx, "psql"); err != nil {
		r.Problems = append(r.Problems, "import with psql: "+err.Error())
	}
	if err := r.measure(ctx); err != nil {
		return nil, err
	}
	return r.Result, nil
}

func (r *runner) measure(ctx context.Context) (err error) {
	r.Progress.Show("build the program")
	if r.program, err = subject.Build(ctx, r.Checkout, r.folder); err != nil {
		return err
	}
	if r.cluster, err = subject.StartCluster(ctx, r.meter); err != nil {
		return err
	}
	r.Machine.Postgres = r.cluster.Version
	if err := r.load(ctx, 0); err != nil {
		return err
	}
	for _, prices := range r.Config.Sizes {
		if err := r.load(ctx, prices); err != nil {
			return err
		}
	}
	return r.ask(ctx)
}

// tearDown ends and removes everything, even after the end of ctx.
func (r *runner) tearDown(ctx context.Context) error {
	r.Progress.Show("stop")
	for _, server := range r.servers {
		server.Stop()
	}
	var err error
	if r.cluster != nil {
		err = r.cluster.Close(ctx)
	}
	r.Progress.Clear()
	return errors.Join(err, os.RemoveAll(r.folder))
}

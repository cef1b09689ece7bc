// Package memory measures what the service's memory limit costs in processor time
// when its cache is full and many connections are open.
package memory

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"sync"
	"time"

	"example.com/rates/bench/load"
	"example.com/rates/bench/process"
	"example.com/rates/bench/report"
	"example.com/rates/bench/subject"
)

// Config says with how many idle connections to measure, and how long.
type Config struct {
	Idle      []int         `default:"0,1000,4000" placeholder:"N" help:"Numbers of idle connections (default ${default})."`
	PerSecond int           `default:"100" placeholder:"N" help:"Requests a second (default ${default})."`
	Duration  time.Duration `default:"15s" placeholder:"DURATION" help:"Of one measurement (default ${default})."`

	Log *log.Logger `kong:"-"`
}

// Validate checks the flags.
func (c *Config) Validate() error {
	for _, n := range c.Idle {
		if n < 0 {
			return fmt.Errorf("--idle has %d; expected at least 0", n)
		}
	}
	switch {
	case c.PerSecond < 1:
		return fmt.Errorf("--per-second is %d; expected at least 1", c.PerSecond)
	case c.Duration < time.Second:
		return fmt.Errorf("--duration is %v; expected at least 1s", c.Duration)
	}
	return nil
}

// cacheMB is the program's own default.
const cacheMB = 64

// days is the length of the requests that fill it.
const days = 93

// Result holds the measurements.
type Result struct {
	Machine report.Machine
	Config  Config
	Rows    []Row
}

// Row holds the measurements with one number of idle connections.
type Row struct {
	Idle             int
	Default, NoLimit Use
}

// Use is what a service used during a measurement.
type Use struct {
	CPU         time.Duration
	Collections float64 // of garbage
	Resident    uint64  // bytes, at its end
}

// Run measures a service as it is by default, and one without a memory limit, at
// the same time.
func Run(ctx context.Context, cfg Config) (_ *Result, err error) {
	meter, err := process.NewMeter("/proc")
	if err != nil {
		return nil, err
	}
	result := &Result{Config: cfg, Machine: report.ThisMachine("")}
	cfg.Log.Print("build the program; start and fill a database")
	lab, err := subject.NewLab(ctx, meter)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lab.Close(ctx)) }()
	result.Machine.Postgres = lab.Cluster.Version
	b := &bench{Config: cfg, Lab: lab}
	if err := b.start(ctx); err != nil {
		return nil, err
	}
	for _, idle := range cfg.Idle {
		cfg.Log.Printf("measure with %d idle connections", idle)
		row, err := b.measure(ctx, idle)
		if err != nil {
			return nil, err
		}
		result.Rows = append(result.Rows, row)
	}
	return result, nil
}

// bench is a run in progress.
type bench struct {
	Config
	*subject.Lab
	byDefault, noLimit *subject.Server
}

// start starts both services and fills their caches.
func (b *bench) start(ctx context.Context) error {
	db, err := b.Seed(ctx)
	if err != nil {
		return err
	}
	if b.byDefault, err = b.Keep(b.Program.Serve(ctx, b.Folder, subject.PortPair, db, cacheMB)); err != nil {
		return err
	}
	if b.noLimit, err = b.Keep(b.Program.Serve(ctx, b.Folder, subject.PortPair, db, cacheMB, "GOMEMLIMIT=off")); err != nil {
		return err
	}
	b.Log.Print("fill the caches")
	return atOnce(
		func() error { _, err := b.byDefault.FillCache(ctx, db, days, cacheMB); return err },
		func() error { _, err := b.noLimit.FillCache(ctx, db, days, cacheMB); return err },
	)
}

// atOnce runs functions at the same time.
func atOnce(tasks ...func() error) error {
	errs := make([]error, len(tasks))
	var group sync.WaitGroup
	for i, task := range tasks {
		group.Go(func() { errs[i] = task() })
	}
	group.Wait()
	return errors.Join(errs...)
}

func (b *bench) measure(ctx context.Context, idle int) (Row, error) {
	row := Row{Idle: idle}
	err := atOnce(
		func() (err error) { row.Default, err = b.use(ctx, b.byDefault, idle); return err },
		func() (err error) { row.NoLimit, err = b.use(ctx, b.noLimit, idle); return err },
	)
	return row, err
}

// use measures a service under load, while other connections are idle.
func (b *bench) use(ctx context.Context, server *subject.Server, idle int) (u Use, err error) {
	closeIdle, err := load.Idle(ctx, server.URL+subject.PortPair, idle)
	if err != nil {
		return u, err
	}
	defer closeIdle()
	cpu, collections, err := b.soFar(ctx, server)
	if err != nil {
		return u, err
	}
	request := load.Request{URL: server.URL + subject.PortPair, Status: http.StatusOK}
	if _, err := load.OpenLoop(ctx, request, b.PerSecond, b.Duration); err != nil {
		return u, err
	}
	if u.CPU, u.Collections, err = b.soFar(ctx, server); err != nil {
		return u, err
	}
	u.CPU -= cpu
	u.Collections -= collections
	memory, err := b.Meter.Memory(server.PID())
	u.Resident = memory.Now
	return u, err
}

// soFar returns the processor time and the collections of garbage since the start.
func (b *bench) soFar(ctx context.Context, server *subject.Server) (cpu time.Duration, collections float64, err error) {
	if collections, err = server.Metric(ctx, "go_gc_duration_seconds_count"); err != nil {
		return 0, 0, err
	}
	cpu, err = b.Meter.CPU(server.PID())
	return cpu, collections, err
}

// Markdown returns the result as a table.
func (r *Result) Markdown() string {
	const most = 1.3
	t := report.Table{
		Head: []string{
			"idle connections", "CPU, % of a core", "no limit", "ratio", "target", "",
			"collections a minute", "no limit", "MB resident", "no limit",
		},
		Words: []int{4, 5},
	}
	for _, row := range r.Rows {
		ratio := float64(row.Default.CPU) / float64(row.NoLimit.CPU)
		target, verdict := report.AtMost(most).Cells(ratio)
		t.Add(report.Count(int64(row.Idle)),
			r.share(row.Default), r.share(row.NoLimit), report.Number(ratio), target, verdict,
			r.perMinute(row.Default), r.perMinute(row.NoLimit),
			report.Megabytes(row.Default.Resident), report.Megabytes(row.NoLimit.Resident))
	}
	return fmt.Sprintf("%s %v each at %d requests a second, both at the same time.\n\n%s",
		r.Machine, r.Config.Duration, r.Config.PerSecond, t.String())
}

func (r *Result) share(u Use) string {
	const percent = 100
	return report.Number(percent * u.CPU.Seconds() / r.Config.Duration.Seconds())
}

func (r *Result) perMinute(u Use) string {
	return report.Number(u.Collections / r.Config.Duration.Minutes())
}

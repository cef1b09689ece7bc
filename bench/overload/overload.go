// Package overload measures the service with more requests than it can answer.
package overload

import (
	"context"
	"errors"
	"fmt"
	"log"
	"net/http"
	"time"

	"example.com/rates/bench/load"
	"example.com/rates/bench/report"
	"example.com/rates/bench/stat"
	"example.com/rates/bench/subject"
)

// Config says how much load to measure with, and how long.
type Config struct {
	Times    []int         `default:"1,2,5,10" placeholder:"N" help:"Loads, in multiples of the capacity (default ${default})."`
	Duration time.Duration `default:"8s" placeholder:"DURATION" help:"Of one measurement (default ${default})."`
	Delay    time.Duration `default:"50ms" placeholder:"DURATION" help:"How long the database takes longer for each answer, so that this machine can send more requests than the service answers (default ${default})."`

	Log *log.Logger `kong:"-"`
}

// Validate checks the flags.
func (c *Config) Validate() error {
	for _, n := range c.Times {
		if n < 1 {
			return fmt.Errorf("--times has %d; expected at least 1", n)
		}
	}
	switch {
	case c.Duration < time.Second:
		return fmt.Errorf("--duration is %v; expected at least 1s", c.Duration)
	case c.Delay < 0:
		return fmt.Errorf("--delay is %v; expected at least 0s", c.Delay)
	}
	return nil
}

// Result holds the measurements.
type Result struct {
	Machine  report.Machine
	Config   Config
	Capacity int             // answers a second
	Unloaded []time.Duration // answers at a tenth of it
	Rows     []Row
}

// Row holds the measurements under one load.
type Row struct {
	Times             int // the capacity
	Answered, Refused []time.Duration
	Other             int // neither 200 nor 503
}

// Run measures the capacity of a service without its cache, and then what becomes of
// requests at multiples of it.
func Run(ctx context.Context, cfg Config) (_ *Result, err error) {
	r := &Result{Config: cfg, Machine: report.ThisMachine("")}
	cfg.Log.Print("build the program; start and fill a database")
	lab, err := subject.NewLab(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, lab.Close(ctx)) }()
	r.Machine.Postgres = lab.Cluster.Version
	db, err := lab.Seed(ctx)
	if err != nil {
		return nil, err
	}
	if err := db.SlowDown(ctx, cfg.Delay); err != nil {
		return nil, err
	}
	server, err := lab.Keep(lab.Program.Serve(ctx, lab.Folder, subject.PortPair, db, 0))
	if err != nil {
		return nil, err
	}
	const days = 31
	questions, err := db.Questions(ctx, days)
	if err != nil {
		return nil, err
	}
	return r, r.measure(ctx, server, func() string { return server.URL + questions() })
}

func (r *Result) measure(ctx context.Context, server *subject.Server, next func() string) (err error) {
	const clients, perSecond, unloaded = 16, 1e9, 10 // as many clients as connections to the database
	r.Config.Log.Print("measure the capacity")
	answered, took, err := load.Saturate(ctx, next, clients, r.Config.Duration)
	if err != nil {
		return err
	}
	r.Capacity = int(float64(answered) * perSecond / float64(took))
	r.Config.Log.Print("measure at a tenth of it")
	answers, err := load.Offer(ctx, next, max(1, r.Capacity/unloaded), r.Config.Duration)
	if err != nil {
		return err
	}
	r.Unloaded = sortOut(0, answers).Answered
	for _, times := range r.Config.Times {
		r.Config.Log.Printf("%d times the capacity: %d requests a second", times, times*r.Capacity)
		answers, err := load.Offer(ctx, next, times*r.Capacity, r.Config.Duration)
		if err != nil {
			return err
		}
		r.Rows = append(r.Rows, sortOut(times, answers))
		if err := server.EmptyLog(); err != nil {
			return err
		}
	}
	return nil
}

func sortOut(times int, answers []load.Answer) Row {
	row := Row{Times: times}
	for _, answer := range answers {
		switch answer.Status {
		case http.StatusOK:
			row.Answered = append(row.Answered, answer.Took)
		case http.StatusServiceUnavailable:
			row.Refused = append(row.Refused, answer.Took)
		default:
			row.Other++
		}
	}
	return row
}

// Markdown returns the result as a table.
func (r *Result) Markdown() string {
	const p50, p99, times = 0.5, 0.99, 4
	least, refusal := 250*time.Millisecond, 50*time.Millisecond
	unloaded := stat.Quantile(r.Unloaded, p99)
	t := report.Table{
		Head: []string{
			"load", "requests/s", "answered/s", "p50 ms", "p99 ms", "target", "",
			"refused/s", "p50 ms", "p99 ms", "target", "", "other",
		},
		Words: []int{5, 6, 10, 11},
	}
	perSecond := func(n int) string { return report.Number(float64(n) / r.Config.Duration.Seconds()) }
	for _, row := range r.Rows {
		answered, answeredVerdict := atMost(max(times*unloaded, least), row.Answered)
		refused, refusedVerdict := atMost(refusal, row.Refused)
		t.Add(fmt.Sprintf("%d × capacity", row.Times), report.Count(int64(row.Times*r.Capacity)),
			perSecond(len(row.Answered)), report.Latency(row.Answered, p50), report.Latency(row.Answered, p99), answered, answeredVerdict,
			perSecond(len(row.Refused)), report.Latency(row.Refused, p50), report.Latency(row.Refused, p99), refused, refusedVerdict,
			report.Count(int64(row.Other)))
	}
	return fmt.Sprintf("%s %v each. The capacity is %s answers a second; at a tenth of it, answers take %s ms at p50 and %s ms at p99.\n\n%s",
		r.Machine, r.Config.Duration, report.Count(int64(r.Capacity)),
		report.Latency(r.Unloaded, p50), report.Latency(r.Unloaded, p99), t.String())
}

// atMost compares the 99th percentile with a target.
func atMost(bound time.Duration, took []time.Duration) (target, verdict string) {
	const p99, ms = 0.99, float64(time.Millisecond)
	if len(took) == 0 {
		return "", ""
	}
	return report.AtMost(float64(bound.Round(time.Millisecond)) / ms).Cells(float64(stat.Quantile(took, p99)) / ms)
}

// Package scaleout measures instances of the service that have a replica of the database
// each, beside as many instances on one server.
package scaleout

import (
	"context"
	"errors"
	"fmt"
	"log"
	"time"

	"example.com/rates/bench/load"
	"example.com/rates/bench/process"
	"example.com/rates/bench/report"
	"example.com/rates/bench/subject"
)

// Config says how much to measure, and how long.
type Config struct {
	Instances int           `default:"3" placeholder:"N" help:"Measure 1 to so many instances (default ${default})."`
	Clients   int           `default:"12" placeholder:"N" help:"Requests at the same time, whatever the number of instances (default ${default})."`
	Rounds    int           `default:"5" placeholder:"N" help:"How often everything is measured, in turns (default ${default})."`
	Duration  time.Duration `default:"4s" placeholder:"DURATION" help:"Of one measurement (default ${default})."`

	Log *log.Logger `kong:"-"`
}

// Validate checks the flags.
func (c *Config) Validate() error {
	const most = 8
	switch {
	case c.Instances < 1 || c.Instances > most:
		return fmt.Errorf("--instances is %d; expected 1 to %d", c.Instances, most)
	case c.Clients < 1:
		return fmt.Errorf("--clients is %d; expected at least 1", c.Clients)
	case c.Rounds < 1:
		return fmt.Errorf("--rounds is %d; expected at least 1", c.Rounds)
	case c.Duration < time.Second:
		return fmt.Errorf("--duration is %v; expected at least 1s", c.Duration)
	}
	return nil
}

// Result holds the measurements.
type Result struct {
	Machine report.Machine
	Config  Config
	Rows    []Row // with 1 instance, 2 and so on
}

// Row holds the measurements with one number of instances.
type Row struct {
	Shared, Own Side // one server for all, and a replica for each
}

// Side holds one value a round; times are processor time in µs an answer.
type Side struct {
	PerSecond []float64
	Service   []float64 // of all instances
	Servers   []float64 // of all servers of the database, the primary too
	Busiest   []float64 // of the server that took most of it
}

// bench is a run in progress.
type bench struct {
	Config
	*subject.Lab
	questions   func() string
	postmasters []int // of the primary, then of the replicas
	shared, own []*subject.Server
}

// Run measures services without their cache, so that each answer is a query.
func Run(ctx context.Context, cfg Config) (_ *Result, err error) {
	meter, err := process.NewMeter("/proc")
	if err != nil {
		return nil, err
	}
	result := &Result{Config: cfg, Machine: report.ThisMachine(""), Rows: make([]Row, cfg.Instances)}
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
	for round := range cfg.Rounds {
		for i := range result.Rows {
			cfg.Log.Printf("round %d of %d: %d instances", round+1, cfg.Rounds, i+1)
			if err := b.measure(ctx, &result.Rows[i].Shared, b.shared[:i+1]); err != nil {
				return nil, err
			}
			if err := b.measure(ctx, &result.Rows[i].Own, b.own[:i+1]); err != nil {
				return nil, err
			}
		}
	}
	return result, nil
}

// start starts the replicas and all instances.
func (b *bench) start(ctx context.Context) error {
	db, err := b.Seed(ctx)
	if err != nil {
		return err
	}
	const days = 31
	if b.questions, err = db.Questions(ctx, days); err != nil {
		return err
	}
	b.postmasters = []int{b.Cluster.Postmaster()}
	for i := range b.Instances {
		b.Log.Printf("start replica %d of %d and the instances", i+1, b.Instances)
		replica, err := b.Cluster.Follow(ctx, b.Meter)
		if err != nil {
			return err
		}
		b.postmasters = append(b.postmasters, replica.Postmaster)
		copied, err := replica.Database(subject.Seeded)
		if err != nil {
			return err
		}
		shared, err := b.Keep(b.Program.Serve(ctx, b.Folder, subject.PortPair, db, 0))
		if err != nil {
			return err
		}
		own, err := b.Keep(b.Program.Serve(ctx, b.Folder, subject.PortPair, copied, 0, "RATES_WATCH_URL="+db.Reader))
		if err != nil {
			return err
		}
		b.shared, b.own = append(b.shared, shared), append(b.own, own)
	}
	return nil
}

// measure sends requests to instances in turns, as fast as they answer.
func (b *bench) measure(ctx context.Context, side *Side, instances []*subject.Server) error {
	asked := 0
	next := func() string {
		asked++
		return instances[asked%len(instances)].URL + b.questions()
	}
	before, err := b.used(instances)
	if err != nil {
		return err
	}
	answered, took, err := load.Saturate(ctx, next, b.Clients, b.Duration)
	if err != nil {
		return err
	}
	after, err := b.used(instances)
	if err != nil {
		return err
	}
	side.add(before, after, answered, took)
	for _, instance := range instances {
		if err := instance.EmptyLog(); err != nil {
			return err
		}
	}
	return nil
}

// used is the processor time so far.
type used struct {
	service time.Duration
	servers []time.Duration
}

func (b *bench) used(instances []*subject.Server) (u used, err error) {
	for _, instance := range instances {
		cpu, err := b.Meter.CPU(instance.PID())
		if err != nil {
			return u, err
		}
		u.service += cpu
	}
	for _, postmaster := range b.postmasters {
		cpu, err := b.Meter.TreeCPU(postmaster)
		if err != nil {
			return u, err
		}
		u.servers = append(u.servers, cpu)
	}
	return u, nil
}

// add adds the values of one measurement.
func (s *Side) add(before, after used, answered int64, took time.Duration) {
	var all, busiest time.Duration
	for i := range after.servers {
		one := after.servers[i] - before.servers[i]
		all, busiest = all+one, max(busiest, one)
	}
	each := func(d time.Duration) float64 {
		return float64(d) / float64(time.Microsecond) / float64(answered)
	}
	s.PerSecond = append(s.PerSecond, float64(answered)/took.Seconds())
	s.Service = append(s.Service, each(after.service-before.service))
	s.Servers = append(s.Servers, each(all))
	s.Busiest = append(s.Busiest, each(busiest))
}

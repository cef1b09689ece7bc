package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"example.com/rates/bench/compare"
	"example.com/rates/bench/load"
	"example.com/rates/bench/report"
)

type runCommand struct {
	Checkout string        `default:".." type:"existingdir" placeholder:"DIR" help:"The repository (default ${default})."`
	Rounds   int           `default:"5" placeholder:"N" help:"How often each thing is measured, in turns (default ${default})."`
	Duration time.Duration `default:"5s" placeholder:"DURATION" help:"Of one measurement of throughput, whole seconds (default ${default})."`
	Warmup   time.Duration `default:"3s" placeholder:"DURATION" help:"Of each thing before the first round, whole seconds (default ${default})."`
	OpenLoop time.Duration `default:"10s" placeholder:"DURATION" help:"Of one measurement at a fixed rate (default ${default})."`
	Rate     int           `default:"0" placeholder:"N" help:"Questions a second at the fixed rate; 0 is a third of what the slowest answers, 1000 at the most (default ${default})."`
	Starts   int           `default:"10" placeholder:"N" help:"How often the start is measured (default ${default})."`
	CacheMB  []int         `name:"cache-mb" default:"16,64" placeholder:"N,…" help:"Sizes of the cache, in MiB, to fill (default ${default})."`
	Markdown string        `type:"existingfile" placeholder:"FILE" help:"Write the tables between the markers of this document as well."`
}

// Validate checks the flags.
func (c *runCommand) Validate() error {
	var errs []error
	for flag, d := range map[string]time.Duration{"--duration": c.Duration, "--warmup": c.Warmup} {
		if d < time.Second || d%time.Second != 0 {
			errs = append(errs, fmt.Errorf("%s is %v; expected whole seconds, for example 5s", flag, d))
		}
	}
	if c.OpenLoop < time.Second {
		errs = append(errs, fmt.Errorf("--open-loop is %v; expected 1s or more", c.OpenLoop))
	}
	for flag, n := range map[string]int{"--rounds": c.Rounds, "--starts": c.Starts} {
		if n < 1 {
			errs = append(errs, fmt.Errorf("%s is %d; expected 1 or more", flag, n))
		}
	}
	if c.Rate < 0 {
		errs = append(errs, fmt.Errorf("--rate is %d; expected 1 or more, or 0", c.Rate))
	}
	for _, size := range c.CacheMB {
		if size < 1 {
			errs = append(errs, fmt.Errorf("--cache-mb has %d; expected 1 or more", size))
		}
	}
	return errors.Join(errs...)
}

// Run measures and prints the tables.
func (c *runCommand) Run(ctx context.Context, std streams) error {
	wrk, err := load.FindWrk()
	if err != nil {
		return err
	}
	result, err := compare.Run(ctx, compare.Config{
		Checkout: c.Checkout, Wrk: wrk,
		Rounds: c.Rounds, Duration: c.Duration, Warmup: c.Warmup, OpenLoop: c.OpenLoop, Rate: c.Rate,
		Starts: c.Starts, CacheSizes: c.CacheMB, Progress: std.progress,
	})
	if err != nil {
		return err
	}
	text := result.Markdown()
	fmt.Fprint(std.out, text)
	if c.Markdown != "" {
		if err := report.Insert(c.Markdown, "run", text); err != nil {
			return err
		}
	}
	if len(result.Problems) > 0 {
		return fmt.Errorf("not everything could be measured:\n- %s", strings.Join(result.Problems, "\n- "))
	}
	return nil
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"example.com/rates/bench/report"
	"example.com/rates/bench/scale"
)

type scaleCommand struct {
	Checkout     string        `default:".." type:"existingdir" placeholder:"DIR" help:"The repository (default ${default})."`
	Prices       []int64       `default:"1000000,10000000" placeholder:"N,…" help:"How many prices to measure with, besides those of db/rates.sql (default ${default})."`
	Huge         bool          `help:"Measure with 100 million prices as well. That the disk has room for them is checked first."`
	ImportRounds int           `default:"3" placeholder:"N" help:"How often each import is measured (default ${default}; once from 20 million prices on)."`
	Rounds       int           `default:"5" placeholder:"N" help:"How often each question is measured, in turns (default ${default})."`
	Duration     time.Duration `default:"3s" placeholder:"DURATION" help:"Of one measurement of a question (default ${default})."`
	Out          string        `default:"../reports/scale.json" placeholder:"FILE" help:"Where to write the figures, for the chart (default ${default})."`
	Markdown     string        `type:"existingfile" placeholder:"FILE" help:"Write the tables between the markers of this document as well."`
}

// Validate checks the flags.
func (c *scaleCommand) Validate() error {
	var errs []error
	last := int64(0)
	// A smaller one has too few days to ask for.
	const least, huge = 200_000, 100_000_000
	for _, prices := range c.Prices {
		if prices < least || prices <= last {
			errs = append(errs, fmt.Errorf("--prices has %d; expected numbers from %d on, the smallest first", prices, least))
		}
		last = prices
	}
	if c.Huge && last >= huge {
		errs = append(errs, fmt.Errorf("--prices has %d already; leave --huge out", last))
	}
	for flag, n := range map[string]int{"--import-rounds": c.ImportRounds, "--rounds": c.Rounds} {
		if n < 1 {
			errs = append(errs, fmt.Errorf("%s is %d; expected 1 or more", flag, n))
		}
	}
	if c.Duration < 100*time.Millisecond {
		errs = append(errs, fmt.Errorf("--duration is %v; expected 100ms or more", c.Duration))
	}
	if c.Huge {
		c.Prices = append(c.Prices, huge)
	}
	return errors.Join(errs...)
}

// Run measures, prints the tables and writes the figures.
func (c *scaleCommand) Run(ctx context.Context, std streams) error {
	result, err := scale.Run(ctx, scale.Config{
		Checkout: c.Checkout, Sizes: c.Prices,
		ImportRounds: c.ImportRounds, Rounds: c.Rounds, Duration: c.Duration, Progress: std.progress,
	})
	if err != nil {
		return err
	}
	text := result.Markdown()
	fmt.Fprint(std.out, text)
	if err := writeFigures(c.Out, result); err != nil {
		return err
	}
	if c.Markdown != "" {
		if err := report.Insert(c.Markdown, "scale", text); err != nil {
			return err
		}
	}
	if len(result.Problems) > 0 {
		return fmt.Errorf("not everything could be measured:\n- %s", strings.Join(result.Problems, "\n- "))
	}
	return nil
}

func writeFigures(path string, result *scale.Result) error {
	text, err := json.MarshalIndent(result, "", "  ")
	if err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	path = filepath.Clean(path)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("make room for the figures: %w", err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	return nil
}

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"example.com/rates/bench/scale"
)

type chartCommand struct {
	In  string `default:"../docs/benchmarks/scale.json" type:"existingfile" placeholder:"FILE" help:"The figures that scale wrote (default ${default})."`
	Out string `default:"../docs/benchmarks" placeholder:"DIR" help:"Where to draw latency.svg and latency.png (default ${default})."`
}

// Run draws the chart.
func (c *chartCommand) Run(std streams) error {
	text, err := os.ReadFile(filepath.Clean(c.In))
	if err != nil {
		return fmt.Errorf("read the figures: %w", err)
	}
	var figures scale.Result
	if err := json.Unmarshal(text, &figures); err != nil {
		return fmt.Errorf("%s does not hold the figures of scale: %w", c.In, err)
	}
	if len(figures.Sizes) == 0 {
		return errors.New(c.In + " holds no figures; run scale again")
	}
	if err := os.MkdirAll(c.Out, 0o750); err != nil {
		return fmt.Errorf("make room for the chart: %w", err)
	}
	paths, err := figures.Draw(c.Out)
	for _, path := range paths {
		fmt.Fprintln(std.out, path)
	}
	return err
}

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"example.com/rates/bench/scale"
	"example.com/rates/internal/cli"
)

type chartCommand struct {
	In  string `default:"../docs/benchmarks/scale.json" type:"existingfile" placeholder:"FILE" help:"The figures of scale (default ${default})."`
	Out string `default:"../docs/benchmarks/latency.svg" placeholder:"FILE" help:"The chart, an SVG or a PNG (default ${default})."`
}

// Run draws the chart.
func (c *chartCommand) Run(std cli.Streams) error {
	text, err := os.ReadFile(filepath.Clean(c.In))
	if err != nil {
		return fmt.Errorf("read the figures: %w", err)
	}
	var figures scale.Result
	if err := json.Unmarshal(text, &figures); err != nil {
		return fmt.Errorf("%s does not hold figures of scale: %w", c.In, err)
	}
	if len(figures.Sizes) == 0 {
		return errors.New(c.In + " holds no figures; run scale again")
	}
	if err := figures.Draw(c.Out); err != nil {
		return err
	}
	fmt.Fprintln(std.Out, c.Out)
	return nil
}

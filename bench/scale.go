package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"example.com/rates/bench/scale"
	"example.com/rates/internal/cli"
)

type scaleCommand struct {
	scale.Config

	Out      string `default:"../reports/scale.json" placeholder:"FILE" help:"Where to write the figures for the chart (default ${default})."`
	Markdown string `type:"existingfile" placeholder:"FILE" help:"Also write the tables between the markers of this document."`
}

// Run measures, prints the tables and writes the figures.
func (c *scaleCommand) Run(ctx context.Context, std cli.Streams) error {
	c.Log = log.New(std.Err, "", log.Ltime)
	result, err := scale.Run(ctx, c.Config)
	if err != nil {
		return err
	}
	if err := writeFigures(c.Out, result); err != nil {
		return err
	}
	return publish(std, "scale", c.Markdown, result.Markdown(), result.Problems)
}

func writeFigures(path string, result *scale.Result) error {
	text, err := json.MarshalIndent(result, "", "  ")
	if err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	path = filepath.Clean(path)
	if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
		return fmt.Errorf("make the folder of the figures: %w", err)
	}
	if err := os.WriteFile(path, append(text, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	return nil
}

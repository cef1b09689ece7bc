package main

import (
	"context"
	"encoding/json"
	"fmt"

	"example.com/rates/internal/cli"
	"example.com/rates/security/scanner/gosec/analysis"
)

// analyzeCommand is what the gate gosec runs, in the tree, for its own rules.
type analyzeCommand struct {
	Folders []string `arg:""`
}

// Run implements the command.
func (c *analyzeCommand) Run(ctx context.Context, std cli.Streams) error {
	report, err := analysis.Of(ctx, ".", c.Folders)
	if err != nil {
		return fmt.Errorf("analyse Go code: %w", err)
	}
	if err := json.NewEncoder(std.Out).Encode(report); err != nil {
		return fmt.Errorf("print the analysis: %w", err)
	}
	return nil
}

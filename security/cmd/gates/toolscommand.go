package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/rates/internal/cli"
	"example.com/rates/security/toolbox"
)

type toolsCommand struct {
	project

	Path  bool     `help:"Print only the paths of the programs."`
	Names []string `arg:"" optional:"" name:"tool" help:"Install only these tools. (default: all)"`
}

// Run implements the command.
func (c *toolsCommand) Run(ctx context.Context, std cli.Streams) error {
	box, err := c.box()
	if err != nil {
		return err
	}
	names := c.Names
	if len(names) == 0 {
		if names, err = box.Names(); err != nil {
			return err
		}
	}
	line := cli.NewLine(std.Err)
	for i, name := range names {
		line.Show("%d of %d: %s", i+1, len(names), name)
		start := time.Now()
		made, err := box.Install(ctx, name)
		line.Clear()
		if errors.Is(err, toolbox.ErrAbsent) && !c.Path {
			fmt.Fprintf(std.Out, "%-20s %-12s %v\n", name, "missing", err) // its gate will not pass without it
			continue
		}
		if err != nil {
			return err
		}
		tool := made.Tool
		if made.Why != nil {
			fmt.Fprintf(std.Err, "gates: %s was installed again: %v\n", name, made.Why)
		}
		if c.Path {
			fmt.Fprintln(std.Out, tool.Path)
			continue
		}
		if made.Did {
			fmt.Fprintf(std.Out, "%-20s %-12s installed in %s\n", tool.Name, tool.Version, time.Since(start).Round(time.Second))
		} else {
			fmt.Fprintf(std.Out, "%-20s %-12s already installed\n", tool.Name, tool.Version)
		}
	}
	return nil
}

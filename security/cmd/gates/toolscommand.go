package main

import (
	"context"
	"fmt"
	"time"
)

type toolsCommand struct {
	project

	Names []string `arg:"" optional:"" name:"tool" help:"Only these; all if none is named."`
}

// Run implements the command.
func (c *toolsCommand) Run(ctx context.Context, std streams) error {
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
	for i, name := range names {
		if terminal(std.err) {
			fmt.Fprintf(std.err, "\r\033[K%d of %d: %s", i+1, len(names), name)
		}
		start := time.Now()
		tool, did, err := box.Install(ctx, name)
		if terminal(std.err) {
			fmt.Fprint(std.err, "\r\033[K")
		}
		if err != nil {
			return err
		}
		if did {
			fmt.Fprintf(std.out, "%-20s %-12s installed in %s\n", tool.Name, tool.Version, time.Since(start).Round(time.Second))
		} else {
			fmt.Fprintf(std.out, "%-20s %-12s is there\n", tool.Name, tool.Version)
		}
	}
	return nil
}

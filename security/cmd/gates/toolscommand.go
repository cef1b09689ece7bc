package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"example.com/rates/internal/cli"
	"example.com/rates/security/scanner"
	"example.com/rates/security/toolbox"
)

type toolsCommand struct {
	project

	Path  bool     `help:"Print only the paths of the programs."`
	Names []string `arg:"" optional:"" name:"tool" help:"Install only these tools. (default: those that gates use)"`
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
		names = ofGates(names)
	}
	for i, name := range names {
		tool, err := box.Find(ctx, name)
		done := "already installed"
		if err != nil {
			fmt.Fprintf(std.Err, "gates: installing %s, tool %d of %d\n", name, i+1, len(names))
			tool, done, err = install(ctx, box, name, std)
		}
		switch {
		case errors.Is(err, toolbox.ErrAbsent) && !c.Path:
			fmt.Fprintf(std.Out, "%-20s %-12s %v\n", name, "missing", err) // its gate will not pass without it
		case err != nil:
			return err
		case c.Path:
			fmt.Fprintln(std.Out, tool.Path)
		default:
			fmt.Fprintf(std.Out, "%-20s %-12s %s\n", tool.Name, tool.Version, done)
		}
	}
	return nil
}

// install installs a tool and says how long it took.
func install(ctx context.Context, box toolbox.Box, name string, std cli.Streams) (tool scanner.Tool, done string, err error) {
	start := time.Now()
	made, err := box.Install(ctx, name)
	if err != nil {
		return made.Tool, "", err
	}
	if made.Why != nil {
		fmt.Fprintf(std.Err, "gates: %s was installed again: %v\n", name, made.Why)
	}
	return made.Tool, fmt.Sprintf("installed in %s", time.Since(start).Round(time.Second)), nil
}

// ofGates leaves out the pinned tools that no gate uses: make lint and make
// rehearse-workflows build their own.
func ofGates(names []string) []string {
	return slices.DeleteFunc(names, func(name string) bool { return name == "act" || name == "lint" })
}

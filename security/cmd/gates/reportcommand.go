package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"

	"example.com/rates/internal/cli"
	"example.com/rates/security/report"
)

type reportCommand struct {
	project

	Open bool `help:"Open the page in a browser."`
}

// Run implements the command.
func (c *reportCommand) Run(ctx context.Context, std cli.Streams) error {
	r, err := c.lastReport()
	if err != nil {
		return usagef("there is no report yet; run: make security (%w)", err)
	}
	if c.Open {
		return open(ctx, filepath.Join(c.reports(), "report.html"), std)
	}
	return report.Text(std.Out, r, coloured(std.Out))
}

func open(ctx context.Context, page string, std cli.Streams) error {
	opener := "xdg-open"
	if runtime.GOOS == "darwin" {
		opener = "open"
	}
	if err := exec.CommandContext(ctx, opener, page).Run(); err != nil { // #nosec G204 -- one of two programs, for a page of its own
		fmt.Fprintf(std.Out, "%s\n", page)
		return fmt.Errorf("cannot start a browser; open the page above yourself: %w", err)
	}
	return nil
}

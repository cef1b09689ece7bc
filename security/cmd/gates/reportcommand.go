package main

import (
	"context"
	"fmt"
	"os/exec"
	"path/filepath"
	"runtime"

	"example.com/rates/security/report"
)

type reportCommand struct {
	project

	Open bool `help:"Open the page in a browser."`
}

// Run implements the command.
func (c *reportCommand) Run(ctx context.Context, std streams) error {
	r, err := c.lastReport()
	if err != nil {
		return usagef("there is no report yet; run: make security (%w)", err)
	}
	if c.Open {
		return open(ctx, filepath.Join(c.reports(), "report.html"), std)
	}
	return report.Text(std.out, r, textOptions(std.out))
}

func open(ctx context.Context, page string, std streams) error {
	opener := "xdg-open"
	if runtime.GOOS == "darwin" {
		opener = "open"
	}
	if err := exec.CommandContext(ctx, opener, page).Run(); err != nil { // #nosec G204 -- one of two programs, for a page of its own
		fmt.Fprintf(std.out, "%s\n", page)
		return fmt.Errorf("no browser could be started; open the page above yourself: %w", err)
	}
	return nil
}

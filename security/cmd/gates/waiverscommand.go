package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"

	"example.com/rates/internal/cli"
	"example.com/rates/security/gate"
	"example.com/rates/security/waiver"
)

type waiversCommand struct {
	project

	Ending bool `help:"Only those that expire within two weeks or have expired." xor:"which"`
	Unused bool `help:"Only those that matched nothing in the last run." xor:"which"`
}

// Run implements the command.
func (c *waiversCommand) Run(_ context.Context, std cli.Streams) error {
	list, err := c.readWaivers()
	if err != nil {
		return err
	}
	now := time.Now()
	shown := list.Waivers
	switch {
	case c.Ending:
		shown = slices.DeleteFunc(slices.Clone(shown), func(w waiver.Waiver) bool { return w.DaysLeft(now) > waiver.WarnDays })
	case c.Unused:
		if shown, err = c.unused(); err != nil {
			return err
		}
	}
	if err := printWaivers(std.Out, shown, now); err != nil {
		return err
	}
	for _, p := range list.Problems {
		fmt.Fprintf(std.Err, "gates: %s, %s\n", c.Waive, p)
	}
	if len(list.Problems) > 0 {
		return &cli.ExitError{Code: gate.ExitFindings}
	}
	return nil
}

func (c *waiversCommand) unused() ([]waiver.Waiver, error) {
	last, err := c.lastReport()
	if err != nil {
		return nil, fmt.Errorf("there is no report of a run of all gates; run: make security (%w)", err)
	}
	return last.Waivers.Unused, nil
}

func printWaivers(out io.Writer, waivers []waiver.Waiver, now time.Time) error {
	if len(waivers) == 0 {
		_, err := fmt.Fprintln(out, "none")
		return err
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "expires\tdays left\towner\twaiver\treason")
	for _, w := range waivers {
		left := fmt.Sprint(w.DaysLeft(now))
		if w.Expired(now) {
			left = "expired"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", w.Expires, left, w.Owner, w, w.Reason)
	}
	return table.Flush()
}

package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"example.com/rates/internal/cli"
	"example.com/rates/security/scanner/all"
)

type listCommand struct{ project }

// Run implements the command.
func (c *listCommand) Run(_ context.Context, std cli.Streams) error {
	policy, err := c.readPolicy()
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(std.Out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "gate\texamines\tred from\tat least\ttimeout")
	for _, s := range all.Gates(policy.Order) {
		rules := policy.Gates[s.Name()]
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\n", s.Name(), s.Subject(), rules.Threshold, rules.AtLeast, rules.Timeout)
	}
	return table.Flush()
}

package main

import (
	"context"
	"fmt"
	"text/tabwriter"

	"example.com/rates/security/scanner"
)

type listCommand struct{ project }

// Run implements the command.
func (c *listCommand) Run(_ context.Context, std streams) error {
	policy, err := c.readPolicy()
	if err != nil {
		return err
	}
	table := tabwriter.NewWriter(std.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "gate\tlooks at\tred from\tat least\ttime")
	for _, s := range scanner.All() {
		rules := policy.Gates[s.Name()]
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\n", s.Name(), s.Subject(), rules.Threshold, rules.AtLeast, rules.Timeout)
	}
	return table.Flush()
}

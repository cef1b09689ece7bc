package main

import (
	"context"
	"fmt"

	"example.com/rates/internal/cli"
	"example.com/rates/service/importer"
)

type verifyCommand struct {
	databaseFlag
	Repair bool `help:"Correct wrong sums."`
}

// Validate checks the flags.
func (c *verifyCommand) Validate() error { return c.check() }

// Run compares the daily sums with the prices and prints the first differences.
func (c *verifyCommand) Run(ctx context.Context, std cli.Streams) error {
	conn, closeConn, err := c.connect(ctx, std, "rates verify")
	if err != nil {
		return explain(err, needsLoader)
	}
	defer closeConn()

	first, all, err := importer.NewLoader(conn).Verify(ctx, c.Repair)
	for _, d := range first {
		fmt.Fprintf(std.Out, "%s to %s on %s: %d prices with a total of %d USD are stored; expected %d with a total of %d\n",
			d.Origin, d.Destination, d.Day, d.Stored.Count, d.Stored.Total, d.Expected.Count, d.Expected.Total)
	}
	if more := all - int64(len(first)); more > 0 {
		fmt.Fprintf(std.Out, "and %s more\n", grouped(more))
	}
	switch {
	case err != nil:
		return explain(err, needsLoader)
	case all == 0:
		fmt.Fprintln(std.Out, "daily_rates matches the prices")
	case c.Repair:
		fmt.Fprintf(std.Out, "%s wrong rows repaired\n", grouped(all))
	default:
		return fmt.Errorf("%s rows of daily_rates are wrong; run 'rates verify --repair'", grouped(all))
	}
	return nil
}

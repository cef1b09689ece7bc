package main

import (
	"context"
	"log"

	"example.com/rates/bench/overload"
	"example.com/rates/internal/cli"
)

type overloadCommand struct {
	overload.Config

	Markdown string `type:"existingfile" placeholder:"FILE" help:"Also write the table between the markers of this document."`
}

// Run measures and prints the table.
func (c *overloadCommand) Run(ctx context.Context, std cli.Streams) error {
	c.Log = log.New(std.Err, "", log.Ltime)
	result, err := overload.Run(ctx, c.Config)
	if err != nil {
		return err
	}
	return publish(std, "overload", c.Markdown, result.Markdown(), nil)
}

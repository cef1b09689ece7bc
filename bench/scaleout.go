package main

import (
	"context"
	"log"

	"example.com/rates/bench/scaleout"
	"example.com/rates/internal/cli"
)

type scaleOutCommand struct {
	scaleout.Config

	Markdown string `type:"existingfile" placeholder:"FILE" help:"Also write the table between the markers of this document."`
}

// Run measures and prints the table.
func (c *scaleOutCommand) Run(ctx context.Context, std cli.Streams) error {
	c.Log = log.New(std.Err, "", log.Ltime)
	result, err := scaleout.Run(ctx, c.Config)
	if err != nil {
		return err
	}
	return publish(std, "scale-out", c.Markdown, result.Markdown(), nil)
}

package main

import (
	"context"
	"log"

	"example.com/rates/bench/memory"
	"example.com/rates/internal/cli"
)

type memoryCommand struct {
	memory.Config

	Markdown string `type:"existingfile" placeholder:"FILE" help:"Also write the table between the markers of this document."`
}

// Run measures and prints the table.
func (c *memoryCommand) Run(ctx context.Context, std cli.Streams) error {
	c.Log = log.New(std.Err, "", log.Ltime)
	result, err := memory.Run(ctx, c.Config)
	if err != nil {
		return err
	}
	return publish(std, "memory", c.Markdown, result.Markdown(), nil)
}

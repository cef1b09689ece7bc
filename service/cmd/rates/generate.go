package main

import (
	"errors"
	"syscall"

	"example.com/rates/db/seed"
	"example.com/rates/internal/cli"
)

type generateCommand struct {
	Prices int64 `required:"" placeholder:"N" help:"The number of prices."`
}

// Validate checks the flags.
func (c *generateCommand) Validate() error {
	// More would need days beyond the year 9999.
	const most = 100_000_000_000
	if c.Prices < 0 || c.Prices > most {
		return errors.New("--prices is out of range; expected 0 to 100000000000")
	}
	return nil
}

// Run writes the dump to standard output. It is not an error if the reader closes
// the pipe.
func (c *generateCommand) Run(std cli.Streams) error {
	err := seed.WriteMany(std.Out, c.Prices)
	if errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return err
}

package main

import (
	"context"
	"errors"
	"time"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"example.com/rates/internal/cli"
	"example.com/rates/service/app"
)

type serveCommand struct {
	databaseFlag
	app.Config
}

// Validate checks the flags.
func (c *serveCommand) Validate() error { return errors.Join(c.check(), c.Config.Validate()) }

// Run serves until ctx ends, and then drains.
func (c *serveCommand) Run(ctx context.Context, std cli.Streams) error {
	limitMemory(memlimit.FromCgroup)
	c.Config.DatabaseURL, c.Config.DatabaseLogin = c.databaseFlag.DatabaseURL, c.databaseFlag.DatabaseLogin
	running, err := app.Start(ctx, c.Config, std.Err)
	if err != nil {
		return err
	}
	select {
	case <-ctx.Done():
	case err = <-running.Failed():
	}
	const margin = 5 * time.Second
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), c.DrainDelay+c.DrainTimeout+margin)
	defer cancel()
	if closeErr := running.Close(closing); err == nil {
		err = closeErr
	}
	return err
}

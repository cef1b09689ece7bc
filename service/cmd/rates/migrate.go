package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/rates/db/migrations"
	"example.com/rates/internal/cli"
	"example.com/rates/service/app"
)

type migrateCommand struct {
	databaseFlag
	To            int64         `name:"to" default:"-1" placeholder:"VERSION" help:"Migrate to this version, up or down; 0 is an empty database (default: the newest)."`
	Breaking      bool          `help:"Run migrations after which programs of the version before do not work. Stop or replace them first."`
	Distributed   bool          `xor:"distribution" help:"Then let Citus keep the daily sums on several nodes; docs/scale.md says when."`
	Undistributed bool          `xor:"distribution" help:"First bring the daily sums back to one node."`
	LockWait      time.Duration `default:"10m" placeholder:"DURATION" help:"How long to wait for transactions that use the tables, such as a dump; 0 is without limit (default ${default})."`
}

// Validate checks the flags.
func (c *migrateCommand) Validate() error {
	var err error
	if c.To < migrations.Newest || c.To > migrations.Latest {
		err = fmt.Errorf("--to is %d; expected 0 to %d", c.To, migrations.Latest)
	}
	if c.LockWait < 0 {
		err = errors.Join(err, fmt.Errorf("--lock-wait is %s; expected 0 or more", c.LockWait))
	}
	if c.Distributed && c.To != migrations.Newest {
		err = errors.Join(err, errors.New("--distributed needs the newest schema; leave out --to"))
	}
	return errors.Join(c.check(), err)
}

// distribution returns where the daily sums are to be kept.
func (c *migrateCommand) distribution() migrations.Distribution {
	switch {
	case c.Distributed:
		return migrations.Distributed
	case c.Undistributed:
		return migrations.Undistributed
	default:
		return migrations.Unchanged
	}
}

// Run migrates, and prints the migrations applied.
func (c *migrateCommand) Run(ctx context.Context, std cli.Streams) error {
	c.warn(std.Err)
	source, err := c.source(std)
	if err != nil {
		return err
	}
	changed, waited := false, false
	reached, err := app.Migrate(ctx, c.DatabaseURL, source, c.To, migrations.Config{
		Breaking: c.Breaking, LockWait: c.LockWait, Distribution: c.distribution(),
		Applied: func(name string) {
			changed, waited = true, false
			fmt.Fprintln(std.Out, name)
		},
		Waiting: func(who string) {
			if !waited {
				fmt.Fprintf(std.Err, "rates: waiting for a lock: %s\n", who)
			}
			waited = true
		},
	})
	switch {
	case err != nil:
		return explain(err, needsOwner)
	case changed:
		fmt.Fprintf(std.Out, "the schema is now at version %d\n", reached)
	case reached > migrations.Latest:
		fmt.Fprintf(std.Out, "nothing to do: the schema is at version %d, which works with this program\n", reached)
	default:
		fmt.Fprintf(std.Out, "nothing to do: the schema is at version %d\n", reached)
	}
	return nil
}

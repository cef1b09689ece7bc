package main

import (
	"context"
	"errors"
	"fmt"

	"example.com/rates/db/migrations"
	"example.com/rates/internal/cli"
	"example.com/rates/service/app"
)

type migrateCommand struct {
	databaseFlag
	To int64 `name:"to" default:"-1" placeholder:"VERSION" help:"Migrate to this version, up or down; 0 is an empty database (default: the newest)."`
}

// Validate checks the flags.
func (c *migrateCommand) Validate() error {
	var err error
	if c.To < -1 || c.To > migrations.Latest {
		err = fmt.Errorf("--to is %d; expected 0 to %d", c.To, migrations.Latest)
	}
	return errors.Join(c.check(), err)
}

// Run migrates, and prints the migrations applied.
func (c *migrateCommand) Run(ctx context.Context, std cli.Streams) error {
	version := c.To
	if version < 0 {
		version = migrations.Latest
	}
	c.warn(std.Err)
	changed := false
	source, err := c.source(std)
	if err != nil {
		return err
	}
	err = app.Migrate(ctx, c.DatabaseURL, source, version, func(name string) {
		changed = true
		fmt.Fprintln(std.Out, name)
	})
	if err != nil {
		return explain(err, needsOwner)
	}
	if !changed {
		fmt.Fprintf(std.Out, "nothing to do: the schema is at version %d\n", version)
		return nil
	}
	fmt.Fprintf(std.Out, "the schema is now at version %d\n", version)
	return nil
}

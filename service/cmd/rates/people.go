package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/rates/internal/cli"
	"example.com/rates/service/access"
)

type grantCommand struct {
	databaseFlag
	publishFlags
	requestFlags
	Role   string        `enum:"reader,loader" default:"reader" help:"What the person may do: ${enum} (default ${default})."`
	For    time.Duration `placeholder:"DURATION" help:"Required. How long, for example 2h; at most 24h."`
	Person string        `arg:"" help:"The login of the person, for example alice."`
}

// Help returns the text for --help.
func (*grantCommand) Help() string {
	return `Makes a login that ends by itself, and publishes its password. The sessions of the
person go on after that until 'rates login sweep' ends them, which should run every
minute. 'rates login revoke' ends all of it at once.`
}

func (c *grantCommand) grant() access.Grant {
	return access.Grant{Person: c.Person, Role: c.Role, For: c.For}
}

// Validate checks the flags.
func (c *grantCommand) Validate() error {
	return errors.Join(c.databaseFlag.check(), c.publishFlags.check(), c.grant().Check(access.Request{ApprovedBy: c.ApprovedBy}))
}

// Run gives access.
func (c *grantCommand) Run(ctx context.Context, std cli.Streams) error {
	request, err := c.request(need{reason: true, approval: true})
	if err != nil {
		return err
	}
	grant := c.grant()
	if grant.Publish, err = c.publisher(); err != nil {
		return err
	}
	return c.manage(ctx, std, request, func(m *access.Manager) error {
		until, err := m.Grant(ctx, grant)
		if err != nil {
			return err
		}
		fmt.Fprintf(std.Out, "%s is a %s until %s\n", c.Person, c.Role, minute(until))
		return nil
	})
}

type revokeCommand struct {
	databaseFlag
	requestFlags
	Person string `arg:"" help:"The login of the person."`
}

// Validate checks the flags.
func (c *revokeCommand) Validate() error { return c.check() }

// Run ends the access of a person.
func (c *revokeCommand) Run(ctx context.Context, std cli.Streams) error {
	// Nobody should have to wait for an approval to end access.
	request, err := c.request(need{reason: true})
	if err != nil {
		return err
	}
	return c.manage(ctx, std, request, func(m *access.Manager) error {
		if err := m.Revoke(ctx, c.Person); err != nil {
			return err
		}
		fmt.Fprintf(std.Out, "%s has no access any more, and no session\n", c.Person)
		return nil
	})
}

type sweepCommand struct {
	databaseFlag
	requestFlags
}

// Validate checks the flags.
func (c *sweepCommand) Validate() error { return c.check() }

// Run ends what is over.
func (c *sweepCommand) Run(ctx context.Context, std cli.Streams) error {
	request, err := c.request(need{})
	if err != nil {
		return err
	}
	if request.Reason == "" {
		request.Reason = "the time is over"
	}
	return c.manage(ctx, std, request, func(m *access.Manager) error {
		ended, err := m.Sweep(ctx)
		for _, person := range ended {
			fmt.Fprintf(std.Out, "%s has no access any more, and no session\n", person)
		}
		return err
	})
}

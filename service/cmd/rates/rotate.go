package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"example.com/rates/internal/cli"
	"example.com/rates/service/access"
)

type rotateCommand struct {
	databaseFlag
	publishFlags
	requestFlags
	Logins    []string      `default:"rates_service_a,rates_service_b" placeholder:"A,B" help:"The two logins that the program uses in turn (default ${default})."`
	ValidDays int           `default:"30" placeholder:"DAYS" help:"When the new password ends by itself, if no rotation comes before (default ${default})."`
	Drain     time.Duration `default:"2m" placeholder:"DURATION" help:"How long to wait for sessions of the old login to end (default ${default})."`
	DryRun    bool          `help:"Only say what would be done."`
}

// Help returns the text for --help.
func (*rotateCommand) Help() string {
	return `The login that is not in use gets a new password, logs in and reads as a proof, and
is published. Programs that read the published file again for each connection, as
RATES_DATABASE_LOGIN=file does, change over without losing a request. Once the other
login has no session any more, it is closed.

If it fails, what is in use still works; run it again. Exit code 3: sessions of the
old login are left, which stays open.`
}

// Validate checks the flags.
func (c *rotateCommand) Validate() error {
	const longest = 366
	errs := []error{c.databaseFlag.check(), c.publishFlags.check()}
	if len(c.Logins) != 2 {
		errs = append(errs, fmt.Errorf("--logins has %d names; expected 2, as in a,b", len(c.Logins)))
	}
	if c.ValidDays < 1 || c.ValidDays > longest {
		errs = append(errs, fmt.Errorf("--valid-days is %d; expected 1 to %d", c.ValidDays, longest))
	}
	if c.Drain < 0 {
		errs = append(errs, fmt.Errorf("--drain is %v; expected 0 or more", c.Drain))
	}
	return errors.Join(errs...)
}

// Run rotates, or says what it would do.
func (c *rotateCommand) Run(ctx context.Context, std cli.Streams) error {
	// Whoever types it at a terminal may be in a hurry, and the record names them.
	unattended := !cli.IsTerminal(std.Err) && !c.DryRun
	request, err := c.request(need{reason: unattended, approval: unattended})
	if err != nil {
		return err
	}
	publisher, err := c.publisher()
	if err != nil {
		return err
	}
	rotation := access.Rotation{
		Logins: [2]string(c.Logins), Valid: time.Duration(c.ValidDays) * 24 * time.Hour, Drain: c.Drain, Publish: publisher,
	}
	return c.manage(ctx, std, request, func(m *access.Manager) error {
		if c.DryRun {
			plan, err := m.Plan(ctx, rotation)
			if err != nil {
				return err
			}
			fmt.Fprintf(std.Out, "%s, with %s, would be replaced by %s, until %s, through %s; nothing was changed\n",
				plan.Used, count(len(plan.Sessions), "session"), plan.Next, minute(plan.Until), publisher)
			return nil
		}
		plan, err := m.Rotate(ctx, rotation)
		if err != nil {
			return err
		}
		fmt.Fprintf(std.Out, "%s is in use until %s; %s is closed\n", plan.Next, minute(plan.Until), plan.Used)
		return nil
	})
}

// count returns a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

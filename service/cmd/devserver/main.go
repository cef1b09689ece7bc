// Command devserver runs rates for development: it starts a private PostgreSQL
// or uses a given one, migrates it, imports the sample and serves until Ctrl-C.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"

	"github.com/alecthomas/kong"

	"example.com/rates/db/embedded"
	"example.com/rates/internal/cli"
	"example.com/rates/service/app"
)

type command struct {
	app.Config

	URL     string `name:"database-url" env:"DATABASE_URL" placeholder:"URL" help:"Use this PostgreSQL instead of a private one. The login must be allowed to migrate it."`
	Project string `name:"project" default:"." type:"existingdir" placeholder:"DIR" help:"The root of the checkout."`
	Clean   bool   `help:"Remove the data of the private PostgreSQL and exit."`

	Temporary bool `help:"Begin with a new private PostgreSQL and remove its data at the end."`
	Replicas  int  `placeholder:"N" help:"Give a new private PostgreSQL so many replicas, start three instances of the service that ask them, and remove the data at the end."`
}

func main() { cli.Main(run) }

// run runs the program and returns the exit code.
func run(ctx context.Context, args []string, std cli.Streams) int {
	return cli.Run(ctx, cli.Program{
		Name:        "devserver",
		Description: "Runs rates with a PostgreSQL of its own, for development.",
		Vars:        kong.Vars{"log_format": "text", "drain_delay": "0s"}, // for people
		Failure:     1,
	}, &command{}, args, std)
}

// Validate checks the flags.
func (c *command) Validate() error {
	err := c.Config.Validate()
	if c.Replicas < 0 || c.Replicas > mostReplicas {
		err = errors.Join(err, fmt.Errorf("--replicas is %d; expected 0 to %d", c.Replicas, mostReplicas))
	}
	if c.Temporary && c.URL != "" {
		err = errors.Join(err, errors.New("--temporary is for a private PostgreSQL; leave out --database-url (DATABASE_URL)"))
	}
	if c.Replicas > 0 && c.URL != "" {
		err = errors.Join(err, errors.New("--replicas is for a private PostgreSQL; leave out --database-url (DATABASE_URL)"))
	}
	return err
}

// Run serves until ctx ends.
func (c *command) Run(ctx context.Context, std cli.Streams) error {
	if c.Clean {
		return clean(ctx, c.Project)
	}
	if c.Replicas > 0 {
		if err := embedded.CanFollow(ctx); err != nil {
			return fmt.Errorf("%w; install PostgreSQL, which has it (on Debian or Ubuntu: apt-get install postgresql)", err)
		}
	}
	db, err := openDatabase(ctx, c.URL, c.Project, c.Temporary || c.Replicas > 0, c.logger(std.Err))
	if err != nil {
		return err
	}
	if err = db.prepare(ctx); err == nil {
		if c.Replicas > 0 {
			err = c.serveReplicas(ctx, db, std.Out, std.Err)
		} else {
			err = c.serve(ctx, db, std.Out, std.Err)
		}
	}
	if closeErr := db.close(); err == nil {
		err = closeErr
	}
	return err
}

// logger logs in the format of the service.
func (c *command) logger(out io.Writer) *slog.Logger {
	if c.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(out, nil))
	}
	return slog.New(slog.NewJSONHandler(out, nil))
}

func (c *command) serve(ctx context.Context, db *database, out, logs io.Writer) error {
	c.DatabaseURL = db.reader
	running, err := app.Start(ctx, c.Config, logs)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, `
rates answers on %s
Try:

  curl '%s/rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL'

Ctrl-C stops it.

`, running.URL(), running.URL())
	select {
	case <-ctx.Done():
	case err = <-running.Failed():
	case <-db.done():
		err = fmt.Errorf("the database stopped: %w; start again to recover it", db.private.Err())
	}
	if closeErr := running.Close(context.WithoutCancel(ctx)); err == nil {
		err = closeErr
	}
	return err
}

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

	"example.com/rates/internal/cli"
	"example.com/rates/service/app"
)

type command struct {
	app.Config

	URL     string `name:"database-url" env:"DATABASE_URL" placeholder:"URL" help:"Use this PostgreSQL instead of a private one. The login must be allowed to migrate it."`
	Project string `name:"project" default:"." type:"existingdir" placeholder:"DIR" help:"The root of the checkout."`
	Clean   bool   `help:"Remove the data of the private PostgreSQL and exit."`

	Temporary bool `help:"Begin with a new private PostgreSQL and remove its data at the end."`
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

// Run serves until ctx ends.
func (c *command) Run(ctx context.Context, std cli.Streams) error {
	if c.Clean {
		return clean(ctx, c.Project)
	}
	if c.Temporary && c.URL != "" {
		return errors.New("--temporary is for a private PostgreSQL; leave out --database-url (DATABASE_URL)")
	}
	db, err := openDatabase(ctx, c.URL, c.Project, c.Temporary, c.logger(std.Err))
	if err != nil {
		return err
	}
	err = c.serve(ctx, db, std.Out, std.Err)
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
	if err := db.prepare(ctx); err != nil {
		return err
	}
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
	case <-db.done:
		err = fmt.Errorf("the database stopped: %w; start again to recover it", db.err())
	}
	if closeErr := running.Close(context.WithoutCancel(ctx)); err == nil {
		err = closeErr
	}
	return err
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// The exit codes. They are documented in docs/operations.md.
const (
	exitOK      = 0
	exitFailure = 1
	exitUsage   = 2
)

// streams are the standard streams of a process.
type streams struct {
	in       io.Reader
	out, err io.Writer
}

type commands struct {
	Serve    serveCommand    `cmd:"" help:"Answer questions over HTTP until stopped."`
	Migrate  migrateCommand  `cmd:"" help:"Bring the schema of the database to the version this program knows."`
	Import   importCommand   `cmd:"" help:"Add ports, regions and prices from pg_dump files or CSV."`
	Verify   verifyCommand   `cmd:"" help:"Compare the daily sums with the prices they are made of."`
	Generate generateCommand `cmd:"" help:"Write invented data of any size as a dump, for tests of scale."`
	Health   healthCommand   `cmd:"" help:"Ask a running service whether it is healthy, for container health checks."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

// run runs one command and returns the exit code.
func run(ctx context.Context, args []string, std streams) int {
	helped := false
	var cli commands
	parser, err := kong.New(&cli,
		kong.Name("rates"),
		kong.Description("Answers what a container cost, on average, per day, between two ports.\n\n"+
			"Exit codes: 0 done, 1 failed, 2 wrong use."),
		kong.Writers(std.out, std.err),
		kong.Exit(func(int) { helped = true }), // Kong would end the process after --help
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(std),
	)
	if err != nil {
		// The commands above are wrong, not the arguments.
		panic(err)
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if helped {
		return exitOK
	}
	if err != nil {
		fmt.Fprintf(std.err, "rates: %v\nRun 'rates --help' for what can be said.\n", err)
		return exitUsage
	}
	if err := parsed.Run(); err != nil {
		if errors.Is(err, context.Canceled) && ctx.Err() != nil {
			fmt.Fprintln(std.err, "rates: interrupted; nothing more was changed")
			return exitFailure
		}
		fmt.Fprintf(std.err, "rates: %v\n", err)
		return exitFailure
	}
	return exitOK
}

package main

import (
	"context"

	"github.com/alecthomas/kong"

	"example.com/rates/internal/cli"
	"example.com/rates/service/login"
)

// The exit codes. They are documented in docs/operations.md.
const (
	exitOK      = cli.ExitOK
	exitFailure = 1
	exitUsage   = cli.ExitUsage
)

type commands struct {
	Serve    serveCommand    `cmd:"" help:"Answer questions over HTTP until stopped."`
	Migrate  migrateCommand  `cmd:"" help:"Migrate the schema of the database to the version of this program."`
	Import   importCommand   `cmd:"" help:"Add ports, regions and prices from pg_dump files or CSV."`
	Verify   verifyCommand   `cmd:"" help:"Compare the daily sums with the prices."`
	Login    loginCommand    `cmd:"" help:"Rotate the login of the service, and give people access for a time."`
	Generate generateCommand `cmd:"" help:"Write a dump of invented data of any size, for load tests."`
	Health   healthCommand   `cmd:"" help:"Ask a running service whether it is healthy, for container health checks."`
	Version  versionCommand  `cmd:"" help:"Print the version."`
}

// run runs one command and returns the exit code.
func run(ctx context.Context, args []string, std cli.Streams) int {
	return cli.Run(ctx, cli.Program{
		Name: "rates",
		Description: "Answers what a container cost, on average, per day, between two ports.\n\n" +
			"Exit codes: 0 success, 1 failure, 2 wrong usage, 3 sessions left (login).",
		Vars:        kong.Vars{"log_format": "json", "drain_delay": drainDelay(std), "login_sources": login.Names},
		Failure:     exitFailure,
		Interrupted: "interrupted; nothing more was changed",
	}, &commands{}, args, std)
}

// drainDelay is the default of --drain-delay: none for a person who waits for the
// program to end, else longer than usual load balancers take to notice.
func drainDelay(std cli.Streams) string {
	if cli.IsTerminal(std.Err) {
		return "0s"
	}
	return "5s"
}

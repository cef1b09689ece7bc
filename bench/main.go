// Command bench measures the service. Run it with --help.
package main

import (
	"context"

	"example.com/rates/db/embedded"
	"example.com/rates/internal/cli"
)

// exitFailure is the exit code when a measurement failed.
const exitFailure = 1

type commands struct {
	Run      runCommand      `cmd:"" help:"Measure the service beside a bare handler, pgbench and the query of the service it replaces."`
	Scale    scaleCommand    `cmd:"" help:"Measure answers and imports with more and more data."`
	Overload overloadCommand `cmd:"" help:"Measure the service with more requests than it can answer."`
	ScaleOut scaleOutCommand `cmd:"" help:"Measure one to three instances, each with a replica of its own, beside as many on one server."`
	Memory   memoryCommand   `cmd:"" help:"Measure what the memory limit costs with a full cache and many connections."`
	Chart    chartCommand    `cmd:"" help:"Draw the figures of scale."`
	Bare     bareCommand     `cmd:"" hidden:"" help:"Answer every request with standard input."`
	Naive    naiveCommand    `cmd:"" hidden:"" help:"Answer from the raw prices."`
}

func main() {
	embedded.Isolate()
	cli.Main(run)
}

// run runs one command and returns the exit code.
func run(ctx context.Context, args []string, std cli.Streams) int {
	return cli.Run(ctx, cli.Program{
		Name:        "bench",
		Description: "Measures the service. Exit codes: 0 measured, 1 a measurement failed, 2 wrong usage.",
		Failure:     exitFailure,
		Interrupted: "interrupted; everything it started was stopped and removed",
	}, &commands{}, args, std)
}

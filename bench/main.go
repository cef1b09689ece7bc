// Command bench measures the service. Run it with --help.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"

	"example.com/rates/bench/load"
)

// The exit codes.
const (
	exitOK      = 0
	exitFailure = 1 // a measurement failed
	exitUsage   = 2
)

type commands struct {
	Run   runCommand   `cmd:"" help:"Measure the service beside a bare handler, pgbench and the query of the service it replaces."`
	Scale scaleCommand `cmd:"" help:"Measure answers and imports with more and more data."`
	Chart chartCommand `cmd:"" help:"Draw the figures of scale."`
	Bare  bareCommand  `cmd:"" hidden:"" help:"Answer every request with standard input."`
	Naive naiveCommand `cmd:"" hidden:"" help:"Answer from the raw prices."`
}

// streams are the inputs and outputs of a command.
type streams struct {
	in  io.Reader
	out io.Writer
	err io.Writer
	log *log.Logger // says what is being measured
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr, log: log.New(os.Stderr, "", log.Ltime)})
	stop()
	os.Exit(code)
}

// run runs one command and returns the exit code.
func run(ctx context.Context, args []string, std streams) int {
	helped := false
	var cli commands
	parser := kong.Must(&cli,
		kong.Name("bench"),
		kong.Description("Measures the service. Exit codes: 0 measured, 1 a measurement failed, 2 wrong use."),
		kong.Writers(std.out, std.err),
		kong.Exit(func(int) { helped = true }), // Kong would end the process after --help
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(std),
	)
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if helped {
		return exitOK
	}
	if err != nil {
		fmt.Fprintf(std.err, "bench: %v\nRun it with --help for its usage.\n", err)
		return exitUsage
	}
	err = parsed.Run()
	switch {
	case err == nil:
		return exitOK
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		fmt.Fprintln(std.err, "bench: interrupted; everything it started was stopped and removed")
		return exitFailure
	case errors.Is(err, load.ErrNoWrk):
		fmt.Fprintf(std.err, "bench: %v\n", err)
		return exitUsage
	default:
		fmt.Fprintf(std.err, "bench: %v\n", err)
		return exitFailure
	}
}

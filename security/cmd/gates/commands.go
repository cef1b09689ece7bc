package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"example.com/rates/security/gate"
)

// streams are the standard streams of a process.
type streams struct{ out, err io.Writer }

type commands struct {
	Run      runCommand      `cmd:"" help:"Run the gates and give one verdict."`
	Selftest selftestCommand `cmd:"" help:"Prove the gates: each must find a planted defect, and say so when it is broken."`
	List     listCommand     `cmd:"" help:"List the gates, what they look at, and what is demanded of them."`
	Waivers  waiversCommand  `cmd:"" help:"List the waivers: all, those that end soon, those that match nothing."`
	Report   reportCommand   `cmd:"" help:"Show the report of the last run."`
	Tools    toolsCommand    `cmd:"" help:"Install the pinned tools that are missing."`
}

const description = `Runs the security gates of this repository. A gate is green only when its tool
proves that it looked.

Exit codes: 0 green, 1 findings without a waiver or waivers that are not in order,
2 wrong use, 3 a gate could not run, 4 nothing was examined.`

// codeError is an error with an exit code of its own.
type codeError struct {
	code int
	err  error
}

func (e codeError) Error() string { return e.err.Error() }
func (e codeError) Unwrap() error { return e.err }

// usagef is an error of whoever called.
func usagef(format string, args ...any) error {
	return codeError{gate.ExitUsage, fmt.Errorf(format, args...)}
}

// errNotGreen ends a command whose output has said all.
var errNotGreen = errors.New("not green")

// run runs one command and returns the exit code.
func run(ctx context.Context, args []string, std streams) int {
	helped := false
	var cli commands
	parser, err := kong.New(&cli,
		kong.Name("gates"),
		kong.Description(description),
		kong.Writers(std.out, std.err),
		kong.Exit(func(int) { helped = true }), // Kong would end the process after --help
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(std),
	)
	if err != nil {
		panic(err) // the commands above are wrong, not the arguments
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if helped {
		return gate.ExitGreen
	}
	if err != nil {
		fmt.Fprintf(std.err, "gates: %v\nRun 'gates --help' for what can be said.\n", err)
		return gate.ExitUsage
	}
	return exitCode(parsed.Run(), std.err)
}

func exitCode(err error, out io.Writer) int {
	if err == nil {
		return gate.ExitGreen
	}
	if !errors.Is(err, errNotGreen) {
		fmt.Fprintf(out, "gates: %v\n", err)
	}
	if e, ok := errors.AsType[codeError](err); ok {
		return e.code
	}
	return gate.ExitCouldNotRun
}

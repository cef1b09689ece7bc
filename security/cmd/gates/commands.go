package main

import (
	"context"
	"fmt"

	"example.com/rates/internal/cli"
	"example.com/rates/security/gate"
)

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

// usagef is an error of the caller.
func usagef(format string, args ...any) error {
	return &cli.ExitError{Code: gate.ExitUsage, Err: fmt.Errorf(format, args...)}
}

// run runs one command and returns the exit code.
func run(ctx context.Context, args []string, std cli.Streams) int {
	p := cli.Program{Name: "gates", Description: description, Failure: gate.ExitCouldNotRun}
	return cli.Run(ctx, p, &commands{}, args, std)
}

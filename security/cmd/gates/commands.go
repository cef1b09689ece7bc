package main

import (
	"context"
	"fmt"

	"example.com/rates/internal/cli"
	"example.com/rates/security/gate"
)

type commands struct {
	Run      runCommand      `cmd:"" help:"Run the gates and give one verdict."`
	Selftest selftestCommand `cmd:"" help:"Prove the gates: each must find a planted defect and fail when it is broken."`
	List     listCommand     `cmd:"" help:"List the gates, what they examine and what the policy requires."`
	Waivers  waiversCommand  `cmd:"" help:"List the waivers, optionally only those that end soon or match nothing."`
	Report   reportCommand   `cmd:"" help:"Show the report of the last run."`
	Tools    toolsCommand    `cmd:"" help:"Install the pinned tools that are missing or were changed."`

	Analyze    analyzeCommand    `cmd:"" hidden:""`
	ZAPSession zapSessionCommand `cmd:"" name:"zap-session" hidden:""`
	ZAPStandIn standInCommand    `cmd:"" name:"zap-stand-in" hidden:""`
}

const description = `Runs the security gates of this repository. A gate is green only if its tool
proves that it checked.

Exit codes: 0 green, 1 findings without a waiver or invalid waivers, 2 wrong
usage, 3 a gate could not run, 4 nothing was examined. go run and make do not pass
them on: build bin/gates with "make tools" and run that.`

// run runs one command and returns the exit code.
func run(ctx context.Context, args []string, std cli.Streams) int {
	return cli.Run(ctx, cli.Program{
		Name: "gates", Description: description,
		Failure: gate.ExitCouldNotRun, Interrupted: "interrupted; nothing is proven",
	}, &commands{}, args, std)
}

// usagef returns an error in the arguments, the policy or the waivers.
func usagef(format string, args ...any) error {
	return &cli.ExitError{Code: gate.ExitUsage, Err: fmt.Errorf(format, args...)}
}

// ended returns the error that ends the program with an exit code. It names the code,
// because make ends with 2 for any of them.
func ended(code int, meanings map[int]string) error {
	return &cli.ExitError{Code: code, Err: fmt.Errorf("exit code %d: %s", code, meanings[code])}
}

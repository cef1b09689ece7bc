// Package cli is the command line of every program here: usage errors, exit
// codes, and a line of progress.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/alecthomas/kong"
)

// The exit codes that all programs share. Each documents any others that it has.
const (
	ExitOK    = 0
	ExitUsage = 2
)

// Streams are the standard streams of a process.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Program describes a program to Run.
type Program struct {
	Name        string
	Description string    // for --help
	Vars        kong.Vars // for ${…} in the tags of the grammar
	Failure     int       // exit code for an error without a code of its own
	Interrupted string    // printed instead of context.Canceled after Ctrl-C
}

// ExitError is an error with an exit code of its own. If Err is nil, nothing is
// printed: the command has reported it already.
type ExitError struct {
	Code int
	Err  error
}

func (e *ExitError) Error() string {
	if e.Err == nil {
		return fmt.Sprintf("exit code %d", e.Code)
	}
	return e.Err.Error()
}

// Unwrap returns Err.
func (e *ExitError) Unwrap() error { return e.Err }

// Main calls run with the arguments and streams of the process and ends it with
// the exit code that run returns. Ctrl-C and SIGTERM cancel the context. Ctrl-C after
// that ends the process at once, because a person waits; SIGTERM does not.
func Main(run func(ctx context.Context, args []string, std Streams) int) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, func() { signal.Reset(os.Interrupt) })
	code := run(ctx, os.Args[1:], Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr})
	stop()
	os.Exit(code)
}

// Run parses args into grammar, a pointer to a struct for Kong, runs the command
// that they name, and returns the exit code. The command's Run method may take
// a context.Context and Streams. A program with commands shows its help if args
// is empty.
func Run(ctx context.Context, p Program, grammar any, args []string, std Streams) int {
	helped := false
	parser, err := kong.New(grammar,
		kong.Name(p.Name),
		kong.Description(p.Description),
		p.Vars,
		kong.Writers(std.Out, std.Err),
		kong.Exit(func(int) { helped = true }), // Kong would end the process after --help
		kong.BindTo(ctx, (*context.Context)(nil)),
		kong.Bind(std),
	)
	if err != nil {
		panic(err) // the grammar is wrong, not the arguments
	}
	if len(args) == 0 && len(parser.Model.Children) > 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if helped {
		return ExitOK
	}
	if err != nil {
		fmt.Fprintf(std.Err, "%s: %v\nRun '%[1]s --help' for usage.\n", p.Name, err)
		return ExitUsage
	}
	return p.exitCode(ctx, parsed.Run(), std.Err)
}

// exitCode prints err and returns the exit code for it.
func (p Program) exitCode(ctx context.Context, err error, out io.Writer) int {
	if err == nil {
		return ExitOK
	}
	code := p.Failure
	if exit, ok := errors.AsType[*ExitError](err); ok {
		if code = exit.Code; exit.Err == nil {
			return code
		}
	}
	if p.Interrupted != "" && errors.Is(err, context.Canceled) && ctx.Err() != nil {
		err = errors.New(p.Interrupted)
	}
	fmt.Fprintf(out, "%s: %v\n", p.Name, err)
	return code
}

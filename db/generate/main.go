// Command generate writes db/rates.sql, the data of package seed, the same byte
// for byte on every run.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"

	"example.com/rates/db/seed"
)

const usage = `Write the seed data of rates as a plain PostgreSQL dump.

Usage, from the root of the repository:

  go run ./db/generate [-o FILE]

Flags:

`

func main() {
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
}

// run returns the exit code: 0 for success, 1 when the file could not be
// written, 2 for arguments that make no sense.
func run(args []string, stdout, stderr io.Writer) int {
	out, err := parse(args, stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintf(stderr, "generate: %v; see go run ./db/generate --help\n", err)
		return 2
	}
	if err := write(out, stdout); err != nil {
		fmt.Fprintf(stderr, "generate: %v\n", err)
		return 1
	}
	return 0
}

// parse returns where to write to. It prints the help that was asked for.
func parse(args []string, stdout io.Writer) (out string, err error) {
	flags := flag.NewFlagSet("generate", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.StringVar(&out, "o", "db/rates.sql", "the `FILE` to write; - for standard output")
	err = flags.Parse(args)
	if errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(stdout, usage)
		flags.SetOutput(stdout)
		flags.PrintDefaults()
	}
	if err == nil && flags.NArg() > 0 {
		err = fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	return out, err
}

func write(path string, stdout io.Writer) error {
	if path == "-" {
		return seed.Write(stdout)
	}
	file, err := os.Create(path) // #nosec G304 G703 -- who runs the command names the file
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("%w; run this from the root of the repository, or name a file with -o", err)
	}
	if err != nil {
		return err
	}
	return errors.Join(seed.Write(file), file.Close())
}

package main

import (
	"context"
	"fmt"
	"log"
	"strings"

	"example.com/rates/bench/compare"
	"example.com/rates/bench/load"
	"example.com/rates/bench/report"
	"example.com/rates/internal/cli"
)

type runCommand struct {
	compare.Config

	Markdown string `type:"existingfile" placeholder:"FILE" help:"Also write the tables between the markers of this document."`
}

// Run measures and prints the tables.
func (c *runCommand) Run(ctx context.Context, std cli.Streams) (err error) {
	if c.Wrk, err = load.FindWrk(); err != nil {
		return &cli.ExitError{Code: cli.ExitUsage, Err: err}
	}
	c.Log = log.New(std.Err, "", log.Ltime)
	result, err := compare.Run(ctx, c.Config)
	if err != nil {
		return err
	}
	return publish(std, "run", c.Markdown, result.Markdown(), result.Problems)
}

// publish prints the tables, writes them into the document if one is named, and
// returns the problems as an error.
func publish(std cli.Streams, name, document, tables string, problems []string) error {
	fmt.Fprint(std.Out, tables)
	if document != "" {
		if err := report.Insert(document, name, tables); err != nil {
			return err
		}
	}
	if len(problems) > 0 {
		return fmt.Errorf("some measurements failed:\n- %s", strings.Join(problems, "\n- "))
	}
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"example.com/rates/internal/cli"
	"example.com/rates/service/importer"
	"example.com/rates/service/importer/dump"
)

type importCommand struct {
	databaseFlag
	Again      bool          `help:"Import a file even if its rows were imported before."`
	Replace    bool          `help:"Make the files the whole data set. Readers see the old one until the import is complete."`
	AllowEmpty bool          `help:"Let --replace leave no prices, if the files hold none."`
	LockWait   time.Duration `default:"10m" placeholder:"DURATION" help:"How long --replace, and the first import, wait for transactions that use the tables, such as a dump; 0 is without limit (default ${default})."`
	Progress   bool          `help:"Show the progress, and how long the import still takes once that can be told, even if standard error is not a terminal."`
	Sample     bool          `help:"Import the sample data of this program, instead of files, if the database has no data."`
	Files      []string      `arg:"" optional:"" name:"file" help:"A plain pg_dump or CSV file, compressed with gzip or not, or a pipe of one; - for standard input."`
}

// Validate checks the flags.
func (c *importCommand) Validate() error {
	var errs []error
	if c.LockWait < 0 {
		errs = append(errs, fmt.Errorf("--lock-wait is %s; expected 0 or more", c.LockWait))
	}
	switch {
	case !c.Sample && len(c.Files) == 0:
		errs = append(errs, errors.New(`expected "<file> ..." or --sample`))
	case c.Sample && len(c.Files) > 0:
		errs = append(errs, fmt.Errorf("--sample is instead of files, but %s is named", c.Files[0]))
	case c.Sample && (c.Again || c.Replace || c.AllowEmpty):
		errs = append(errs, errors.New("--sample is for a database without data; leave out --again, --replace and --allow-empty"))
	}
	return errors.Join(c.check(), errors.Join(errs...))
}

// Help returns the text for --help.
func (*importCommand) Help() string {
	return `From a pg_dump file, import reads the tables regions, ports and prices, in any
schema. It ignores everything else and executes nothing. A CSV file has one of
the headers

  slug,name,parent_slug
  code,name,parent_slug
  orig_code,dest_code,day,price

or the same names separated by a semicolon, a tab or |. Other columns are ignored
and named at the end, with two exceptions: a currency must be USD, and a column
that says what a price means, such as unit or container_type, must have the same
value in all rows of prices of a file.

Regions and ports are added or updated, prices are added. Each file is imported
completely or not at all.

The sample has real ports, regions of this project and invented prices from
2020-12-15 to 2021-02-15. If the database has data, import --sample changes
nothing, says so and succeeds.`
}

// Run imports the files, or the sample, and prints what each added.
func (c *importCommand) Run(ctx context.Context, std cli.Streams) (err error) {
	shown := showProgress(std.Err, c.Progress)
	defer shown.close()
	in, err := openInputs(ctx, c.Files, std.In, shown.show)
	defer in.close()
	if err != nil {
		return err
	}
	if c.Sample {
		sample, err := importer.Sample()
		if err != nil {
			return err
		}
		in.files = append(in.files, sample)
	}
	conn, closeConn, err := c.connect(ctx, std, "rates import")
	if err != nil {
		return explain(err, needsLoader)
	}
	defer closeConn()

	done, err := importer.NewLoader(conn).Import(ctx, in.files, importer.Options{
		Again: c.Again, Replace: c.Replace, AllowEmpty: c.AllowEmpty, First: c.Sample, LockWait: c.LockWait, Progress: shown.show,
	})
	shown.close()
	for _, file := range done {
		fmt.Fprintf(std.Out, "%s: %s prices added; ports: %s; regions: %s\n",
			file.File, grouped(file.Prices), placeChanges(file.Ports), placeChanges(file.Regions))
		printIgnored(std.Out, file)
	}
	if c.Sample && (errors.Is(err, importer.ErrImported) || errors.Is(err, importer.ErrNotFirst)) {
		fmt.Fprintf(std.Out, "%s; nothing was changed\n", err)
		return nil
	}
	return explain(err, needsLoader)
}

// printIgnored prints a line for each table of which columns were ignored.
func printIgnored(out io.Writer, file importer.Imported) {
	for _, table := range []dump.Kind{dump.Regions, dump.Ports, dump.Prices} {
		var columns []string
		for _, column := range file.Ignored {
			if column.Table == table {
				columns = append(columns, column.String())
			}
		}
		if len(columns) > 0 {
			fmt.Fprintf(out, "%s: ignored columns of %s: %s\n", file.File, table, strings.Join(columns, ", "))
		}
	}
}

func placeChanges(c importer.Changes) string {
	return fmt.Sprintf("%s new, %s changed", grouped(c.New), grouped(c.Changed))
}

package load

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"example.com/rates/bench/process"
)

// Pgbench is the load generator of PostgreSQL.
type Pgbench struct {
	Path string
	URL  string // of the database
}

// Statement is SQL with parameters $1, $2 and so on, and their values as text.
type Statement struct {
	SQL    string
	Values []string
}

// Run runs a prepared statement for whole seconds on the given number of
// connections. It also returns the CPU time of pgbench itself.
func (p Pgbench) Run(ctx context.Context, s Statement, connections int, d time.Duration) (Done, time.Duration, error) {
	script, err := os.CreateTemp("", "rates-bench-*.sql")
	if err != nil {
		return Done{}, 0, fmt.Errorf("make the script of pgbench: %w", err)
	}
	defer func() { _ = os.Remove(script.Name()) }() // it is in the temporary folder
	_, err = script.WriteString(s.script())
	if err := errors.Join(err, script.Close()); err != nil {
		return Done{}, 0, fmt.Errorf("write the script of pgbench: %w", err)
	}
	args := []string{
		"--no-vacuum", "--protocol=prepared", "--file=" + filepath.Clean(script.Name()),
		"--client=" + strconv.Itoa(connections), "--time=" + strconv.Itoa(int(d.Seconds())),
	}
	for i, value := range s.Values {
		args = append(args, fmt.Sprintf("--define=p%d=%s", i+1, value))
	}
	out, ended, err := process.Run(ctx, process.Config{Path: p.Path, Args: append(args, p.URL)})
	if err != nil {
		return Done{}, 0, err
	}
	done, err := parsePgbench(out)
	return done, ended.CPU(), err
}

var parameter = regexp.MustCompile(`\$(\d+)`)

// script returns the statement with pgbench's variables as parameters.
func (s Statement) script() string {
	return parameter.ReplaceAllString(s.SQL, ":p$1") + ";\n"
}

var (
	pgbenchCount  = regexp.MustCompile(`(?m)^number of transactions actually processed: (\d+)`)
	pgbenchRate   = regexp.MustCompile(`(?m)^tps = ([\d.]+) \((?:without initial connection time|excluding connections establishing)\)`)
	pgbenchFailed = regexp.MustCompile(`(?m)^number of failed transactions: ([1-9].*)$`)
)

// parsePgbench reads the output of pgbench.
func parsePgbench(out string) (Done, error) {
	if failed := pgbenchFailed.FindStringSubmatch(out); failed != nil {
		return Done{}, fmt.Errorf("pgbench reports failed transactions: %s", failed[1])
	}
	return parseDone("pgbench", out, pgbenchCount, pgbenchRate)
}

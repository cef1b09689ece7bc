// Package selftest proves the gates: each must find the defect that was
// planted for it, pass the same thing done right, and say that it is broken
// when it is.
package selftest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
	"example.com/rates/security/scanner"
	"example.com/rates/security/toolbox"
)

// Config is what a self-test works with.
type Config struct {
	Scanners  []scanner.Scanner
	Only      []string // gates to test; all if it is empty
	Canaries  string   // folder with a folder for each gate
	Box       toolbox.Box
	Databases scanner.Databases
	Aliases   finding.Aliases
	Scratch   string // an empty folder
	Cores     int    // how many scans run at the same time
	Now       time.Time

	// Progress, if not nil, is told of each gate when it begins, with nil, and
	// when it ends. It is called by one goroutine at a time.
	Progress func(gate string, result *Result)

	turns chan struct{}
	tools *tools
}

type toolFinder = func(ctx context.Context, name string) (scanner.Tool, error)

// tools finds each tool once: to ask a Python program for its version takes as
// long as a small scan.
type tools struct {
	find  toolFinder
	mu    sync.Mutex
	found map[string]scanner.Tool
}

func (c *Config) find(ctx context.Context, name string) (scanner.Tool, error) {
	c.tools.mu.Lock()
	defer c.tools.mu.Unlock()
	if tool, ok := c.tools.found[name]; ok {
		return tool, nil
	}
	tool, err := c.tools.find(ctx, name)
	if err == nil {
		c.tools.found[name] = tool
	}
	return tool, err
}

// Result is how one gate did.
type Result struct {
	Gate  string
	Cases []Case
	// Untested says why the gate could not be tested, "" if it could: its tool
	// or its database is not there.
	Untested string
	Took     time.Duration
}

// Case is one thing that a gate had to do.
type Case struct {
	Name      string
	OK        bool
	Want, Got string // how it had to end, and how it did
}

// Failed returns the cases in which the gate did not do what it had to.
func (r Result) Failed() []Case {
	return slices.DeleteFunc(slices.Clone(r.Cases), func(c Case) bool { return c.OK })
}

// Report is a whole self-test.
type Report struct {
	Gates []Result // in the order of the scanners
	Ways  []Way    // known to be green while blind, of the gates that were tested
	Took  time.Duration
}

// Exit returns the exit code: 0 if every gate did all that it had to, 1 if one
// did not, 3 if one could not be tested, which weighs more.
func (r Report) Exit() int {
	code := gate.ExitGreen
	for _, result := range r.Gates {
		if result.Untested != "" {
			return gate.ExitCouldNotRun
		}
		if len(result.Failed()) > 0 {
			code = gate.ExitFindings
		}
	}
	for _, way := range r.Ways {
		if !way.Closed {
			code = gate.ExitFindings
		}
	}
	return code
}

// Run tests the gates side by side. The error is for a self-test that cannot be
// done at all.
func Run(ctx context.Context, cfg Config) (Report, error) {
	selected, err := scanner.Select(cfg.Scanners, cfg.Only)
	if err != nil {
		return Report{}, err
	}
	if len(selected) == 0 {
		return Report{}, errors.New("there is no gate to test")
	}
	if err := noStrays(cfg.Canaries, cfg.Scanners); err != nil {
		return Report{}, err
	}
	start := time.Now()
	cfg.turns = make(chan struct{}, max(cfg.Cores, 1))
	cfg.tools = &tools{find: cfg.Box.Find, found: map[string]scanner.Tool{}}
	report := Report{Gates: make([]Result, len(selected))}
	var wait sync.WaitGroup
	var telling sync.Mutex
	tell := func(gate string, result *Result) {
		if cfg.Progress != nil {
			telling.Lock()
			defer telling.Unlock()
			cfg.Progress(gate, result)
		}
	}
	for i, s := range selected {
		wait.Go(func() {
			tell(s.Name(), nil)
			began := time.Now()
			t := &trial{cfg: &cfg, scanner: s, dir: filepath.Join(cfg.Scratch, s.Name())}
			report.Gates[i] = t.all(ctx)
			report.Gates[i].Took = time.Since(began)
			tell(s.Name(), &report.Gates[i])
		})
	}
	wait.Wait()
	if ctx.Err() != nil {
		return Report{}, fmt.Errorf("the self-test was interrupted: %w", ctx.Err())
	}
	report.Ways = waysClosed(report.Gates)
	report.Took = time.Since(start)
	return report, nil
}

// noStrays refuses a canary that belongs to no gate: it would prove nothing.
func noStrays(dir string, scanners []scanner.Scanner) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("list the canaries: %w", err)
	}
	for _, entry := range entries {
		if !slices.ContainsFunc(scanners, func(s scanner.Scanner) bool { return s.Name() == entry.Name() }) {
			return fmt.Errorf("the canary %s belongs to no gate", entry.Name())
		}
	}
	return nil
}

// Package selftest proves the gates: each must find the defect that was
// planted for it, pass the fixed version, and end as an error when it is
// broken on purpose.
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

// Config configures a self-test.
type Config struct {
	Scanners  []scanner.Scanner
	Only      []string // gates to test; all if it is empty
	Canaries  string   // folder with a subfolder for each gate
	Box       toolbox.Box
	Databases scanner.Databases
	Aliases   finding.Aliases
	Scratch   string // an empty folder
	Cores     int    // number of concurrent scans
	Now       time.Time

	// MissingTools names gates whose tool may be missing, each with the reason. Their
	// cases with a stand-in run.
	MissingTools map[string]string
	// StandIn returns the command of the program that stands in for the tool of a
	// gate and behaves in a way.
	StandIn func(gate, behaviour string) []string

	// Progress, if not nil, is called when a gate begins, with nil, and when it
	// ends. Calls do not overlap.
	Progress func(gate string, result *Result)

	turns chan struct{}
	tools *tools
}

type toolFinder = func(ctx context.Context, name string) (scanner.Tool, error)

// tools finds each tool once: asking a Python program for its version takes as
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

// Result is the outcome for one gate.
type Result struct {
	Gate       string
	Cases      []Case
	BlindSpots []BlindSpot
	// Untested says why the gate could not be tested, "" if it could: its tool
	// or its database is missing.
	Untested string
	Took     time.Duration
}

// Case is one requirement on a gate, and its outcome.
type Case struct {
	Name      string
	OK        bool
	Want, Got string // how the gate should end, and how it ended
	NotRun    string // why it did not run, although that is allowed; "" if it ran
}

// Failed returns the cases that failed.
func (r Result) Failed() []Case {
	return slices.DeleteFunc(slices.Clone(r.Cases), func(c Case) bool { return c.OK })
}

// Ran returns how many cases ran.
func (r Result) Ran() int {
	return len(slices.DeleteFunc(slices.Clone(r.Cases), func(c Case) bool { return c.NotRun != "" }))
}

// count returns how many blind spots have the status.
func (r Result) count(status Status) int {
	n := 0
	for _, spot := range r.BlindSpots {
		if spot.Status == status {
			n++
		}
	}
	return n
}

// Report is the outcome of a self-test.
type Report struct {
	Gates []Result // in the order of the scanners
	Took  time.Duration
}

// Exit returns the exit code: 0 if every case passed and no blind spot is open,
// 3 if a gate could not be tested, else 1.
func (r Report) Exit() int {
	code := gate.ExitGreen
	for _, result := range r.Gates {
		if result.Untested != "" {
			return gate.ExitCouldNotRun
		}
		if len(result.Failed()) > 0 || result.count(Open) > 0 {
			code = gate.ExitFindings
		}
	}
	return code
}

// Run tests the gates concurrently. It returns an error if the self-test cannot
// run at all.
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
	report.Took = time.Since(start)
	return report, nil
}

// noStrays refuses a canary that belongs to no gate, because it proves nothing.
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

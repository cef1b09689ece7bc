package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"example.com/rates/internal/cli"
	"example.com/rates/security/gate"
	"example.com/rates/security/scanner/all"
	"example.com/rates/security/selftest"
	"example.com/rates/security/tree"
)

type selftestCommand struct {
	project
	databases

	Only     []string `help:"Test only these gates, separated by commas." placeholder:"GATE"`
	Canaries string   `placeholder:"DIR" help:"Folder of the planted defects. (default: security/canaries of the checkout)"`
	All      bool     `short:"a" help:"Name every case, and the cases that close each blind spot."`
	Profile  string   `env:"RATES_GATES_PROFILE" default:"local" help:"Profile of the policy, which says what tools may be missing. (env: $RATES_GATES_PROFILE)"`
}

// Run implements the command.
func (c *selftestCommand) Run(ctx context.Context, std cli.Streams) (err error) {
	scratch, err := os.MkdirTemp("", "rates-selftest-")
	if err != nil {
		return fmt.Errorf("create a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, removeAll(scratch)) }()
	cfg, err := c.config(scratch)
	if err != nil {
		return err
	}
	show := newProgress(std.Err, len(cfg.Scanners))
	cfg.Progress = func(name string, result *selftest.Result) { show.event(name, result != nil) }
	r, err := selftest.Run(ctx, cfg)
	show.Clear()
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil {
		return &cli.ExitError{Code: gate.ExitUsage, Err: err}
	}
	if err := selftest.Text(std.Out, r, c.All); err != nil {
		return err
	}
	if code := r.Exit(); code != gate.ExitGreen {
		return ended(code, map[int]string{
			gate.ExitFindings:    "a gate did not end as its canary says, or a blind spot is open",
			gate.ExitCouldNotRun: "a gate could not be tested, which proves nothing",
		})
	}
	return nil
}

func (c *selftestCommand) config(scratch string) (cfg selftest.Config, err error) {
	cfg = selftest.Config{
		Scanners: all.Gates(nil), Only: c.Only, Canaries: c.Canaries, Databases: c.copies(),
		Scratch: scratch, Cores: runtime.NumCPU(), Now: time.Now(),
	}
	if cfg.Canaries == "" {
		cfg.Canaries = filepath.Join(c.Project, filepath.FromSlash(tree.Canaries))
	}
	if cfg.Box, err = c.box(); err != nil {
		return cfg, err
	}
	policy, err := c.readPolicy()
	if err != nil {
		return cfg, err
	}
	cfg.MissingTools = policy.Profiles[c.Profile].MissingTools
	self, err := os.Executable()
	if err != nil {
		return cfg, err
	}
	cfg.StandIn = func(gate, behaviour string) []string { return []string{self, gate + "-stand-in", behaviour, "--"} }
	cfg.Aliases, err = aliases()
	return cfg, err
}

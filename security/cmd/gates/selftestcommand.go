package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"example.com/rates/security/gate"
	"example.com/rates/security/scanner"
	"example.com/rates/security/selftest"
	"example.com/rates/security/tree"
)

type selftestCommand struct {
	project
	databases

	Only     []string `help:"Test these gates only, separated by commas." placeholder:"GATE"`
	Canaries string   `placeholder:"DIR" help:"The planted defects. (default: security/canaries of the checkout)"`
	All      bool     `short:"a" help:"Name every case, not only those that failed."`
}

// Run implements the command.
func (c *selftestCommand) Run(ctx context.Context, std streams) (err error) {
	scratch, err := os.MkdirTemp("", "rates-selftest-")
	if err != nil {
		return fmt.Errorf("make a folder to work in: %w", err)
	}
	defer func() { err = errors.Join(err, removeAll(scratch)) }()
	cfg, err := c.config(scratch)
	if err != nil {
		return err
	}
	show := newProgress(std.err, len(cfg.Scanners))
	cfg.Progress = func(name string, result *selftest.Result) {
		event := gate.Event{Gate: name}
		if result != nil {
			event.Result = &gate.Result{}
		}
		show.event(event)
	}
	r, err := selftest.Run(ctx, cfg)
	show.clear()
	switch {
	case ctx.Err() != nil:
		return errors.New("interrupted; nothing is proven")
	case err != nil:
		return codeError{gate.ExitUsage, err}
	}
	if err := selftest.Text(std.out, r, c.All); err != nil {
		return err
	}
	if code := r.Exit(); code != gate.ExitGreen {
		return codeError{code, errNotGreen}
	}
	return nil
}

func (c *selftestCommand) config(scratch string) (cfg selftest.Config, err error) {
	cfg = selftest.Config{
		Scanners: scanner.All(), Only: c.Only, Canaries: c.Canaries, Databases: c.copies(),
		Scratch: scratch, Cores: runtime.NumCPU(), Now: time.Now(),
	}
	if cfg.Canaries == "" {
		cfg.Canaries = filepath.Join(c.Project, filepath.FromSlash(tree.Canaries))
	}
	if cfg.Box, err = c.box(); err != nil {
		return cfg, err
	}
	cfg.Aliases, err = aliases()
	return cfg, err
}

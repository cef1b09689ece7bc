package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"example.com/rates/security/gate"
	"example.com/rates/security/report"
	"example.com/rates/security/scanner"
	"example.com/rates/security/tree"
)

// databases are copies of vulnerability databases, for closed networks.
type databases struct {
	GoDB    string `name:"go-database" env:"GOVULNDB" placeholder:"URL" help:"A Go vulnerability database in place of the live one. (env: $GOVULNDB)"`
	TrivyDB string `name:"trivy-cache" env:"TRIVY_CACHE_DIR" type:"existingdir" placeholder:"DIR" help:"A cache folder of Trivy, to be used without the network. (env: $TRIVY_CACHE_DIR)"`
}

func (d databases) copies() scanner.Databases { return scanner.Databases{Go: d.GoDB, Trivy: d.TrivyDB} }

type runCommand struct {
	project
	databases

	Only    []string `help:"Run these gates only, separated by commas." placeholder:"GATE"`
	Profile string   `env:"RATES_GATES_PROFILE" default:"local" help:"Which profile of the policy holds: local, ci, offline or release. (env: $RATES_GATES_PROFILE)"`
	Image   string   `env:"RATES_IMAGE" type:"existingfile" placeholder:"TAR" help:"The built image, as docker save writes it. (env: $RATES_IMAGE)"`
	Reports string   `placeholder:"DIR" help:"Where the reports go. (default: reports/security of the checkout)"`
}

// Run implements the command.
func (c *runCommand) Run(ctx context.Context, std streams) (err error) {
	start := time.Now()
	if c.Reports == "" {
		c.Reports = c.reports()
	}
	if err := report.Remove(c.Reports); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "rates-gates-")
	if err != nil {
		return fmt.Errorf("make a folder to work in: %w", err)
	}
	defer func() { err = errors.Join(err, removeAll(scratch)) }()
	cfg, err := c.config(ctx, scratch)
	if err != nil {
		return err
	}
	show := newProgress(std.err, len(cfg.Scanners))
	cfg.Progress = show.event
	r, err := gate.Run(ctx, cfg)
	show.clear()
	if err != nil {
		return codeError{gate.ExitUsage, err}
	}
	if ctx.Err() != nil {
		return errors.New("interrupted; nothing is proven")
	}
	root, err := filepath.Abs(cfg.Job.Tree.Repository)
	if err != nil {
		return err
	}
	r.Project, r.Commit, r.Took = filepath.Base(root), c.commit(ctx), time.Since(start)
	return c.tell(r, std)
}

// tell writes the reports and the verdict.
func (c *runCommand) tell(r gate.Report, std streams) error {
	files, err := report.WriteAll(c.Reports, r)
	if err != nil {
		return fmt.Errorf("write the reports: %w", err)
	}
	if err := report.Text(std.out, r, textOptions(std.out)); err != nil {
		return err
	}
	for _, file := range files {
		if filepath.Ext(file) == ".html" {
			fmt.Fprintf(std.out, "\nThe whole report: %s\n", file)
		}
	}
	if !r.Verdict.Green {
		return codeError{r.Verdict.Exit, errNotGreen}
	}
	return nil
}

func (c *runCommand) config(ctx context.Context, scratch string) (cfg gate.Config, err error) {
	cfg = gate.Config{
		Scanners: scanner.All(), Profile: c.Profile, Only: c.Only, Scratch: filepath.Join(scratch, "scans"),
		Cores: runtime.NumCPU(), Now: time.Now(),
	}
	if cfg.Policy, err = c.readPolicy(); err != nil {
		return cfg, err
	}
	if cfg.Waivers, err = c.readWaivers(); err != nil {
		return cfg, err
	}
	if cfg.Aliases, err = aliases(); err != nil {
		return cfg, err
	}
	box, err := c.box()
	if err != nil {
		return cfg, err
	}
	cfg.Job = scanner.Job{
		Tool: box.Find, Run: scanner.Run, Image: c.Image,
		Databases: c.copies(),
	}
	copied := filepath.Join(scratch, "tree")
	if err := os.MkdirAll(copied, 0o750); err != nil {
		return cfg, err
	}
	if cfg.Job.Tree, err = tree.Copy(ctx, c.Project, copied); err != nil {
		return cfg, codeError{gate.ExitCouldNotRun, err}
	}
	return cfg, nil
}

// removeAll removes a folder in which tools may have left files that are not
// writable, as the Go module cache does.
func removeAll(dir string) error {
	err := os.RemoveAll(dir)
	if err == nil {
		return nil
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	_ = fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && entry.IsDir() {
			return root.Chmod(path, 0o700)
		}
		return nil
	})
	_ = root.Close() // the folder is removed
	return os.RemoveAll(dir)
}

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

	"example.com/rates/internal/cli"
	"example.com/rates/security/gate"
	"example.com/rates/security/report"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/all"
	"example.com/rates/security/tree"
)

// databases are copies of vulnerability databases, for closed networks.
type databases struct {
	GoDB    string `name:"go-database" env:"GOVULNDB" placeholder:"URL" help:"Go vulnerability database to use instead of the live one. (env: $GOVULNDB)"`
	TrivyDB string `name:"trivy-cache" env:"TRIVY_CACHE_DIR" type:"existingdir" placeholder:"DIR" help:"Cache folder of Trivy to use without the network. (env: $TRIVY_CACHE_DIR)"`
}

func (d databases) copies() scanner.Databases { return scanner.Databases{Go: d.GoDB, Trivy: d.TrivyDB} }

type runCommand struct {
	project
	databases
	zapFlags

	Only          []string `help:"Run only these gates, separated by commas." placeholder:"GATE"`
	Profile       string   `env:"RATES_GATES_PROFILE" default:"local" help:"Profile of the policy: local, ci, offline or release. (env: $RATES_GATES_PROFILE)"`
	Image         string   `env:"RATES_IMAGE" type:"existingfile" placeholder:"TAR" help:"Built image, as docker save writes it. (env: $RATES_IMAGE)"`
	ImageDigest   string   `env:"RATES_IMAGE_DIGEST" placeholder:"SHA256" help:"Digest by which the registry knows the image. (env: $RATES_IMAGE_DIGEST)"`
	ImageManifest string   `env:"RATES_IMAGE_MANIFEST" type:"existingfile" placeholder:"FILE" help:"Manifest that the registry has under that digest. (env: $RATES_IMAGE_MANIFEST)"`
	Reports       string   `placeholder:"DIR" help:"Folder for the reports. (default: reports/security of the checkout)"`
	Open          bool     `help:"Open the report in a browser."`
}

// Run implements the command.
func (c *runCommand) Run(ctx context.Context, std cli.Streams) error {
	if c.Reports == "" {
		c.Reports = c.reports()
	}
	if err := report.Remove(c.Reports); err != nil {
		return err
	}
	r, err := c.gates(ctx, std)
	if err != nil {
		return err
	}
	page, err := c.write(r, std)
	if err != nil {
		return err
	}
	if c.Open {
		if err := open(ctx, page, std); err != nil {
			fmt.Fprintf(std.Err, "gates: %v\n", err) // the verdict stands
		}
	}
	if !r.Verdict.Green {
		return ended(r.Verdict.Exit, map[int]string{
			gate.ExitFindings:        "findings without a waiver, or invalid waivers",
			gate.ExitCouldNotRun:     "a gate could not run, which proves nothing",
			gate.ExitNothingExamined: "there was nothing to examine",
		})
	}
	return nil
}

// gates runs the gates in a temporary folder, and removes it.
func (c *runCommand) gates(ctx context.Context, std cli.Streams) (r gate.Report, err error) {
	start := time.Now()
	scratch, err := os.MkdirTemp("", "rates-gates-")
	if err != nil {
		return r, fmt.Errorf("create a temporary folder: %w", err)
	}
	defer func() { err = errors.Join(err, removeAll(scratch)) }()
	cfg, err := c.config(ctx, scratch)
	if err != nil {
		return r, err
	}
	if err := c.sayNeeds(ctx, cfg, std); err != nil {
		return r, err
	}
	show := newProgress(std.Err, len(cfg.Scanners))
	cfg.Progress = func(e gate.Event) { show.event(e.Gate, e.Result != nil) }
	r, err = gate.Run(ctx, cfg)
	show.Clear()
	if ctx.Err() != nil {
		return r, ctx.Err()
	}
	if err != nil {
		return r, &cli.ExitError{Code: gate.ExitUsage, Err: err}
	}
	root, err := filepath.Abs(cfg.Job.Tree.Repository)
	if err != nil {
		return r, err
	}
	r.Project, r.Commit, r.Took = filepath.Base(root), c.commit(ctx), time.Since(start)
	return r, nil
}

// sayNeeds says what a developer's machine needs for a run of all gates.
func (c *runCommand) sayNeeds(ctx context.Context, cfg gate.Config, std cli.Streams) error {
	if c.Profile != developer || len(c.Only) > 0 {
		return nil
	}
	box, err := c.box()
	if err != nil {
		return err
	}
	needs, err := needsOf(box, c.ZAPURL != "", attempt(ctx))
	if err != nil {
		return usagef("find out what the gates need: %w", err)
	}
	sayNeeds(std.Err, needs, cfg.Policy.Profiles[c.Profile])
	return nil
}

// developer is the profile of a developer's machine.
const developer = "local"

// write writes the verdict and the reports, and returns the path of the page. If one
// cannot be written, no report is left, because their verdict must be that of the
// exit code.
func (c *runCommand) write(r gate.Report, std cli.Streams) (page string, err error) {
	reports, err := report.Stage(c.Reports, r)
	if err != nil {
		return "", err
	}
	if err := report.Text(std.Out, r, coloured(std.Out)); err != nil {
		return "", errors.Join(fmt.Errorf("write the verdict: %w", err), reports.Discard())
	}
	files, err := reports.Publish()
	if err != nil {
		return "", err
	}
	for _, file := range files {
		if filepath.Ext(file) == ".html" {
			page = file
		}
	}
	if _, err := fmt.Fprintf(std.Out, "\nFull report: %s\n", page); err != nil {
		return "", errors.Join(err, report.Remove(c.Reports))
	}
	return page, nil
}

func (c *runCommand) config(ctx context.Context, scratch string) (cfg gate.Config, err error) {
	cfg = gate.Config{
		Profile: c.Profile, Only: c.Only, Scratch: filepath.Join(scratch, "scans"),
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
	cfg.Scanners = all.Gates(cfg.Policy.Order)
	cfg.Job = scanner.Job{
		Tool: c.tools(box), Run: scanner.Run,
		Image:     scanner.Image{Tar: c.Image, Digest: c.ImageDigest, Manifest: c.ImageManifest},
		Databases: c.copies(), Rules: scanner.Rules{Policy: c.Policy, Pins: c.Pins},
	}
	if cfg.Job.ZAP, err = c.settings(); err != nil {
		return cfg, err
	}
	copied := filepath.Join(scratch, "tree")
	if err := os.MkdirAll(copied, 0o750); err != nil {
		return cfg, err
	}
	if cfg.Job.Tree, err = tree.Copy(ctx, c.Project, copied); err != nil {
		return cfg, err
	}
	return cfg, nil
}

// removeAll removes a folder, even if tools left read-only folders in it, as the
// Go module cache does.
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

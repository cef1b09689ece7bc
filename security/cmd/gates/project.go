package main

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
	"example.com/rates/security/git"
	"example.com/rates/security/report"
	"example.com/rates/security/scanner/all"
	"example.com/rates/security/toolbox"
	"example.com/rates/security/waiver"
)

// project is the checkout that is examined, with its rules.
type project struct {
	Project string `name:"project" default:"." type:"existingdir" placeholder:"DIR" help:"Checkout to examine."`
	Policy  string `name:"policy" placeholder:"FILE" help:"Policy of the gates. (default: security/policy.yaml of the checkout)"`
	Waive   string `name:"waivers" placeholder:"FILE" help:"Waivers. (default: security/waivers.yaml of the checkout)"`
	Pins    string `name:"pins" placeholder:"DIR" help:"Folder of the pinned tools. (default: security/tools of the checkout)"`
}

// AfterApply sets the default paths.
func (p *project) AfterApply() error { //nolint:unparam // Kong requires this signature
	for path, below := range map[*string]string{&p.Policy: "policy.yaml", &p.Waive: "waivers.yaml", &p.Pins: "tools"} {
		if *path == "" {
			*path = filepath.Join(p.Project, "security", below)
		}
	}
	return nil
}

// reports returns the folder of the reports.
func (p *project) reports() string { return filepath.Join(p.Project, "reports", "security") }

// lastReport reads the report of the last run.
func (p *project) lastReport() (gate.Report, error) {
	file, err := os.Open(filepath.Join(p.reports(), "report.json"))
	if err != nil {
		return gate.Report{}, err
	}
	defer func() { _ = file.Close() }() // it was only read
	return report.ReadJSON(file)
}

func (p *project) box() (toolbox.Box, error) { return toolbox.New(p.Pins) }

func (p *project) readPolicy() (gate.Policy, error) {
	file, err := os.Open(p.Policy)
	if errors.Is(err, fs.ErrNotExist) {
		return gate.Policy{}, usagef("there is no %s; run gates at the root of the checkout, or give its path with --project", p.Policy)
	}
	if err != nil {
		return gate.Policy{}, usagef("open the policy: %w", err)
	}
	defer func() { _ = file.Close() }() // it was only read
	policy, err := gate.ParsePolicy(file, all.Names())
	if err != nil {
		return gate.Policy{}, usagef("%s: %w", p.Policy, err)
	}
	return policy, nil
}

func (p *project) readWaivers() (waiver.List, error) {
	file, err := os.Open(p.Waive)
	if errors.Is(err, fs.ErrNotExist) {
		return waiver.List{}, nil
	}
	if err != nil {
		return waiver.List{}, usagef("open the waivers: %w", err)
	}
	return parseWaivers(file, p.Waive)
}

func parseWaivers(file io.ReadCloser, name string) (waiver.List, error) {
	defer func() { _ = file.Close() }() // it was only read
	list, err := waiver.Parse(file)
	if err != nil {
		return waiver.List{}, usagef("%s: %w", name, err)
	}
	return list, nil
}

// commit describes the state of the checkout.
func (p *project) commit(ctx context.Context) string {
	repo, err := git.Find(p.Project)
	if err != nil {
		return "no commit yet"
	}
	name, err := repo.Run(ctx, "describe", "--always", "--abbrev=12", "--dirty=+changes", "--exclude=*")
	if err != nil {
		return "no commit yet"
	}
	return strings.TrimSpace(name)
}

// aliases returns the known names of equal rules.
func aliases() (finding.Aliases, error) { return finding.KnownAliases() }

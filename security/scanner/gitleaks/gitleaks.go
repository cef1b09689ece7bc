// Package gitleaks is the gate that looks for secrets with gitleaks and with
// package password: in the files of the tree, and in everything that the branches,
// tags, notes and stashes of the repository lead to.
package gitleaks

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/rates/security/scanner"
	"example.com/rates/security/tree"
)

// New returns the gate.
func New() scanner.Scanner {
	return scanner.Gate{
		ID: "gitleaks", About: "secrets in the tree and in the history", Unit: "commits",
		Inputs: func(t tree.Tree) []string { return t.Files }, NoInputs: "the repository holds no files",
		Obeys: []scanner.Obeyed{{
			Tool: "gitleaks", Settings: []string{".gitleaks.toml", ".gitleaksignore", ".betterleaks.toml", ".betterleaksignore"}, Marks: allowed,
		}},
		Examine: examine,
	}
}

// allowed finds what gitleaks obeys anywhere in a line. The class keeps this
// line from being a finding.
var allowed = scanner.Lines("leaks:", `\b(gitleaks|betterleaks)[:]allow\b`)

func examine(ctx context.Context, s *scanner.Scan) error {
	past, err := readHistory(ctx, s)
	if err != nil {
		return err
	}
	if past.Commits == 0 {
		return scanner.Errorf(scanner.NothingExamined, "the history has no commits")
	}
	s.Outcome.Examined.Count = past.Commits
	known := newWindows()
	now, err := newCorpus(filepath.Join(s.Job.Scratch, "tree", textsDir), known, true)
	if err != nil {
		return err
	}
	if err := addTree(s, now); err != nil {
		return err
	}
	hits, err := now.scan(ctx, s)
	if err != nil {
		return err
	}
	before, err := newCorpus(filepath.Join(s.Job.Scratch, "history", textsDir), known, false)
	if err != nil {
		return err
	}
	first := &origins{wanted: hits}
	if err := past.addTo(ctx, before, first); err != nil {
		return err
	}
	older, err := before.scan(ctx, s)
	if err != nil {
		return err
	}
	s.Found(findings(hits)...)
	s.Found(findings(distinct(slices.Concat(first.found, past.everywhere(older))))...)
	s.Found(slices.Concat(closed(now.unopened), closed(before.unopened))...)
	s.Note("%d texts of the tree examined; %d of the history that the tree does not have, with the messages of commits and tags", len(now.origins), len(before.origins))
	return nil
}

// addTree adds the files of the tree.
func addTree(s *scanner.Scan, c *corpus) error {
	for _, name := range s.Files {
		info, err := os.Lstat(s.Job.Tree.Path(name))
		if err != nil {
			return fmt.Errorf("prepare gitleaks: %w", err)
		}
		if !info.Mode().IsRegular() {
			continue // a link has no contents of its own
		}
		content, err := os.ReadFile(s.Job.Tree.Path(name))
		if err != nil {
			return fmt.Errorf("prepare gitleaks: %w", err)
		}
		s.Found(archive(name, content)...)
		if _, err := c.add(origin{path: name}, content); err != nil {
			return err
		}
	}
	return nil
}

// rules are the tool's own. If no configuration were named, gitleaks would obey
// a .gitleaks.toml in the tree.
const rules = "[extend]\nuseDefault = true\n"

// textsDir is the folder that gitleaks examines.
const textsDir = "texts"

// scan runs gitleaks on the texts and returns all secrets in them.
func (c *corpus) scan(ctx context.Context, s *scanner.Scan) ([]hit, error) {
	if len(c.origins) == 0 {
		return nil, nil
	}
	config, err := s.Write("gitleaks-rules-of-the-gate.toml", rules)
	if err != nil {
		return nil, err
	}
	r, err := run(ctx, s, command(config, filepath.Dir(c.dir)))
	if err != nil {
		return nil, err
	}
	if err := r.log.account(slices.Sorted(maps.Keys(c.origins))); err != nil {
		return nil, err
	}
	hits, err := c.found(r.leaks)
	if err != nil {
		return nil, scanner.Errorf(scanner.BadOutput, "%w", err)
	}
	return hits, nil
}

// foundLeaks is the exit code that gitleaks is set to use for secrets. Its
// default, 1, also means failure.
const foundLeaks = 10

func command(config, dir string) scanner.Command {
	// Collecting garbage less often saves a sixth of the time of gitleaks.
	return scanner.Command{Dir: dir, Exits: []int{0, foundLeaks}, Env: []string{"GOGC=400"}, Args: []string{
		"dir", "--config", config, "--ignore-gitleaks-allow", "--gitleaks-ignore-path", os.DevNull, "--redact", "--exit-code", fmt.Sprint(foundLeaks),
		"--report-format", "json", "--report-path", "-", "--no-banner", "--no-color", "--log-level", "trace", textsDir,
	}}
}

func run(ctx context.Context, s *scanner.Scan, cmd scanner.Command) (report, error) {
	out, err := s.Run(ctx, cmd)
	if e, ok := errors.AsType[*scanner.Error](err); ok && e.Kind == scanner.ToolFailed {
		// The log may hold a secret.
		return report{}, scanner.Errorf(scanner.ToolFailed, "gitleaks ended with code %d: %s", out.Exit, strings.Join(complaints(out.Stderr), "; "))
	}
	if err != nil {
		return report{}, err
	}
	return parse(out)
}

// Package gitleaks is the gate that looks for secrets with gitleaks: in every
// commit that leads to the one that is checked out, and in the files of the
// tree. Other branches are examined in their own runs, so a commit has the same
// result everywhere.
package gitleaks

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/tree"
)

// New returns the gate.
func New() scanner.Scanner {
	return scanner.Gate{
		ID: "gitleaks", About: "secrets in the history of this commit and in the tree", Unit: "commits",
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
	if past.commits == 0 {
		return scanner.Errorf(scanner.NothingExamined, "no commit of the history adds a line")
	}
	s.Outcome.Examined.Count = past.commits
	work, err := prepare(s)
	if err != nil {
		return err
	}
	history, err := run(ctx, s, command(work.config, work.empty, past.env(), "git", ".", "--platform", "none",
		"--log-opts", strings.Join(slices.Concat(historyOptions, []string{"--pretty=medium"}, historyCommits), " ")))
	if err != nil {
		return err
	}
	if history.log.commits != past.commits {
		return scanner.Errorf(scanner.BadOutput, "gitleaks read %d commits; git knows %d that change text", history.log.commits, past.commits)
	}
	files, err := run(ctx, s, command(work.config, s.Job.Scratch, nil, "dir", filesDir, "--log-level", "trace"))
	if err != nil {
		return err
	}
	if err := files.log.account(work.copied); err != nil {
		return err
	}
	if err := renamed(ctx, s, work, &files); err != nil {
		return err
	}
	s.Outcome.Notes = files.log.notes()
	s.Found(slices.Concat(findings(files.leaks), findings(history.leaks), files.log.unopened(), inUTF16(s.Job.Tree, work.copied))...)
	return nil
}

// rules are the tool's own. If no configuration were named, gitleaks would obey
// a .gitleaks.toml in the tree.
const rules = "[extend]\nuseDefault = true\n"

// workspace is the files that the scans work with.
type workspace struct {
	config string
	empty  string   // an empty folder
	again  string   // a folder for a second scan
	copied []string // names of the files of the tree below filesDir/treeDir
}

// treeDir is the folder within the one that is examined. A .gitleaksignore in
// the latter cannot be switched off; the tree's own lies one folder deeper,
// where it is a file like any other.
const (
	filesDir = "files"
	treeDir  = "tree"
)

func prepare(s *scanner.Scan) (w workspace, err error) {
	if w.config, err = s.Write("gitleaks-rules-of-the-gate.toml", rules); err != nil {
		return w, err
	}
	if w.empty, err = s.Folder("empty"); err != nil {
		return w, err
	}
	w.again = filepath.Join(s.Job.Scratch, "again")
	for _, name := range s.Files {
		info, err := os.Lstat(s.Job.Tree.Path(name))
		if err != nil {
			return w, fmt.Errorf("prepare gitleaks: %w", err)
		}
		if info.Mode().IsRegular() { // a link has no contents of its own
			w.copied = append(w.copied, name)
		}
	}
	if err := s.Job.Tree.CopyInto(filepath.Join(s.Job.Scratch, filesDir, treeDir), w.copied); err != nil {
		return w, fmt.Errorf("prepare gitleaks: %w", err)
	}
	return w, nil
}

// foundLeaks is the exit code that gitleaks is set to use for secrets. Its
// default, 1, also means failure.
const foundLeaks = 10

func command(config, dir string, env []string, mode, source string, more ...string) scanner.Command {
	args := []string{
		mode, "--config", config, "--ignore-gitleaks-allow", "--gitleaks-ignore-path", os.DevNull, "--redact", "--exit-code", fmt.Sprint(foundLeaks),
		"--report-format", "json", "--report-path", "-", "--no-banner", "--no-color",
	}
	return scanner.Command{Args: append(append(args, more...), source), Dir: dir, Env: env, Exits: []int{0, foundLeaks}}
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

func findings(leaks []leak) []finding.Finding {
	leaks = slices.Clone(leaks)
	slices.SortFunc(leaks, leak.compare) // gitleaks lists them in any order
	var found []finding.Finding
	for _, l := range leaks {
		f := finding.Finding{
			Rule: l.RuleID, Severity: finding.Unknown, // gitleaks gives none
			Message: fmt.Sprintf("This looks like a secret (%s).", l.RuleID),
			Help:    "Revoke it where it was issued: everyone with a copy of the repository has it. Then remove it from the file.",
			File:    inTree(l.File), Secret: true,
		}
		if l.Commit == "" {
			f.Line, f.EndLine = l.StartLine, l.EndLine
		} else {
			const short = 12
			f.Resource = "commit " + l.Commit
			f.Message = fmt.Sprintf("Commit %.*s added what looks like a secret (%s), in line %d.", short, l.Commit, l.RuleID, l.StartLine)
			f.Help = "Revoke it where it was issued: everyone with a copy of the repository has it. Removing the file is not enough, because the history keeps it."
		}
		found = append(found, f)
	}
	return found
}

// inTree turns a name in the examined folder into one in the tree.
func inTree(name string) string { return strings.TrimPrefix(name, filesDir+"/"+treeDir+"/") }

package gitleaks

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"example.com/rates/security/scanner"
)

// history is the commits that lead to the one checked out.
type history struct {
	dir     string // git's own folder
	commits int    // that change text
}

// historyOptions make git show everything that commits add, whatever the
// settings of the repository or a .gitattributes in it say: the first commit,
// changes in a merge, files marked as binary, links that became files. Nothing
// is shown as a renaming.
var historyOptions = []string{
	"--full-history", "--root", "--remerge-diff", "--text", "--no-renames", "--no-ext-diff", "--no-textconv",
	"--submodule=short", "--no-color", "--src-prefix=a/", "--dst-prefix=b/", "--date=default",
	"--no-notes", "--no-decorate", "--no-abbrev-commit", "--no-show-signature", "--diff-filter=d",
}

// historyCommits are the commits that git shows.
var historyCommits = []string{"HEAD", "--"}

// env makes git read this history without the settings of the user or the
// machine, and without replaced or grafted commits.
func (h history) env() []string {
	return []string{
		"GIT_DIR=" + h.dir, "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_ATTR_NOSYSTEM=1",
		"GIT_NO_REPLACE_OBJECTS=1", "GIT_GRAFT_FILE=" + filepath.Join(h.dir, "no-such-file"), "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0",
	}
}

// readHistory finds the history of the repository and counts its commits. The
// error is a *scanner.Error: a shallow clone, for example, lacks most of its
// history.
func readHistory(ctx context.Context, s *scanner.Scan) (history, error) {
	program, err := exec.LookPath("git")
	if err != nil {
		return history{}, scanner.Errorf(scanner.ToolMissing, "git is missing; install it")
	}
	out, err := runGit(ctx, s, scanner.Command{
		Path: program, Args: []string{"rev-parse", "--is-shallow-repository", "--absolute-git-dir"}, Dir: s.Job.Tree.Repository,
	})
	if err != nil {
		return history{}, err
	}
	shallow, dir, ok := strings.Cut(string(out), "\n")
	dir, ended := strings.CutSuffix(dir, "\n")
	switch {
	case !ok || !ended || !filepath.IsAbs(dir):
		return history{}, scanner.Errorf(scanner.BadOutput, "git rev-parse did not print the folder of the repository, but %s", scanner.Describe(out))
	case shallow != "false":
		return history{}, scanner.Errorf(scanner.ShallowHistory, "this is a shallow clone, without the commits that may hold secrets; run: git fetch --unshallow")
	}
	h := history{dir: dir}
	out, err = runGit(ctx, s, scanner.Command{
		Path: program, Args: slices.Concat([]string{"log"}, historyOptions, []string{"--format=%H", "--numstat"}, historyCommits),
		Dir: s.Job.Scratch, Env: h.env(),
	})
	if err != nil {
		return history{}, err
	}
	h.commits, err = changingText(out)
	return h, err
}

// runGit runs git. If it fails, the error says that the history cannot be read.
func runGit(ctx context.Context, s *scanner.Scan, cmd scanner.Command) ([]byte, error) {
	out, err := s.Run(ctx, cmd)
	if e, ok := errors.AsType[*scanner.Error](err); ok && e.Kind == scanner.ToolFailed {
		return nil, scanner.Errorf(scanner.InputUnavailable, "the history cannot be read: %w", err)
	}
	return out.Stdout, err
}

var (
	commitLine  = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)
	numstatLine = regexp.MustCompile(`^(\d+|-)\t(\d+|-)\t.`)
)

// changingText counts the commits that add or remove a line of a file, in the
// output of git log --format=%H --numstat. A file with NUL bytes has the counts
// "-", even with --text.
func changingText(log []byte) (int, error) {
	commits, counted, first := 0, true, true
	for line := range bytes.Lines(log) {
		text := bytes.TrimSuffix(line, []byte("\n"))
		stat := numstatLine.FindSubmatch(text)
		switch {
		case len(text) == len(line):
			return 0, scanner.Errorf(scanner.BadOutput, "git stopped in the middle of a line: %s", scanner.Describe(line))
		case len(text) == 0:
		case commitLine.Match(text):
			counted, first = false, false
		case stat == nil || first:
			return 0, scanner.Errorf(scanner.BadOutput, "git printed neither a commit nor a change: %s", scanner.Describe(line))
		case !counted && (string(stat[1]) != "0" || string(stat[2]) != "0"):
			commits++
			counted = true
		}
	}
	return commits, nil
}

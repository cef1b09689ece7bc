package scanner

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// history is what git says of the commits that lead to the one checked out.
type history struct {
	dir      string // git's own folder
	commits  int    // that change text
	commands []string
}

// historyOptions make git show all that commits add, whatever the settings of
// the repository or .gitattributes in it say: the first commit too, what was
// slipped into a merge, files that are marked as binary, links that became
// files. Nothing is shown as the renaming of something else.
var historyOptions = []string{
	"--full-history", "--root", "--remerge-diff", "--text", "--no-renames", "--no-ext-diff", "--no-textconv",
	"--submodule=short", "--no-color", "--src-prefix=a/", "--dst-prefix=b/", "--date=default",
	"--no-notes", "--no-decorate", "--no-abbrev-commit", "--no-show-signature", "--diff-filter=d",
}

// historyCommits are the commits that are meant.
var historyCommits = []string{"HEAD", "--"}

// env makes git look at the history, and nothing turn its look aside: no
// settings of the user's or the machine's, no replaced or grafted commits.
func (h history) env() []string {
	return []string{
		"GIT_DIR=" + h.dir, "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1", "GIT_ATTR_NOSYSTEM=1",
		"GIT_NO_REPLACE_OBJECTS=1", "GIT_GRAFT_FILE=" + filepath.Join(h.dir, "no-such-file"), "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0",
	}
}

// readHistory finds the history of the repository and counts its commits. The
// error is an *Error: a shallow clone has none to speak of.
func readHistory(ctx context.Context, job Job) (history, error) {
	program, err := exec.LookPath("git")
	if err != nil {
		return history{}, Errorf(ToolMissing, "git is not there; install it")
	}
	where := Command{
		Path: program, Args: []string{"rev-parse", "--is-shallow-repository", "--absolute-git-dir"}, Dir: job.Tree.Repository,
	}
	out, err := runGit(ctx, job, where)
	if err != nil {
		return history{}, err
	}
	shallow, dir, ok := strings.Cut(string(out), "\n")
	dir, ended := strings.CutSuffix(dir, "\n")
	switch {
	case !ok || !ended || !filepath.IsAbs(dir):
		return history{}, Errorf(BadOutput, "git was asked where its folder is, and said %s", describe(out))
	case shallow != "false":
		return history{}, Errorf(ShallowHistory, "this is a shallow clone, without the commits that may hold secrets; run: git fetch --unshallow")
	}
	h := history{dir: dir}
	count := Command{
		Path: program, Args: slices.Concat([]string{"log"}, historyOptions, []string{"--format=%H", "--numstat"}, historyCommits), Dir: job.Scratch, Env: h.env(),
	}
	if out, err = runGit(ctx, job, count); err != nil {
		return history{}, err
	}
	h.commands = []string{job.typed(where), job.typed(count)}
	h.commits, err = changingText(out)
	return h, err
}

// runGit runs git. What it fails at is the repository.
func runGit(ctx context.Context, job Job, cmd Command) ([]byte, error) {
	out, err := job.Run(ctx, cmd)
	if e, ok := errors.AsType[*Error](err); ok && e.Kind == ToolFailed {
		return nil, Errorf(InputUnavailable, "the history cannot be read: %w", err)
	}
	return out.Stdout, err
}

var (
	commitLine  = regexp.MustCompile(`^[0-9a-f]{40}([0-9a-f]{24})?$`)
	numstatLine = regexp.MustCompile(`^(\d+|-)\t(\d+|-)\t.`)
)

// changingText counts the commits that add or remove a line of a file, in what
// git log --format=%H --numstat prints. For a file with NUL bytes that is "-",
// even with --text.
func changingText(log []byte) (int, error) {
	commits, counted, first := 0, true, true
	for line := range bytes.Lines(log) {
		text := bytes.TrimSuffix(line, []byte("\n"))
		stat := numstatLine.FindSubmatch(text)
		switch {
		case len(text) == len(line):
			return 0, Errorf(BadOutput, "git stopped in the middle of a line: %s", describe(line))
		case len(text) == 0:
		case commitLine.Match(text):
			counted, first = false, false
		case stat == nil || first:
			return 0, Errorf(BadOutput, "git lists neither a commit nor a change: %s", describe(line))
		case !counted && (string(stat[1]) != "0" || string(stat[2]) != "0"):
			commits++
			counted = true
		}
	}
	return commits, nil
}

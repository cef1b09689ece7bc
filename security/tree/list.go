package tree

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"example.com/rates/security/git"
)

// list returns the files of the work tree, sorted, and those that are ignored.
func list(ctx context.Context, repo git.Repository) (names, ignored []string, err error) {
	tracked, err := listTracked(ctx, repo)
	if err != nil {
		return nil, nil, err
	}
	out, err := repo.Run(ctx, "ls-files", "-z", "--others")
	if err != nil {
		return nil, nil, err
	}
	others := strings.FieldsFunc(out, func(r rune) bool { return r == 0 })
	hidden, err := findIgnored(ctx, repo, tracked, others)
	if err != nil {
		return nil, nil, err
	}
	others, ignored = split(others, func(name string) bool { return hidden[name] })
	names = slices.Concat(tracked, others)
	for _, name := range names {
		if info, err := os.Lstat(filepath.Join(repo.Root, filepath.FromSlash(name))); err == nil && info.IsDir() {
			return nil, nil, fmt.Errorf("%s is a submodule or another repository, whose files no gate can examine; move them into this repository, or ignore the folder in a .gitignore", strings.TrimSuffix(name, "/"))
		}
	}
	slices.Sort(names)
	slices.Sort(ignored)
	return names, ignored, nil
}

// listTracked returns the files that git tracks, sorted. It refuses marks that
// keep git from noticing that a file is missing or changed.
func listTracked(ctx context.Context, repo git.Repository) ([]string, error) {
	out, err := repo.Run(ctx, "ls-files", "-z", "-v", "--cached")
	if err != nil {
		return nil, err
	}
	var names []string
	for entry := range strings.SplitSeq(out, "\x00") {
		tag, name, _ := strings.Cut(entry, " ")
		if name == "" {
			continue
		}
		names = append(names, name)
		const skipped = "S"
		_, err := os.Lstat(filepath.Join(repo.Root, filepath.FromSlash(name)))
		switch {
		case strings.EqualFold(tag, skipped) && errors.Is(err, fs.ErrNotExist):
			return nil, fmt.Errorf("%s is left out of this checkout, so no gate can examine it; run: git sparse-checkout disable", name)
		case strings.EqualFold(tag, skipped):
			return nil, fmt.Errorf("git is told to ignore changes of %s, so what is examined may not be what is committed; run: git update-index --no-skip-worktree %[1]s", name)
		case tag != strings.ToUpper(tag):
			return nil, fmt.Errorf("git is told to ignore changes of %s, so what is examined may not be what is committed; run: git update-index --no-assume-unchanged %[1]s", name)
		}
	}
	// In a merge with conflicts, git names a file several times.
	return slices.Compact(names), nil
}

// findIgnored returns the untracked files that a tracked .gitignore ignores. A
// pattern elsewhere, in .git/info/exclude for example, is no part of the
// repository, and nobody reviews it.
func findIgnored(ctx context.Context, repo git.Repository, tracked, others []string) (map[string]bool, error) {
	out, err := repo.RunOn(ctx, strings.Join(others, "\x00")+"\x00", "check-ignore", "-z", "-v", "--stdin")
	const none = 1
	if exit, ok := errors.AsType[*exec.ExitError](err); ok && exit.ExitCode() == none || len(others) == 0 {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	ignored := map[string]bool{}
	const fields = 4 // source, line, pattern, path
	words := strings.Split(strings.TrimSuffix(out, "\x00"), "\x00")
	if len(words)%fields != 0 {
		return nil, errors.New("git check-ignore printed half a record")
	}
	for match := range slices.Chunk(words, fields) {
		source, pattern, name := match[0], match[2], match[3]
		_, known := slices.BinarySearch(tracked, source)
		if known && path.Base(source) == ".gitignore" && !strings.HasPrefix(pattern, "!") {
			ignored[name] = true
		}
	}
	return ignored, nil
}

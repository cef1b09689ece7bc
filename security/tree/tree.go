// Package tree copies a repository for the gates to examine.
package tree

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"example.com/rates/security/git"
)

// Canaries is the one folder that a copy leaves out: the defects planted to
// test the gates. It is an exact path from the repository's root rather than a
// pattern, so that nothing else can hide behind it.
const Canaries = "security/canaries"

// Tree is a copy of the files of a work tree that git tracks, or that it neither
// tracks nor ignores. Ignored files are built or private, and never shipped.
type Tree struct {
	Dir        string   // of the copy
	Repository string   // the root of the work tree
	Files      []string // slash-separated paths in both, sorted
}

// Copy copies the work tree at repository into dir, which must be empty.
func Copy(ctx context.Context, repository, dir string) (Tree, error) {
	// Tools resolve links, and Name must recognise their paths.
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return Tree{}, fmt.Errorf("find the folder of the copy: %w", err)
	}
	root, err := git.Run(ctx, repository, nil, "rev-parse", "--show-toplevel")
	if err != nil {
		return Tree{}, fmt.Errorf("%s is not a git work tree: %w", repository, err)
	}
	root = strings.TrimSuffix(root, "\n")
	list, err := git.Run(ctx, root, nil, "ls-files", "-z", "-t", "--cached", "--others", "--exclude-standard")
	if err != nil {
		return Tree{}, fmt.Errorf("list the files of %s: %w", root, err)
	}
	var names []string
	for entry := range strings.SplitSeq(list, "\x00") {
		tag, name, _ := strings.Cut(entry, " ")
		if name == "" || within(name, Canaries) {
			continue
		}
		if err := checkedOut(root, tag, name); err != nil {
			return Tree{}, err
		}
		names = append(names, name)
	}
	slices.Sort(names)
	// In a merge with conflicts, git names a file several times.
	files, err := copyFiles(root, dir, slices.Compact(names))
	if err != nil {
		return Tree{}, fmt.Errorf("copy the repository: %w", err)
	}
	return Tree{Dir: dir, Repository: root, Files: files}, nil
}

// checkedOut refuses a name that belongs to the repository and would be missing
// from the copy. tag is that of git ls-files -t.
func checkedOut(root, tag, name string) error {
	const skipped = "S" // a sparse checkout leaves it out
	switch info, err := os.Lstat(filepath.Join(root, filepath.FromSlash(name))); {
	case errors.Is(err, fs.ErrNotExist) && tag == skipped:
		return fmt.Errorf("%s is left out of this checkout, so no gate can examine it; run: git sparse-checkout disable", name)
	case err == nil && info.IsDir():
		return fmt.Errorf("%s is a submodule or another repository, whose files no gate can examine; move them into this repository, or have git ignore the folder", strings.TrimSuffix(name, "/"))
	}
	return nil
}

// within reports whether name is below the folder.
func within(name, folder string) bool { return strings.HasPrefix(name, folder+"/") }

// Has reports whether there is a file at path or below it.
func (t Tree) Has(at string) bool {
	return slices.ContainsFunc(t.Files, func(name string) bool { return name == at || within(name, at) })
}

// Matching returns the files whose last path element matches one of the
// patterns of path.Match.
func (t Tree) Matching(patterns ...string) []string {
	var names []string
	for _, name := range t.Files {
		if slices.ContainsFunc(patterns, func(pattern string) bool {
			ok, err := path.Match(pattern, path.Base(name))
			return ok && err == nil
		}) {
			names = append(names, name)
		}
	}
	return names
}

// Below returns the names below folder, at any depth.
func Below(folder string, names []string) []string {
	return slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !within(name, folder) })
}

// GoModules returns the folders of modules with Go files of their own, "." for
// the root.
func (t Tree) GoModules() []string {
	var modules []string
	for _, mod := range t.Matching("go.mod") {
		modules = append(modules, path.Dir(mod))
	}
	holding := map[string]bool{}
	for _, name := range t.Matching("*.go") {
		holding[moduleOf(path.Dir(name), modules)] = true
	}
	return slices.DeleteFunc(modules, func(module string) bool { return !holding[module] })
}

// moduleOf returns the innermost module that holds dir.
func moduleOf(dir string, modules []string) string {
	for {
		if slices.Contains(modules, dir) || dir == "." {
			return dir
		}
		dir = path.Dir(dir)
	}
}

// Path returns the place of a file in the copy.
func (t Tree) Path(name string) string { return filepath.Join(t.Dir, filepath.FromSlash(name)) }

// Name turns a path from a tool, absolute or relative to the folder from within
// the copy, into the path in the repository. A path outside is only made
// slash-separated.
func (t Tree) Name(given, from string) string {
	given = strings.TrimPrefix(given, "file://")
	if !filepath.IsAbs(given) {
		return path.Join(from, filepath.ToSlash(given))
	}
	for _, dir := range []string{t.Dir, t.Repository} {
		if rel, err := filepath.Rel(dir, given); err == nil && filepath.IsLocal(rel) {
			return filepath.ToSlash(rel)
		}
	}
	return filepath.ToSlash(given)
}

// Line returns the text of a line, counted from 1, or "" if there is none.
func (t Tree) Line(name string, line int) string {
	lines := t.Lines(name, line, line)
	if len(lines) == 0 {
		return ""
	}
	return lines[0]
}

// Lines returns the text of the lines from first to last that exist.
func (t Tree) Lines(name string, first, last int) []string {
	// A link may lead out of the copy, to files that no report may show.
	file, err := os.OpenInRoot(t.Dir, filepath.FromSlash(name))
	if err != nil {
		return nil
	}
	defer func() { _ = file.Close() }()
	var lines []string
	const longest = 1 << 20
	scan := bufio.NewScanner(file)
	scan.Buffer(nil, longest)
	for n := 1; n <= last && scan.Scan(); n++ {
		if n >= first {
			lines = append(lines, scan.Text())
		}
	}
	return lines
}

// Package tree copies a repository for the gates to examine.
package tree

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"example.com/rates/security/git"
)

// Tree is a copy of the files of a work tree that git tracks, and of those that
// no .gitignore of the repository ignores.
type Tree struct {
	Dir        string   // of the copy
	Repository string   // the root of the work tree
	Files      []string // slash-separated paths in both, sorted
	Planted    []string // files of canaries, which the copy leaves out, sorted
	Ignored    []string // files that are there and that the copy leaves out as ignored, sorted
}

// Copy copies the work tree at repository into dir, which must be empty.
func Copy(ctx context.Context, repository, dir string) (Tree, error) {
	// Tools resolve links, and Name must recognise their paths.
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return Tree{}, fmt.Errorf("find the folder of the copy: %w", err)
	}
	repo, err := git.Find(repository)
	if err != nil {
		return Tree{}, err
	}
	names, ignored, err := list(ctx, repo)
	if err != nil {
		return Tree{}, fmt.Errorf("list the files of %s: %w", repo.Root, err)
	}
	declared, err := readCanaries(repo.Root, names)
	if err != nil {
		return Tree{}, err
	}
	names, planted := split(names, declared.hold)
	files, err := copyFiles(repo.Root, dir, names)
	if err != nil {
		return Tree{}, fmt.Errorf("copy the repository: %w", err)
	}
	return Tree{Dir: dir, Repository: repo.Root, Files: files, Planted: planted, Ignored: ignored}, nil
}

// split returns the names for which is returns false, and the others.
func split(names []string, is func(string) bool) (no, yes []string) {
	for _, name := range names {
		if is(name) {
			yes = append(yes, name)
		} else {
			no = append(no, name)
		}
	}
	return no, yes
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

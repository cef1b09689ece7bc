// Package repository_test holds the tests that are about the repository as a
// whole.
package repository_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	codeBlock = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	codeSpan  = regexp.MustCompile("`[^`\n]+`")
	link      = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	heading   = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	pathSpan  = regexp.MustCompile("^`(?:\\.\\./)*[A-Za-z0-9_.-]+/[A-Za-z0-9_./-]*`$")
	makeUse   = regexp.MustCompile(`(?m)(?:^|[\s;&])make(?: -C \S+)? ([a-z][a-z-]+)`)
	comment   = regexp.MustCompile(`(?m)(?:^| )#.*$`)
	target    = regexp.MustCompile(`(?m)^([a-z-]+):`)
	mergeMark = regexp.MustCompile(`(?m)^(<{7}|>{7}) `)
)

// A link of the documentation leads to a file, and to a heading where it names
// one.
func TestLinks(t *testing.T) {
	for _, file := range documents(t) {
		prose := codeSpan.ReplaceAllString(codeBlock.ReplaceAllString(read(t, file), ""), "")
		for _, found := range link.FindAllStringSubmatch(prose, -1) {
			to, anchor, _ := strings.Cut(found[1], "#")
			if strings.Contains(to, ":") {
				continue // another site
			}
			at := filepath.Join(filepath.Dir(file), to)
			if to == "" {
				at = file
			}
			if !exists(at) {
				t.Errorf("%s: there is no %s", file, found[1])
			} else if anchor != "" && !slices.Contains(anchors(read(t, at)), anchor) {
				t.Errorf("%s: %s has no heading %q", file, at, anchor)
			}
		}
	}
}

// No document holds the marks of a merge that was left unfinished.
func TestNoMarksOfAMerge(t *testing.T) {
	for _, file := range documents(t) {
		if mark := mergeMark.FindString(read(t, file)); mark != "" {
			t.Errorf("%s: there is a line that begins with %q", file, mark)
		}
	}
}

// A path in the prose that begins in a folder of the repository, or beside the
// document, exists.
func TestPaths(t *testing.T) {
	made := regexp.MustCompile(`^(bin|reports|deploy/compose/passwords)(/|$)`) // by a command, and not tracked
	for _, file := range documents(t) {
		for _, span := range codeSpan.FindAllString(codeBlock.ReplaceAllString(read(t, file), ""), -1) {
			path := strings.Trim(span, "`")
			if !pathSpan.MatchString(span) || made.MatchString(path) || strings.Contains(path, "NAME") {
				continue // NAME is for the reader to fill in
			}
			first, _, _ := strings.Cut(path, "/")
			beside := filepath.Join(filepath.Dir(file), path)
			if (exists(first) || exists(filepath.Join(filepath.Dir(file), first))) && !exists(path) && !exists(beside) {
				t.Errorf("%s: there is no %s", file, path)
			}
		}
	}
}

// What the documentation says to make, the Makefile makes.
func TestMakeTargets(t *testing.T) {
	var targets []string
	for _, found := range target.FindAllStringSubmatch(read(t, "Makefile"), -1) {
		targets = append(targets, found[1])
	}
	for _, file := range documents(t) {
		text := read(t, file)
		code := append(codeBlock.FindAllString(text, -1), codeSpan.FindAllString(codeBlock.ReplaceAllString(text, ""), -1)...)
		for _, one := range code {
			for _, found := range makeUse.FindAllStringSubmatch(comment.ReplaceAllString(strings.Trim(one, "`"), ""), -1) {
				if !slices.Contains(targets, found[1]) {
					t.Errorf("%s: the Makefile has no target %s", file, found[1])
				}
			}
		}
	}
}

// documents returns the Markdown files of the repository.
func documents(t *testing.T) []string {
	t.Helper()
	var files []string
	err := filepath.WalkDir(".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch name := entry.Name(); {
		case entry.IsDir() && slices.Contains([]string{".git", ".rates", ".terraform", "bin", "reports", "canaries", "testdata"}, name):
			return filepath.SkipDir
		case strings.HasSuffix(name, ".md"):
			files = append(files, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(files, "README.md") {
		t.Fatalf("found only %v", files)
	}
	return files
}

// anchors returns the names that headings are linked by.
func anchors(text string) []string {
	var names []string
	drop := regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	for _, found := range heading.FindAllStringSubmatch(codeBlock.ReplaceAllString(text, ""), -1) {
		names = append(names, strings.ReplaceAll(strings.ToLower(drop.ReplaceAllString(found[1], "")), " ", "-"))
	}
	return names
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

func read(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// The container for development has the versions that the project is built and
// checked with.
func TestDevcontainer(t *testing.T) {
	container := read(t, ".devcontainer/devcontainer.json")
	version := strings.Fields(read(t, "security/tools/terraform/host.txt"))
	if want := `"version": "` + version[len(version)-1] + `"`; !strings.Contains(container, want) {
		t.Errorf("devcontainer.json has another Terraform than %s", want)
	}
	mod := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "go.mod"))
	if want := "devcontainers/go:2.2-" + mod[1] + "-"; !strings.Contains(container, want) {
		t.Errorf("devcontainer.json has another image than %s", want)
	}
}

package scanner

import (
	"go/build"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"example.com/rates/security/tree"
)

// goFiles are the Go files of a tree that are no tests.
type goFiles struct {
	built   []string // part of a package on this system
	foreign []string // built on other systems only
	tagged  []string // built nowhere without a tag that has to be asked for
}

// goFilesOf sorts the Go files of a tree by whether the Go tool builds them.
func goFilesOf(t tree.Tree) goFiles {
	var files goFiles
	for _, name := range t.Matching("*.go") {
		switch {
		case strings.HasSuffix(name, "_test.go"):
		case buildsOn(t, name, build.Default.GOOS+"/"+build.Default.GOARCH):
			files.built = append(files.built, name)
		case slices.ContainsFunc(goSystems, func(system string) bool { return buildsOn(t, name, system) }):
			files.foreign = append(files.foreign, name)
		default:
			files.tagged = append(files.tagged, name)
		}
	}
	return files
}

// goSystems are what a build constraint may ask for without being a tag of
// the project's own.
var goSystems = strings.Fields(`linux/amd64 linux/arm64 darwin/arm64 darwin/amd64 windows/amd64 windows/arm64
	linux/386 linux/arm linux/ppc64le linux/riscv64 linux/s390x freebsd/amd64 openbsd/amd64 netbsd/amd64
	plan9/amd64 solaris/amd64 aix/ppc64 js/wasm wasip1/wasm`)

// buildsOn reports whether a file is built on a system, as GOOS/GOARCH. One whose constraints
// cannot be read is: the tool that reads it will say what is wrong.
func buildsOn(t tree.Tree, name, system string) bool {
	at := build.Default
	at.GOOS, at.GOARCH, _ = strings.Cut(system, "/")
	at.CgoEnabled, at.BuildTags = false, nil
	matches, err := at.MatchFile(filepath.Dir(t.Path(name)), path.Base(name))
	return matches || err != nil
}

// foldersOf returns the folders of files, each once.
func foldersOf(files []string) []string {
	folders := make([]string, len(files))
	for i, name := range files {
		folders[i] = path.Dir(name)
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}

// goEnv is what Go tools see beside the common variables: what they build is
// what make builds, and comes from the same cache.
func goEnv() []string { return []string{"GOFLAGS=-trimpath -buildvcs=false", "CGO_ENABLED=0"} }

// Package gofiles finds the Go files and packages of a tree, and says which of
// them the Go tool builds.
package gofiles

import (
	"go/build"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/mod/modfile"

	"example.com/rates/security/scanner"
	"example.com/rates/security/tree"
)

// Files are the Go files of a tree, without tests.
type Files struct {
	Built   []string            // part of a package on this system
	Foreign map[string][]string // built on other systems only, by one of those, as GOOS/GOARCH
	Tagged  []string            // built on no system without a tag
}

// Of sorts the Go files of a tree by whether the Go tool builds them.
func Of(t tree.Tree) Files {
	files := Files{Foreign: map[string][]string{}}
	for _, name := range t.Matching("*.go") {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if buildsOn(t, name, build.Default.GOOS+"/"+build.Default.GOARCH) {
			files.Built = append(files.Built, name)
			continue
		}
		at := slices.IndexFunc(systems, func(system string) bool { return buildsOn(t, name, system) })
		if at < 0 {
			files.Tagged = append(files.Tagged, name)
			continue
		}
		files.Foreign[systems[at]] = append(files.Foreign[systems[at]], name)
	}
	return files
}

// systems are those that a build constraint may name; other words are tags.
var systems = strings.Fields(`linux/amd64 linux/arm64 darwin/arm64 darwin/amd64 windows/amd64 windows/arm64
	linux/386 linux/arm linux/ppc64le linux/riscv64 linux/s390x freebsd/amd64 openbsd/amd64 netbsd/amd64
	plan9/amd64 solaris/amd64 aix/ppc64 js/wasm wasip1/wasm`)

// buildsOn reports whether a file is built on a system, GOOS/GOARCH. A file with
// unreadable constraints is: the tool that reads it will say what is wrong.
func buildsOn(t tree.Tree, name, system string) bool {
	at := build.Default
	at.GOOS, at.GOARCH, _ = strings.Cut(system, "/")
	at.CgoEnabled, at.BuildTags = false, nil
	matches, err := at.MatchFile(filepath.Dir(t.Path(name)), path.Base(name))
	return matches || err != nil
}

// Folders returns the folders of files, sorted, each once.
func Folders(files []string) []string {
	folders := make([]string, len(files))
	for i, name := range files {
		folders[i] = path.Dir(name)
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}

// Env returns the variables for Go tools: they build what make builds, from the
// same cache, and ignore a workspace around the copy.
func Env() []string {
	return []string{"GOFLAGS=-trimpath -buildvcs=false", "CGO_ENABLED=0", "GOWORK=off"}
}

// Module is a Go module of a tree, with the packages that ./... means in it.
type Module struct {
	Folder  string   // of its go.mod
	Path    string   // from its go.mod
	Folders []string // of its packages, as seen from the tree
	Mains   []string // those with a program
}

// ModulesOf returns the modules of a tree that hold packages. The error is a
// *scanner.Error.
func ModulesOf(t tree.Tree) ([]Module, error) {
	if work := t.Matching("go.work"); len(work) > 0 {
		return nil, scanner.Errorf(scanner.BadInput, "%s changes what is built, and each module is examined on its own; remove it, or have git ignore it", work[0])
	}
	modules := map[string]*Module{}
	for _, name := range Of(t).Built {
		folder := path.Dir(name)
		if slices.ContainsFunc(strings.Split(folder, "/"), ignoredByGo) {
			continue
		}
		root, ok := moduleFolder(folder, t.GoModules())
		if !ok {
			return nil, scanner.Errorf(scanner.BadInput, "%s is part of no Go module", name)
		}
		module := modules[root]
		if module == nil {
			content, err := os.ReadFile(t.Path(path.Join(root, "go.mod")))
			if err != nil {
				return nil, scanner.Errorf(scanner.BadInput, "read the module of %s: %w", name, err)
			}
			module = &Module{Folder: root, Path: modfile.ModulePath(content)}
			modules[root] = module
		}
		if !slices.Contains(module.Folders, folder) {
			module.Folders = append(module.Folders, folder)
		}
		file, err := parser.ParseFile(token.NewFileSet(), t.Path(name), nil, parser.PackageClauseOnly)
		if err == nil && file.Name.Name == "main" && !slices.Contains(module.Mains, folder) {
			module.Mains = append(module.Mains, folder)
		}
	}
	var found []Module
	for _, root := range slices.Sorted(maps.Keys(modules)) {
		found = append(found, *modules[root])
	}
	return found, nil
}

// ignoredByGo reports whether patterns of the Go tool ignore folders of a name.
func ignoredByGo(name string) bool {
	return name == "vendor" || name == "testdata" || name != "." && (name[0] == '.' || name[0] == '_')
}

// moduleFolder returns the innermost of the modules that contain a folder.
func moduleFolder(folder string, modules []string) (string, bool) {
	for {
		if slices.Contains(modules, folder) {
			return folder, true
		}
		if folder == "." {
			return "", false
		}
		folder = path.Dir(folder)
	}
}

package scanner

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

	"example.com/rates/security/tree"
)

// goFiles are the Go files of a tree that are no tests.
type goFiles struct {
	built   []string            // part of a package on this system
	foreign map[string][]string // built on other systems only, by one of those, as GOOS/GOARCH
	tagged  []string            // built nowhere without a tag that has to be asked for
}

// goFilesOf sorts the Go files of a tree by whether the Go tool builds them.
func goFilesOf(t tree.Tree) goFiles {
	files := goFiles{foreign: map[string][]string{}}
	for _, name := range t.Matching("*.go") {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		if buildsOn(t, name, build.Default.GOOS+"/"+build.Default.GOARCH) {
			files.built = append(files.built, name)
			continue
		}
		at := slices.IndexFunc(goSystems, func(system string) bool { return buildsOn(t, name, system) })
		if at < 0 {
			files.tagged = append(files.tagged, name)
			continue
		}
		files.foreign[goSystems[at]] = append(files.foreign[goSystems[at]], name)
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
// what make builds, and comes from the same cache. No workspace around the
// copy has a say.
func goEnv() []string {
	return []string{"GOFLAGS=-trimpath -buildvcs=false", "CGO_ENABLED=0", "GOWORK=off"}
}

// goPackages are the folders of one module with packages that a pattern such
// as ./... means.
type goPackages struct {
	module  string   // the module's folder
	path    string   // the module's path, from its go.mod
	folders []string // as seen from the tree
	mains   []string // those with a program
}

// goPackagesOf returns the packages of each module of a tree. The error is an
// *Error.
func goPackagesOf(t tree.Tree) ([]goPackages, error) {
	if work := t.Matching("go.work"); len(work) > 0 {
		return nil, Errorf(BadInput, "%s changes what is built, and each module is examined for itself; remove it, or have git ignore it", work[0])
	}
	modules := map[string]*goPackages{}
	for _, name := range goFilesOf(t).built {
		folder := path.Dir(name)
		if slices.ContainsFunc(strings.Split(folder, "/"), leftOutByGo) {
			continue
		}
		root, ok := moduleFolder(folder, t.GoModules())
		if !ok {
			return nil, Errorf(BadInput, "%s is part of no Go module", name)
		}
		module := modules[root]
		if module == nil {
			content, err := os.ReadFile(t.Path(path.Join(root, "go.mod")))
			if err != nil {
				return nil, Errorf(BadInput, "read the module of %s: %w", name, err)
			}
			module = &goPackages{module: root, path: modfile.ModulePath(content)}
			modules[root] = module
		}
		if !slices.Contains(module.folders, folder) {
			module.folders = append(module.folders, folder)
		}
		file, err := parser.ParseFile(token.NewFileSet(), t.Path(name), nil, parser.PackageClauseOnly)
		if err == nil && file.Name.Name == "main" && !slices.Contains(module.mains, folder) {
			module.mains = append(module.mains, folder)
		}
	}
	var packages []goPackages
	for _, root := range slices.Sorted(maps.Keys(modules)) {
		packages = append(packages, *modules[root])
	}
	return packages, nil
}

// leftOutByGo reports whether the Go tool leaves folders of a name out of
// patterns.
func leftOutByGo(name string) bool {
	return name == "vendor" || name == "testdata" || name != "." && (name[0] == '.' || name[0] == '_')
}

// moduleFolder returns the innermost of the modules that a folder lies in.
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

package terraform

import (
	"maps"
	"path"
	"slices"

	"example.com/rates/security/tree"
)

// Files returns the files that Terraform reads as configuration.
func Files(t tree.Tree) []string { return t.Matching("*.tf", "*.tf.json") }

// Roots returns the folders that hold configuration, without the modules that
// others of them call: these are planned with their callers.
func Roots(t tree.Tree) []string {
	calls := map[string][]string{} // by folder: the modules that it calls
	called := map[string]bool{}
	for _, file := range Files(t) {
		dir := path.Dir(file)
		calls[dir] = append(calls[dir], modulesOf(t, file)...)
		for _, module := range calls[dir] {
			called[module] = true
		}
	}
	var roots []string
	planned := map[string]bool{}
	folders := slices.Sorted(maps.Keys(calls))
	for _, all := range []bool{false, true} { // then what only calls itself in a circle
		for _, dir := range folders {
			if !planned[dir] && (all || !called[dir]) {
				roots = append(roots, dir)
				reach(dir, calls, planned)
			}
		}
	}
	slices.Sort(roots)
	return roots
}

// reach notes a folder and all modules below it.
func reach(dir string, calls map[string][]string, planned map[string]bool) {
	if planned[dir] {
		return
	}
	planned[dir] = true
	for _, module := range calls[dir] {
		reach(module, calls, planned)
	}
}

// Modules returns a root and the modules of the repository below it.
func Modules(t tree.Tree, root string) []string {
	calls, planned := map[string][]string{}, map[string]bool{}
	for _, file := range Files(t) {
		calls[path.Dir(file)] = append(calls[path.Dir(file)], modulesOf(t, file)...)
	}
	reach(root, calls, planned)
	return slices.Sorted(maps.Keys(planned))
}

// modulesOf returns the modules that a file calls, none if it does not parse, which
// Terraform reports.
func modulesOf(t tree.Tree, file string) []string {
	body, err := ReadFile(t, file)
	if err != nil {
		return nil
	}
	var modules []string
	for _, b := range Blocks(file, body) {
		if dir := b.LocalModule(); b.Kind == "module" && dir != "" {
			modules = append(modules, dir)
		}
	}
	return modules
}

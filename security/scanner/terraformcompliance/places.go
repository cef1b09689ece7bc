package terraformcompliance

import (
	"path"
	"regexp"
	"strings"

	"example.com/rates/security/scanner/terraform"
	"example.com/rates/security/tree"
)

// places finds the blocks that declare the resources of a root and of the modules
// below it.
type places struct {
	root    string
	modules map[string][]terraform.Block // by folder
}

// readPlaces reads a root and the modules of the repository below it.
func readPlaces(t tree.Tree, root string) (places, error) {
	p := places{root: root, modules: map[string][]terraform.Block{}}
	for _, dir := range terraform.Modules(t, root) {
		blocks, err := terraform.ReadModule(t, dir)
		if err != nil {
			return places{}, err
		}
		p.modules[dir] = blocks
	}
	return p, nil
}

// index matches the key of one of several resources or modules.
var index = regexp.MustCompile(`\["(?:[^"\\]|\\.)*"\]|\[[^\]]*\]`)

// of returns the block that declares a resource, by its address in a plan. It is
// the zero Block for one of a module from elsewhere.
func (p places) of(address string) terraform.Block {
	parts := strings.Split(index.ReplaceAllString(address, ""), ".")
	dir := p.root
	for len(parts) > 2 && parts[0] == "module" {
		call := p.find(dir, "module", parts[1])
		if dir = call.LocalModule(); dir == "" {
			return call // at least the call has a place
		}
		parts = parts[2:]
	}
	kind := "resource"
	if parts[0] == "data" {
		kind, parts = "data", parts[1:]
	}
	return p.find(dir, kind, strings.Join(parts, "."))
}

func (p places) find(dir, kind, name string) terraform.Block {
	for _, b := range p.modules[dir] {
		if b.Kind == kind && b.Name() == name {
			return b
		}
	}
	return terraform.Block{File: path.Join(dir, "main.tf")}
}

// ofType returns the first block that declares a resource of the type.
func (p places) ofType(kind string) (terraform.Block, bool) {
	for _, dir := range append([]string{p.root}, sortedKeys(p.modules)...) {
		for _, b := range p.modules[dir] {
			if b.Kind == "resource" && b.Type() == kind {
				return b, true
			}
		}
	}
	return terraform.Block{}, false
}

package terraform

import (
	"path"
	"regexp"
	"slices"

	"example.com/rates/security/scanner"
	"example.com/rates/security/tree"
)

// Files returns the files that Terraform reads as configuration.
func Files(t tree.Tree) []string { return t.Matching("*.tf", "*.tf.json") }

// Roots returns the folders that hold configuration.
func Roots(t tree.Tree) []string {
	var roots []string
	for _, file := range Files(t) {
		roots = append(roots, path.Dir(file))
	}
	slices.Sort(roots)
	return slices.Compact(roots)
}

// Block is where a resource is declared.
type Block struct {
	Type string
	Line int
}

var resourceBlock = regexp.MustCompile(`^\s*resource\s+"?([A-Za-z0-9_-]+)"?\s+"?[A-Za-z0-9_-]+"?\s*\{`)

// Resources returns the resources that a file declares.
func Resources(t tree.Tree, file string) []Block {
	var blocks []Block
	for i, line := range scanner.LinesOf(t, file) {
		if found := resourceBlock.FindStringSubmatch(line); found != nil {
			blocks = append(blocks, Block{found[1], i + 1})
		}
	}
	return blocks
}

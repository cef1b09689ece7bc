package suppressions

import (
	"fmt"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/tree"
)

// UndeclaredCanary is the rule of findings about files that lie among the
// canaries and that no canary of a gate declares.
const UndeclaredCanary = "undeclared-canary"

// strays returns the files among the canaries that no self-test uses. All gates
// examine them, unless a declaration of no gate keeps them out.
func (g gate) strays(t tree.Tree) []finding.Finding {
	names := tree.Below(tree.Canaries, t.Files)
	for _, name := range t.Planted {
		of, _, _ := strings.Cut(strings.TrimPrefix(name, tree.Canaries+"/"), "/")
		if !slices.Contains(g.canaries, of) {
			names = append(names, name)
		}
	}
	var found []finding.Finding
	for _, name := range names {
		found = append(found, finding.Finding{
			Rule: UndeclaredCanary, Severity: finding.High, File: name,
			Message: "No canary of a gate declares this file, so no self-test needs it.",
			Help:    "Remove the file, or name its folder in a case of the " + tree.Declaration + " of its gate.",
		})
	}
	return found
}

// leftOut says which files of the work tree only the self-test examines, and which
// nothing does.
func leftOut(t tree.Tree) (notes, unseen []string) {
	if n := len(t.Planted); n > 0 {
		notes = append(notes, fmt.Sprintf("files of canaries, which only the self-test examines: %d", n))
	}
	if n := len(t.Ignored); n > 0 {
		const few = 5
		names := strings.Join(t.Ignored[:min(n, few)], ", ")
		unseen = append(unseen, fmt.Sprintf("files that a .gitignore ignores, which no gate examines: %d, such as %s", n, names))
	}
	return notes, unseen
}

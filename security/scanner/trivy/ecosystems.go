package trivy

import (
	"strings"

	"example.com/rates/security/scanner"
	"example.com/rates/security/tree"
)

// ecosystems are where packages come from, as Trivy's database names them, with the
// files that list the packages of one.
var ecosystems = []struct {
	name  string
	lists []string
}{
	{"go", []string{"go.mod"}},
	{"pip", []string{"requirements*.txt", "poetry.lock", "uv.lock", "Pipfile.lock"}},
	{"npm", []string{"package-lock.json", "yarn.lock", "pnpm-lock.yaml"}},
	{"cargo", []string{"Cargo.lock"}},
}

// unknownLists returns the lists of packages whose ecosystem has no entry in the
// database, as in a copy made for one ecosystem only. With the live database that is
// an error.
func unknownLists(t tree.Tree, cache cache) ([]string, error) {
	var unknown []string
	for _, e := range ecosystems {
		if cache.advisories.counts[e.name] == 0 {
			unknown = append(unknown, t.Matching(e.lists...)...)
		}
	}
	if len(unknown) > 0 && !cache.offline {
		return nil, scanner.Errorf(scanner.DatabaseIncomplete, "the live database of trivy is incomplete: it has no entries for the packages in %s", strings.Join(unknown, ", "))
	}
	return unknown, nil
}

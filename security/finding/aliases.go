package finding

import (
	"bytes"
	_ "embed"
	"fmt"
	"io"
	"maps"
	"slices"

	"go.yaml.in/yaml/v4"
)

//go:embed aliases.yaml
var aliasesYAML []byte

// Aliases records which names of rules of different tools mean the same rule.
type Aliases struct{ groups map[string][]string }

// KnownAliases returns the table of aliases.yaml.
func KnownAliases() (Aliases, error) {
	return ParseAliases(bytes.NewReader(aliasesYAML))
}

// ParseAliases reads a list of lists: each holds the names of one rule, the
// preferred one first.
func ParseAliases(r io.Reader) (Aliases, error) {
	var groups [][]string
	if err := yaml.NewDecoder(r).Decode(&groups); err != nil {
		return Aliases{}, fmt.Errorf("read the aliases of rules: %w", err)
	}
	a := Aliases{groups: map[string][]string{}}
	for _, group := range groups {
		for _, name := range group {
			if _, ok := a.groups[name]; ok {
				return Aliases{}, fmt.Errorf("aliases of rules: %s is in two groups", name)
			}
			a.groups[name] = group
		}
	}
	return a, nil
}

// Apply gives f the preferred name of its rule, and all others as aliases.
func (a Aliases) Apply(f *Finding) {
	names := f.Names()
	for _, name := range f.Names() {
		if group, ok := a.groups[name]; ok {
			f.Rule = group[0]
			names = append(names, group...)
			break
		}
	}
	f.Aliases = uniqueNames(names, f.Rule)
}

// Same reports whether two names mean the same rule.
func (a Aliases) Same(x, y string) bool {
	return x == y || slices.Contains(a.groups[x], y)
}

// Groups returns the names of each rule that has several.
func (a Aliases) Groups() [][]string {
	var groups [][]string
	for _, name := range slices.Sorted(maps.Keys(a.groups)) {
		if group := a.groups[name]; group[0] == name {
			groups = append(groups, group)
		}
	}
	return groups
}

package scanner

import (
	"fmt"
	"slices"
	"strings"
)

// Select returns the scanners of these names, in the order of all, or all if
// there are no names. The error names the unknown gate and those that exist.
func Select(all []Scanner, names []string) ([]Scanner, error) {
	known := make([]string, len(all))
	for i, s := range all {
		known[i] = s.Name()
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return nil, fmt.Errorf("there is no gate %q; there are %s", name, strings.Join(known, ", "))
		}
	}
	return slices.DeleteFunc(slices.Clone(all), func(s Scanner) bool {
		return len(names) > 0 && !slices.Contains(names, s.Name())
	}), nil
}

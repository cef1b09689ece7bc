package embedded

import (
	"os"
	"slices"
	"strings"
)

// Isolate removes the variables of libpq, PG…, from the environment of this
// process, and returns their names. A developer has set them for another server;
// drivers and child programs would apply them to a private one too. Call it before
// anything connects.
func Isolate() (removed []string) {
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "PG") {
			_ = os.Unsetenv(name) // the name comes from the environment, so it is valid
			removed = append(removed, name)
		}
	}
	slices.Sort(removed)
	return removed
}

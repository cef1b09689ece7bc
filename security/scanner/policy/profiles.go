package policy

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"example.com/rates/security/tree"
)

// strict are the profiles that leave nothing out. A run of one must not become a run
// of another.
const strict = `RATES_GATES_PROFILE["']?[:=] *["']?(ci|release)`

var strictProfile = regexp.MustCompile(strict)

// profiles looks for files that ran the gates with a strict profile and do no longer.
func (s *scan) profiles() error {
	before, err := s.base.grep(strict)
	if err != nil {
		return err
	}
	for name, lines := range before {
		if !runs(name) {
			continue
		}
		s.outcome.Examined.Count++
		content, err := os.ReadFile(s.job.Tree.Path(name))
		if err != nil {
			content = nil // it is gone, and so is its run
		}
		for _, profile := range []string{"ci", "release"} {
			had, has := count(strings.Join(lines, "\n"), profile), count(string(content), profile)
			if has < had {
				s.found(name, 0, "", fmt.Sprintf("it ran the gates with the profile %s, and does no longer", profile))
			}
		}
	}
	return nil
}

// runs reports whether a file may run the gates: documentation, tests and canaries do
// not.
func runs(name string) bool {
	return !strings.HasPrefix(name, tree.Canaries+"/") && !slices.ContainsFunc([]string{".md", ".go", ".feature"}, func(end string) bool { return strings.HasSuffix(name, end) })
}

// count counts the runs with a profile.
func count(text, profile string) int {
	n := 0
	for _, found := range strictProfile.FindAllStringSubmatch(text, -1) {
		if found[1] == profile {
			n++
		}
	}
	return n
}

package unread

import (
	"fmt"
	"slices"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
)

// acceptance is the files that the policy accepts, and which of its words were of use.
type acceptance struct {
	entries []scanner.Accepted
	used    map[use]bool
}

// use is a kind or a place of an entry.
type use struct {
	entry int
	word  string
}

func newAcceptance(entries []scanner.Accepted) acceptance {
	return acceptance{entries, map[use]bool{}}
}

// covers reports whether the policy accepts a file of a kind.
func (a acceptance) covers(kind, name string) bool {
	covered := false
	for i, entry := range a.entries {
		if !slices.Contains(entry.Kinds, kind) {
			continue
		}
		for _, place := range entry.In {
			if isIn(name, place) {
				a.used[use{i, place}], a.used[use{i, kind}], covered = true, true, true
			}
		}
		if len(entry.In) == 0 {
			a.used[use{i, kind}], covered = true, true
		}
	}
	return covered
}

// isIn reports whether a file is a place, or in the folder that it is.
func isIn(name, place string) bool {
	return name == place || strings.HasSuffix(place, "/") && strings.HasPrefix(name, place)
}

// empty returns a remark on each kind and place that covered no file.
func (a acceptance) empty() []finding.Finding {
	var found []finding.Finding
	for i, entry := range a.entries {
		for _, word := range slices.Concat(entry.Kinds, entry.In) {
			if !a.used[use{i, word}] {
				found = append(found, finding.Finding{
					Rule: Empty, Severity: finding.Info, File: policyFile,
					Message: fmt.Sprintf("Entry %d of accepted names %s, where there is no such file.", i+1, word),
					Help:    "Remove it, so that such a file is noticed when there is one.",
				})
			}
		}
	}
	return found
}

const policyFile = "security/policy.yaml"

func unaccepted(kind, name string, warn bool) finding.Finding {
	f := finding.Finding{
		Rule: File, Severity: finding.Medium, File: name,
		Message: fmt.Sprintf("No gate reads files of the kind %s, and the policy accepts none here.", kind),
		Help: fmt.Sprintf("Remove the file or write it in a language that a gate reads. Otherwise read it, and accept the kind %s "+
			"with its file or folder and the reason in accepted of %s.", kind, policyFile),
	}
	if warn {
		f.Severity = finding.Info
	}
	return f
}

// Package finding defines the type to which the findings of all tools are
// converted, and decides when two of them are the same.
package finding

import (
	"cmp"
	"slices"
)

// Finding is one defect at one place.
type Finding struct {
	Rule     string   `json:"rule"`              // its name, the one that Aliases prefers if it has several
	Aliases  []string `json:"aliases,omitempty"` // its other names, sorted
	Severity Severity `json:"severity"`
	Message  string   `json:"message"`        // what is wrong here
	Help     string   `json:"help,omitempty"` // what to do about it
	URL      string   `json:"url,omitempty"`  // where the rule is explained

	File     string `json:"file,omitempty"`     // slash-separated path in the repository
	Line     int    `json:"line,omitempty"`     // first line, from 1; 0 is the whole file
	EndLine  int    `json:"end_line,omitempty"` // last line, or 0
	Resource string `json:"resource,omitempty"` // address of a Terraform resource, a commit, a symbol

	Package string `json:"package,omitempty"` // of a vulnerable dependency
	Version string `json:"version,omitempty"` // that is used
	Fixed   string `json:"fixed,omitempty"`   // first version without the defect, if there is one

	Secret bool `json:"secret,omitempty"` // the place holds a secret: no report may show its text

	Witnesses   []Witness `json:"witnesses"`   // the tools that found it, sorted
	Fingerprint string    `json:"fingerprint"` // stays the same when lines above are added or removed
	Waiver      *Waiver   `json:"waiver,omitempty"`
}

// Witness is a tool that found a defect, and its own name for the rule.
type Witness struct {
	Gate string `json:"gate"`
	Rule string `json:"rule"`
}

// Waiver is an exception: a finding that has one fails no gate.
type Waiver struct {
	Reason  string `json:"reason"`
	Owner   string `json:"owner"`
	Expires string `json:"expires"` // the last day, YYYY-MM-DD
}

// Names returns all names of the rule.
func (f Finding) Names() []string { return append([]string{f.Rule}, f.Aliases...) }

// Place says where the finding is, as FILE:LINE and the resource or package.
func (f Finding) Place() string {
	place := f.File
	if f.Line > 0 {
		place = fmtLine(f.File, f.Line)
	}
	for _, more := range []string{f.Resource, packageAt(f)} {
		switch {
		case more == "":
		case place == "":
			place = more
		default:
			place += " (" + more + ")"
		}
	}
	return place
}

// Sort puts the worst first, then by file and line.
func Sort(findings []Finding) {
	slices.SortFunc(findings, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(b.Severity.counted(), a.Severity.counted()),
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Rule, b.Rule),
			cmp.Compare(a.Resource, b.Resource),
			cmp.Compare(a.Package, b.Package),
			cmp.Compare(a.Fingerprint, b.Fingerprint),
		)
	})
}

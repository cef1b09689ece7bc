package gate

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/finding"
)

func TestExcerptsShowTheLinesAroundAFindingAndNeverASecret(t *testing.T) {
	const length = 60 // lines of each file
	numbered := func(_ string, first, last int) []string {
		var lines []string
		for n := first; n <= min(last, length); n++ {
			lines = append(lines, fmt.Sprint(n))
		}
		return lines
	}
	secret := func(file string, line, end int) finding.Finding {
		return finding.Finding{File: file, Line: line, EndLine: end, Secret: true, Fingerprint: "secret"}
	}
	defect := func(line, end int) finding.Finding {
		return finding.Finding{File: "a.go", Line: line, EndLine: end, Fingerprint: "defect"}
	}
	for name, test := range map[string]struct {
		findings []finding.Finding
		want     map[string]Code
	}{
		"one line":                {[]finding.Finding{defect(10, 0)}, map[string]Code{"defect": {7, []string{"7", "8", "9", "10", "11", "12", "13"}}}},
		"several lines":           {[]finding.Finding{defect(10, 12)}, map[string]Code{"defect": {7, []string{"7", "8", "9", "10", "11", "12", "13", "14", "15"}}}},
		"at the start":            {[]finding.Finding{defect(1, 0)}, map[string]Code{"defect": {1, []string{"1", "2", "3", "4"}}}},
		"at the end":              {[]finding.Finding{defect(60, 0)}, map[string]Code{"defect": {57, []string{"57", "58", "59", "60"}}}},
		"the whole file":          {[]finding.Finding{defect(0, 0)}, map[string]Code{}},
		"a secret":                {[]finding.Finding{secret("a.go", 10, 0)}, map[string]Code{}},
		"near a secret":           {[]finding.Finding{defect(1, 0), secret("a.go", 3, 0)}, map[string]Code{"defect": {1, []string{"1", "2", HiddenLine, "4"}}}},
		"near one of two lines":   {[]finding.Finding{defect(1, 0), secret("a.go", 2, 3)}, map[string]Code{"defect": {1, []string{"1", HiddenLine, HiddenLine, "4"}}}},
		"the file is a secret":    {[]finding.Finding{defect(60, 0), secret("a.go", 0, 0)}, map[string]Code{"defect": {57, []string{HiddenLine, HiddenLine, HiddenLine, HiddenLine}}}},
		"a secret in other files": {[]finding.Finding{defect(1, 0), secret("b.go", 3, 0)}, map[string]Code{"defect": {1, []string{"1", "2", "3", "4"}}}},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, excerpts(test.findings, numbered)); diff != "" {
				t.Errorf("excerpts differ (-want +got):\n%s", diff)
			}
		})
	}
	long := excerpts([]finding.Finding{defect(1, length)}, numbered)["defect"]
	if got, want := len(long.Lines), longestShown+1+linesAround; got != want {
		t.Errorf("a finding of %d lines is shown with %d lines, want %d", length, got, want)
	}
}

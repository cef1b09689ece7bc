package trivy

import (
	"testing"

	"example.com/rates/security/finding"
)

// An advisory without a severity has that of its worst score.
func TestSeverityOfAdvisories(t *testing.T) {
	for name, test := range map[string]struct {
		v    vulnerability
		want finding.Severity
	}{
		"its own":  {vulnerability{Severity: "LOW", CVSS: map[string]score{"nvd": {V3Score: 9.8}}}, finding.Low},
		"unknown":  {vulnerability{Severity: "UNKNOWN"}, finding.Unknown},
		"a score":  {vulnerability{Severity: "UNKNOWN", CVSS: map[string]score{"nvd": {V3Score: 5.3}}}, finding.Medium},
		"version4": {vulnerability{CVSS: map[string]score{"ghsa": {V40Score: 9.3}}}, finding.Critical},
		"several":  {vulnerability{CVSS: map[string]score{"a": {V3Score: 3.1}, "b": {V3Score: 7.5}}}, finding.High},
	} {
		if got := test.v.severity(); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

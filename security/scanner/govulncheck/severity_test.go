package govulncheck

import (
	"encoding/json"
	"testing"

	"example.com/rates/security/finding"
)

// An advisory makes what is called worse, and nothing less bad than its depth.
func TestSeverityOfCalledCode(t *testing.T) {
	const critical, low = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N"
	for name, test := range map[string]struct {
		depth  finding.Severity
		vector string
		want   finding.Severity
	}{
		"called":               {called, critical, finding.Critical},
		"called, a low score":  {called, low, finding.High},
		"called, no score":     {called, "", finding.High},
		"imported":             {imported, critical, finding.Low},
		"required":             {required, critical, finding.Info},
		"called, another text": {called, "high", finding.High},
	} {
		v := vulnerability{depth: test.depth}
		if err := json.Unmarshal([]byte(`{"id":"GO-1","severity":[{"type":"CVSS_V3","score":"`+test.vector+`"}]}`), &v.osvEntry); err != nil {
			t.Fatal(err)
		}
		if got := v.severity(); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

package finding

import (
	"strings"
	"testing"
)

// The scores are those that the specification and its examples give.
func TestBaseScore(t *testing.T) {
	for vector, want := range map[string]float64{
		"AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H": 9.8,
		"AV:N/AC:L/PR:N/UI:N/S:C/C:H/I:H/A:H": 10,
		"AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H": 7.5,
		"AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N": 7.5,
		"AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N": 6.1,
		"AV:N/AC:L/PR:L/UI:N/S:C/C:L/I:L/A:N": 6.4,
		"AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N": 3.1,
		"AV:L/AC:L/PR:L/UI:N/S:U/C:H/I:H/A:H": 7.8,
		"AV:P/AC:L/PR:N/UI:N/S:U/C:N/I:H/A:N": 4.6,
		"AV:N/AC:L/PR:H/UI:N/S:C/C:H/I:H/A:H": 9.1,
		"AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N": 0,
	} {
		values := map[string]string{}
		for metric := range strings.SplitSeq(vector, "/") {
			name, value, _ := strings.Cut(metric, ":")
			values[name] = value
		}
		if got := baseScore(values); got != want {
			t.Errorf("%s is %v, want %v", vector, got, want)
		}
	}
}

func TestSeverityOfVector(t *testing.T) {
	for vector, want := range map[string]Severity{
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H":      Critical,
		"CVSS:3.0/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:H":      High,
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:R/S:C/C:L/I:L/A:N":      Medium,
		"CVSS:3.1/AV:N/AC:H/PR:N/UI:R/S:U/C:L/I:N/A:N":      Low,
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:N/I:N/A:N":      Unknown,
		"CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H":          Unknown,
		"CVSS:3.1/AV:N/AV:P/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H": Unknown,
		"CVSS:3.1/AV:X/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H":      Unknown,
		"CVSS:4.0/AV:N/AC:L/AT:N/PR:N/UI:N/VC:H/VI:H/VA:H":  Unknown,
		"AV:N/AC:L/Au:N/C:P/I:P/A:P":                        Unknown,
		"":                                                  Unknown,
	} {
		if got := SeverityOfVector(vector); got != want {
			t.Errorf("%q is %s, want %s", vector, got, want)
		}
	}
}

func FuzzSeverityOfVector(f *testing.F) {
	f.Add("CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H")
	f.Add("CVSS:3.0/AV:P/AC:H/PR:H/UI:R/S:C/C:L/I:N/A:N")
	f.Fuzz(func(t *testing.T, vector string) {
		if got := SeverityOfVector(vector); got == Info || got > Critical || got < Unknown {
			t.Errorf("%q is %v", vector, got)
		}
	})
}

package report

import (
	"bytes"
	"encoding/xml"
	"testing"

	"example.com/rates/security/gate"
	"example.com/rates/security/waiver"
)

func junitOf(t *testing.T, r gate.Report) junitSuites {
	t.Helper()
	var text bytes.Buffer
	if err := JUnit(&text, r); err != nil {
		t.Fatal(err)
	}
	var suites junitSuites
	if err := xml.Unmarshal(text.Bytes(), &suites); err != nil {
		t.Fatal(err)
	}
	return suites
}

func TestJUnitCountsWhatItHolds(t *testing.T) {
	suites := junitOf(t, sample())
	if got, want := len(suites.Suites), 1+len(sample().Gates); got != want {
		t.Errorf("there are %d suites, want %d: one a gate and the verdict", got, want)
	}
	got := suites.junitCounts
	want := junitCounts{
		Tests:    1 + len(sample().Gates) + 7, // six findings, one of them seen by two gates
		Failures: 4,                           // three findings and the verdict
		Errors:   1,
		Skipped:  1,
		Time:     "64.300",
	}
	if got != want {
		t.Errorf("the counts are %+v, want %+v", got, want)
	}
}

func TestJUnitFailsWheneverTheRunIsNotGreen(t *testing.T) {
	r := greenSample()
	if got := junitOf(t, r); got.Failures != 0 || got.Errors != 0 {
		t.Errorf("a green run has %d failures and %d errors", got.Failures, got.Errors)
	}
	r.Verdict = gate.Verdict{Exit: gate.ExitFindings, Reasons: []string{"a waiver expired"}}
	r.Waivers.Expired = []waiver.Waiver{sampleWaiver("G104", "service/app/", 1, 2)}
	if got := junitOf(t, r); got.Failures != 1 {
		t.Errorf("a run that is red by its waivers alone has %d failures, want 1", got.Failures)
	}
}

package checkov

import (
	"regexp"
	"testing"

	"example.com/rates/security/finding"
)

func TestSeverity(t *testing.T) {
	for rule, want := range map[string]finding.Severity{
		"CKV_AZURE_10": finding.High, "CKV_GHA_2": finding.High, "CKV2_GHA_1": finding.High, "CKV_DOCKER_8": finding.High, "CKV_TF_1": finding.High,
		"CKV2_AZURE_1": finding.Medium, "CKV2_AZURE_21": finding.Low, "CKV_DOCKER_2": finding.Low, "CKV_DOCKER_10": finding.Low,
		"CKV_AWS_1": finding.Unknown, "CKV_AZURE_9999": finding.Unknown, "": finding.Unknown, "iam": finding.Unknown,
	} {
		if got := severityOf(rule); got != want {
			t.Errorf("%q is %s, want %s", rule, got, want)
		}
	}
}

// Every line of the table is a known class with names of rules.
func TestEveryClassHasASeverity(t *testing.T) {
	name := regexp.MustCompile(`^CKV2?_(AZURE|DOCKER|GHA|TF)_\d+$`)
	for rule, class := range classes() {
		if severityOf(rule) == finding.Unknown || !name.MatchString(rule) {
			t.Errorf("%s of the class %q has no severity, or no name of a rule", rule, class)
		}
	}
	if n := len(classes()); n < 300 {
		t.Errorf("the table has %d rules", n)
	}
}

package terraformcompliance

import (
	"strings"
	"testing"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
)

// policyOf reads the feature of a canary.
func policyOf(tb testing.TB, canary string) []feature {
	tb.Helper()
	f, err := readFeature(scannertest.Tree(tb, "terraform-compliance/"+canary), complianceDir+"/store/store.feature")
	if err != nil {
		tb.Fatal(err)
	}
	return []feature{f}
}

// compliance reads the recorded output of terraform-compliance on a canary.
func compliance(t *testing.T, canary string, exit int) []broken {
	t.Helper()
	failed, err := parse(scanner.Output{Stdout: scannertest.Read(t, "terraform-compliance/"+canary+"/features.stdout"), Exit: exit},
		scannertest.Read(t, "terraform-compliance/"+canary+"/features.file"), policyOf(t, canary))
	if err != nil {
		t.Fatal(err)
	}
	return failed
}

func TestParseCompliance(t *testing.T) {
	made := Plan{Resources: []Resource{{Address: `terraform_data.store["archive"]`}, {Address: `terraform_data.store["orders"]`}}}
	for _, test := range []struct {
		canary, want, resource, says string
		exit                         int
	}{
		{canary: "clean"},
		{
			canary: "defect", exit: 1, resource: `terraform_data.store["orders"]`, says: "It is set to False",
			want: `store/every-store-is-encrypted high terraform/store/main.tf:1 (terraform_data.store["orders"])`,
		},
		{
			canary: "missing", exit: 1, says: "Can not find invoices",
			want: `store/stores-are-there high terraform/store/main.tf:1 (terraform_data.store["archive"])
store/stores-are-there high terraform/store/main.tf:1 (terraform_data.store["orders"])`,
		},
	} {
		t.Run(test.canary, func(t *testing.T) {
			var findings []finding.Finding
			for _, b := range compliance(t, test.canary, test.exit) {
				at, err := readPlaces(scannertest.Tree(t, "terraform-compliance/"+test.canary), "terraform/store")
				if err != nil {
					t.Fatal(err)
				}
				findings = append(findings, b.findings(judgedPlan{Root: "terraform/store", Test: "tests/store.tftest.hcl"}, made, at)...)
			}
			if got := strings.TrimSpace(scannertest.Places(findings)); got != test.want {
				t.Errorf("findings %q, want %q", got, test.want)
			}
			if len(findings) > 0 && !strings.Contains(findings[0].Message, test.says) {
				t.Errorf("message %q, want it to say %q", findings[0].Message, test.says)
			}
		})
	}
}

// Each way in which the tool could pass without checking is an error.
func TestParseComplianceRefusesContradictions(t *testing.T) {
	features := policyOf(t, "clean")
	stdout, result := string(scannertest.Read(t, "terraform-compliance/clean/features.stdout")), string(scannertest.Read(t, "terraform-compliance/clean/features.file"))
	change := func(text, old, with string) string {
		if !strings.Contains(text, old) {
			t.Fatalf("the recording has no %s", old)
		}
		return strings.Replace(text, old, with, 1)
	}
	for title, tt := range map[string]struct {
		stdout, result string
		exit           int
		kind           scanner.Kind
	}{
		"a scenario that was skipped":    {stdout, change(result, `"status": "passed"`, `"status": "skipped"`), 0, scanner.TooFewExamined},
		"a step that was never run":      {stdout, change(result, `"status": "passed"`, `"status": "untested"`), 0, scanner.TooFewExamined},
		"an unknown status":              {stdout, change(result, `"status": "passed"`, `"status": "fine"`), 0, scanner.TooFewExamined},
		"a scenario under another name":  {stdout, change(result, `Every store is encrypted`, `Some store is encrypted`), 0, scanner.TooFewExamined},
		"a step under another name":      {stdout, change(result, `must contain encrypted`, `must contain name`), 0, scanner.TooFewExamined},
		"no features":                    {stdout, "[]", 0, scanner.TooFewExamined},
		"another feature":                {stdout, change(result, `Stores are safe`, `Stores are fast`), 0, scanner.BadOutput},
		"another file":                   {stdout, change(result, `000-store`, `001-store`), 0, scanner.BadOutput},
		"fewer in the count":             {change(stdout, "3 scenarios (3 passed)", "2 scenarios (2 passed)"), result, 0, scanner.BadOutput},
		"a failure that the result lost": {change(stdout, "3 scenarios (3 passed)", "3 scenarios (2 passed, 1 failed)"), result, 1, scanner.BadOutput},
		"another exit code":              {stdout, result, 1, scanner.BadOutput},
		"a failure without a message":    {change(stdout, "3 passed)", "2 passed, 1 failed)"), change(result, `"status": "passed"`, `"status": "failed"`), 1, scanner.BadOutput},
	} {
		t.Run(title, func(t *testing.T) {
			_, err := parse(scanner.Output{Stdout: []byte(tt.stdout), Exit: tt.exit}, []byte(tt.result), features)
			scannertest.WantKind(t, err, tt.kind)
		})
	}
}

// A step that crashes has found nothing, and is an error.
func TestCrashedStepIsAnError(t *testing.T) {
	result := strings.Replace(string(scannertest.Read(t, "terraform-compliance/defect/features.file")), `"error_message": "\r       "`, `"error_message": "argument of type 'NoneType' is not iterable"`, 1)
	_, err := parse(scanner.Output{Stdout: scannertest.Read(t, "terraform-compliance/defect/features.stdout"), Exit: 1}, []byte(result), policyOf(t, "defect"))
	scannertest.WantKind(t, err, scanner.TooFewExamined)
	if err == nil || !strings.Contains(err.Error(), "NoneType") {
		t.Errorf("error %v, want the tool's words", err)
	}
}

func FuzzParseCompliance(f *testing.F) {
	for _, name := range []string{"clean", "defect", "missing"} {
		f.Add(scannertest.Read(f, "terraform-compliance/"+name+"/features.stdout"), scannertest.Read(f, "terraform-compliance/"+name+"/features.file"), 1)
	}
	features := policyOf(f, "clean")
	f.Fuzz(func(t *testing.T, stdout, result []byte, exit int) {
		failed, err := parse(scanner.Output{Stdout: stdout, Exit: exit}, result, features)
		if err == nil && (len(failed) > 0) != (exit == 1) {
			t.Errorf("%d failed with code %d", len(failed), exit)
		}
	})
}

func FuzzFeature(f *testing.F) {
	f.Add(policyOf(f, "clean")[0].text)
	f.Add([]byte("@noskip\nFeature: A\n  Scenario: B\n    Given c\n    Then d\n"))
	f.Fuzz(func(t *testing.T, text []byte) {
		feature := feature{path: "a/b.feature", folder: "a", text: text}
		if err := feature.parse(); err == nil && len(feature.scenarios) == 0 {
			t.Error("a feature without scenarios was accepted")
		}
	})
}

package report

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
	"example.com/rates/security/scanner"
)

func sarifOf(t *testing.T, r gate.Report) (string, sarifRun) {
	t.Helper()
	text := rendered(t, SARIF, r)
	return text, runOf(t, text)
}

// runOf returns the only run of a SARIF file.
func runOf(t *testing.T, text string) sarifRun {
	t.Helper()
	var log sarifLog
	if err := json.Unmarshal([]byte(text), &log); err != nil {
		t.Fatal(err)
	}
	if len(log.Runs) != 1 {
		t.Fatalf("there are %d runs, want 1", len(log.Runs))
	}
	return log.Runs[0]
}

// officialSchema is the schema of OASIS, which the pinned module of gosec ships.
func officialSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	download := exec.CommandContext(t.Context(), "go", "mod", "download", "-json", "github.com/securego/gosec/v2")
	download.Dir = filepath.Join("..", "tools", "gosec")
	output, err := download.Output()
	var module struct{ Dir string }
	if err == nil {
		err = json.Unmarshal(output, &module)
	}
	if err != nil {
		if os.Getenv("REQUIRE_TOOLS") == "1" {
			t.Fatalf("the schema of SARIF is not available: %v", err)
		}
		t.Skipf("SKIP: the schema of SARIF is not available: %v", err)
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	schema, err := compiler.Compile(filepath.Join(module.Dir, "report", "sarif", "testdata", "sarif-schema-2.1.0.json"))
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func TestSARIFMeetsTheOfficialSchema(t *testing.T) {
	schema := officialSchema(t)
	if schema.ID != sarifSchema {
		t.Errorf("the schema is %s, the file names %s", schema.ID, sarifSchema)
	}
	for name, r := range map[string]gate.Report{
		"sample": sample(), "green": greenSample(), "empty": {}, "without words": hostile(""), "hostile": hostile("\x1b[31m<b>&\xff\u202e](x)"),
	} {
		t.Run(name, func(t *testing.T) {
			text, _ := sarifOf(t, r)
			document, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
			if err != nil {
				t.Fatal(err)
			}
			if err := schema.Validate(document); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestSARIFIsAcceptedByCodeScanning checks the requirements of GitHub beyond the
// schema, by its documentation "SARIF support for code scanning".
func TestSARIFIsAcceptedByCodeScanning(t *testing.T) {
	for _, text := range attacks {
		_, run := sarifOf(t, hostile(text))
		mustBeAccepted(t, run)
	}
}

func mustBeAccepted(t *testing.T, run sarifRun) {
	t.Helper()
	for _, rule := range run.Tool.Driver.Rules {
		if rule.ID == "" || rule.ShortDescription.Text == "" || rule.FullDescription.Text == "" || rule.Help.Text == "" {
			t.Errorf("rule %q lacks a description or help", rule.ID)
		}
		if n := utf8.RuneCountInString(rule.FullDescription.Text); n > 1024 {
			t.Errorf("the description of rule %s has %d characters, at most 1,024 are allowed", rule.ID, n)
		}
	}
	for _, result := range run.Results {
		if result.Message.Text == "" || len(result.Locations) == 0 || result.PartialFingerprints["primaryLocationLineHash"] == "" {
			t.Errorf("a result of %s lacks a message, a location or a fingerprint", result.RuleID)
			continue
		}
		if run.Tool.Driver.Rules[result.RuleIndex].ID != result.RuleID {
			t.Errorf("a result of %s points at rule %s", result.RuleID, run.Tool.Driver.Rules[result.RuleIndex].ID)
		}
		at := result.Locations[0].Physical.Artifact
		if at.URIBaseID != sarifRoot || at.URI == "" || strings.HasPrefix(at.URI, "/") || strings.Contains(at.URI, "..") {
			t.Errorf("a result of %s is at %+v, which is not in the repository", result.RuleID, at)
		}
		if region := result.Locations[0].Physical.Region; region.StartLine < 1 {
			t.Errorf("a result of %s is at line %d", result.RuleID, region.StartLine)
		}
	}
}

func TestSARIFKeepsTheWorstWithinTheLimitAndCountsTheRest(t *testing.T) {
	r := greenSample()
	r.Gates[0].Status = gate.Findings
	const limit = 20
	for i := range limit + 10 {
		f := finding.Finding{Rule: fmt.Sprint("R", i), Severity: finding.High, Message: "x", Fingerprint: fmt.Sprint(i)}
		if i >= 5 {
			f.Witnesses = []finding.Witness{{Gate: r.Gates[0].Gate}}
		}
		r.Findings = append(r.Findings, f)
	}
	run := runOf(t, rendered(t, func(w io.Writer, r gate.Report) error { return writeSARIF(w, r, limit) }, r))
	if len(run.Results) != limit || len(run.Tool.Driver.Rules) > limit {
		t.Errorf("there are %d results of %d rules, at most %d are allowed", len(run.Results), len(run.Tool.Driver.Rules), limit)
	}
	if first := run.Results[0].RuleID; first != "R5" {
		t.Errorf("the first result is %s, want the first that fails a gate", first)
	}
	notices := run.Invocations[0].Notifications
	if len(notices) != 1 || !strings.Contains(notices[0].Message.Text, "10 findings are left out") {
		t.Errorf("the notifications are %+v, want one that counts the rest", notices)
	}
}

func TestSARIFOfAnIncompleteRunDoesNotLookClean(t *testing.T) {
	r := greenSample()
	r.Gates = []gate.Result{{Gate: "trivy", Status: gate.Errored, Kind: scanner.TimedOut, Reason: "timed out: after 5m"}}
	r.Verdict = gate.Verdict{Exit: gate.ExitCouldNotRun, Reasons: []string{"trivy: timed out: after 5m"}}
	_, run := sarifOf(t, r)
	ended := run.Invocations[0]
	if ended.ExecutionSuccessful || ended.ExitCode != gate.ExitCouldNotRun {
		t.Errorf("the invocation is %+v, want one that failed", ended)
	}
	if len(ended.Notifications) != 1 || ended.Notifications[0].Level != "error" {
		t.Errorf("the notifications are %+v, want one error", ended.Notifications)
	}
	if len(run.Results) != 1 || run.Results[0].RuleID != blindRule || run.Results[0].Level != "error" {
		t.Errorf("the results are %+v, want the gate that could not run", run.Results)
	}
	if _, run := sarifOf(t, gate.Report{Started: time.Now()}); run.Invocations[0].ExecutionSuccessful {
		t.Error("a run without gates looks successful")
	}
}

func TestOnlyWaivedFindingsAreSuppressed(t *testing.T) {
	_, run := sarifOf(t, sample())
	for _, result := range run.Results {
		waived := result.RuleID == "DS-0002"
		if got := len(result.Suppressions) > 0; got != waived {
			t.Errorf("%s: suppressed is %v, want %v", result.RuleID, got, waived)
		}
		if !waived {
			continue
		}
		for _, want := range []string{sampleReason, "Grace", "2026-08-20"} {
			if got := result.Suppressions[0].Justification; !strings.Contains(got, want) {
				t.Errorf("the justification %q does not say %q", got, want)
			}
		}
	}
}

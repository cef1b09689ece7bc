package terraform

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner/scannertest"
)

func TestParseTestReportsEachRun(t *testing.T) {
	report, err := ParseTest(scannertest.Read(t, "small.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	const file = "tests/a.tftest.hcl"
	want := []Result{
		{Run{file, "passes"}, "pass"},
		{Run{file, "fails"}, "fail"},
		{Run{file, "refuses"}, "pass"},
		{Run{file, "errs"}, "error"},
		{Run{file, "later"}, "skip"},
	}
	if diff := cmp.Diff(want, report.Results); diff != "" {
		t.Error(diff)
	}
	if report.Terraform != "1.11.4" || len(report.Plans) != 3 || len(report.Plans[want[0].Run]) == 0 {
		t.Errorf("terraform %s, %d plans, want 1.11.4 and 3", report.Terraform, len(report.Plans))
	}
	var said []string
	for _, d := range report.Diagnostics {
		said = append(said, d.Run.Name+" "+d.String())
	}
	wantSaid := []string{
		"fails tests/a.tftest.hcl:11: Test assertion failed: must be bigger",
		"errs tests/a.tftest.hcl:22: Invalid value for variable: Write size. This was checked by the validation rule at main.tf:4,3-13.",
	}
	if diff := cmp.Diff(wantSaid, said); diff != "" {
		t.Error(diff)
	}
}

func TestParseTestNamesUnreadableInput(t *testing.T) {
	_, err := ParseTest(scannertest.Read(t, "invalid.jsonl"))
	if invalid, ok := errors.AsType[*InvalidError](err); !ok || !strings.HasPrefix(invalid.Error(), "broken.tf:1: Unterminated string literal") {
		t.Errorf("error %v, want the place in broken.tf", err)
	}
}

// Terraform says "Success!" when it has run nothing. ParseTest takes that, and
// Compare notices.
func TestParseTestOfNoRuns(t *testing.T) {
	report, err := ParseTest(scannertest.Read(t, "empty.jsonl"))
	if err != nil || len(report.Results) != 0 {
		t.Fatalf("results %v, error %v", report.Results, err)
	}
	if failures := (Tests{Runs: []Run{{"tests/a.tftest.hcl", "one"}}}).Compare(report.Results); len(failures) != 1 {
		t.Errorf("failures %v, want one", failures)
	}
}

// Cut off anywhere, output is an error; only the last line break may be missing.
func TestParseTestRefusesOutputThatIsCutOff(t *testing.T) {
	whole := scannertest.Read(t, "small.jsonl")
	for _, cut := range scannertest.Cuts(whole, 200) {
		if _, err := ParseTest(whole[:cut]); err == nil {
			t.Fatalf("no error when cut off after %d bytes of %d", cut, len(whole))
		}
	}
}

func TestParseTestRefusesContradictions(t *testing.T) {
	lines := strings.SplitAfter(string(scannertest.Read(t, "small.jsonl")), "\n")
	without := func(part string) string {
		var kept []string
		for _, line := range lines {
			if !strings.Contains(line, part) {
				kept = append(kept, line)
			}
		}
		if len(kept) == len(lines) {
			t.Fatalf("no line has %s", part)
		}
		return strings.Join(kept, "")
	}
	whole := strings.Join(lines, "")
	plan := lines[5]
	for title, tt := range map[string]struct{ output, want string }{
		"nothing":                {"", "is cut off"},
		"no version":             {without(`"type":"version"`), "begins with its version"},
		"two versions":           {lines[0] + whole, "prints it once"},
		"no JSON":                {lines[0] + "Success! 0 passed, 0 failed.\n", "line 2"},
		"a run left out":         {without(`"run":"passes","progress":"complete"`), "counts 2 runs as pass, and reports 1"},
		"an unknown status":      {strings.Replace(whole, `"status":"pass"`, `"status":"fine"`, 1), "counts 2 runs as pass, and reports 1"},
		"fewer runs than found":  {strings.Replace(whole, `"later"]`, `"later","last"]`, 1), "found 6 runs, ended 5"},
		"no inventory":           {lines[0] + lines[len(lines)-2], "counts 2 runs as pass"},
		"more after the summary": {whole + lines[1], "after its summary"},
		"two plans of one run":   {lines[0] + plan + plan, "a second plan"},
	} {
		t.Run(title, func(t *testing.T) {
			if _, err := ParseTest([]byte(tt.output)); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"small.jsonl", "invalid.jsonl", "empty.jsonl"} {
		f.Add(scannertest.Read(f, name))
	}
	f.Fuzz(func(t *testing.T, output []byte) {
		report, err := ParseTest(output)
		if err == nil && report.Terraform == "" {
			t.Error("read a report of no version")
		}
	})
}

package actionlint

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
)

const triage = ".github/workflows/triage.yml"

func TestActionlintFinds(t *testing.T) {
	outcome, err := New().Scan(t.Context(), scannertest.Replay(t, "actionlint/defect"))
	if err != nil {
		t.Fatal(err)
	}
	want := `expression high .github/workflows/triage.yml:10
SC2086 low .github/workflows/triage.yml:13
job-needs unknown .github/workflows/triage.yml:14
action unknown .github/workflows/triage.yml:18
action unknown .github/workflows/triage.yml:20
`
	if diff := cmp.Diff(want, scannertest.Places(outcome.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if got := outcome.Findings[0].Aliases; !slices.Contains(got, "template-injection") {
		t.Errorf("an injection is also known as %v, want the name that zizmor gives it", got)
	}
	if want := (scanner.Examined{Count: 1, Unit: "workflows"}); outcome.Examined != want {
		t.Errorf("examined %v, want %v", outcome.Examined, want)
	}
}

func TestActionlintRefuses(t *testing.T) {
	defect, clean := scannertest.Output(t, "actionlint/defect"), scannertest.Output(t, "actionlint/clean")
	for name, test := range map[string]struct {
		canary string
		out    scanner.Output
		want   scanner.Kind
	}{
		"a workflow that does not parse":   {"actionlint/broken", scannertest.Output(t, "actionlint/broken"), scanner.BadInput},
		"a workflow in another folder":     {"actionlint/elsewhere", clean, scanner.NothingExamined},
		"scripts that were not examined":   {"actionlint/clean", scannertest.Output(t, "actionlint/noshellcheck"), scanner.ToolFailed},
		"no output":                        {"actionlint/clean", scanner.Output{}, scanner.BadOutput},
		"null":                             {"actionlint/clean", scanner.Output{Stdout: []byte("null"), Stderr: clean.Stderr}, scanner.BadOutput},
		"errors with the code for none":    {"actionlint/defect", scanner.Output{Stdout: defect.Stdout, Stderr: defect.Stderr}, scanner.BadOutput},
		"no errors with the code for some": {"actionlint/defect", scanner.Output{Stdout: []byte("[]"), Stderr: defect.Stderr, Exit: 1}, scanner.BadOutput},
		"fewer errors than it counted":     {"actionlint/defect", scanner.Output{Stdout: []byte("[]"), Stderr: defect.Stderr}, scanner.BadOutput},
		"a file that it does not mention":  {"actionlint/clean", scanner.Output{Stdout: []byte("[]")}, scanner.BadOutput},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New().Scan(t.Context(), scannertest.Job(t, test.canary, test.out))
			scannertest.WantKind(t, err, test.want)
		})
	}
}

func TestActionlintNeedsShellcheck(t *testing.T) {
	job := scannertest.Replay(t, "actionlint/clean")
	find := job.Tool
	job.Tool = func(ctx context.Context, name string) (scanner.Tool, error) {
		if name == "shellcheck" {
			return scanner.Tool{}, scanner.Errorf(scanner.ToolMissing, "there is no %s", name)
		}
		return find(ctx, name)
	}
	_, err := New().Scan(t.Context(), job)
	scannertest.WantKind(t, err, scanner.ToolMissing)
}

func FuzzActionlint(f *testing.F) {
	for _, name := range []string{"defect", "clean", "broken"} {
		out := scannertest.Output(f, "actionlint/"+name)
		f.Add(out.Stdout, out.Stderr, out.Exit)
	}
	f.Fuzz(func(t *testing.T, stdout, stderr []byte, exit int) {
		found, err := parse(scanner.Output{Stdout: stdout, Stderr: stderr, Exit: exit}, []string{triage})
		if err == nil && (len(found) == 0) != (exit == 0) {
			t.Errorf("%d findings of a tool that ended with code %d", len(found), exit)
		}
		for _, finding := range found {
			if finding.File != triage || finding.Rule == "" {
				t.Errorf("finding without a place or rule: %+v", finding)
			}
		}
	})
}

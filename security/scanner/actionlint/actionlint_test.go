package actionlint

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
)

// replayExit is replay of a tool that ended with a code.
func Job(t *testing.T, canary string, out scanner.Output) scanner.Job {
	t.Helper()
	job := scannertest.Job(t, canary, scanner.Output{})
	job.Run = func(context.Context, scanner.Command) (scanner.Output, error) { return out, nil }
	return job
}

// recordedOutput returns what a tool printed when it ended with a code.
func recordedOutput(tb testing.TB, name string, exit int) scanner.Output {
	tb.Helper()
	return scanner.Output{Stdout: scannertest.Read(tb, name+".stdout"), Stderr: scannertest.Read(tb, name+".stderr"), Exit: exit}
}

const triage = ".github/workflows/triage.yml"

func TestActionlintFinds(t *testing.T) {
	outcome, err := New().Scan(t.Context(), scannertest.Job(t, "actionlint/defect", scannertest.Output(t, "actionlint/defect")))
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

func TestActionlintPassesWhatIsRight(t *testing.T) {
	outcome, err := New().Scan(t.Context(), scannertest.Job(t, "actionlint/clean", scannertest.Output(t, "actionlint/clean")))
	if err != nil {
		t.Fatal(err)
	}
	if len(outcome.Findings) > 0 || outcome.Examined.Count == 0 {
		t.Errorf("examined %d with findings\n%s", outcome.Examined.Count, scannertest.Places(outcome.Findings))
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
		"no workflow":                      {"", clean, scanner.NothingExamined},
		"a workflow in another folder":     {"actionlint/elsewhere", clean, scanner.NothingExamined},
		"scripts that were not examined":   {"actionlint/clean", scannertest.Output(t, "actionlint/noshellcheck"), scanner.ToolFailed},
		"no output":                        {"actionlint/clean", scanner.Output{}, scanner.BadOutput},
		"null":                             {"actionlint/clean", scanner.Output{Stdout: []byte("null"), Stderr: clean.Stderr}, scanner.BadOutput},
		"errors with the code for none":    {"actionlint/defect", scanner.Output{Stdout: defect.Stdout, Stderr: defect.Stderr}, scanner.BadOutput},
		"no errors with the code for some": {"actionlint/defect", scanner.Output{Stdout: []byte("[]"), Stderr: defect.Stderr, Exit: 1}, scanner.BadOutput},
		"fewer errors than it counted":     {"actionlint/defect", scanner.Output{Stdout: []byte("[]"), Stderr: defect.Stderr}, scanner.BadOutput},
		"a file that it does not speak of": {"actionlint/clean", scanner.Output{Stdout: []byte("[]")}, scanner.BadOutput},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New().Scan(t.Context(), scannertest.Job(t, test.canary, test.out))
			scannertest.WantKind(t, err, test.want)
		})
	}
}

func TestActionlintPassesOnWhatTheToolboxSays(t *testing.T) {
	job := scannertest.Job(t, "actionlint/clean", scannertest.Output(t, "actionlint/clean"))
	_, err := New().Scan(t.Context(), scannertest.BrokenTool(job, scanner.WrongVersion))
	scannertest.WantKind(t, err, scanner.WrongVersion)
	_, err = New().Scan(t.Context(), scannertest.BrokenRun(job, scanner.TimedOut))
	scannertest.WantKind(t, err, scanner.TimedOut)

	job.Tool = func(_ context.Context, name string) (Tool, error) {
		if name == "shellcheck" {
			return Tool{}, scanner.Errorf(scanner.ToolMissing, "there is no %s", name)
		}
		return Tool{Name: name, Version: "v1"}, nil
	}
	_, err = New().Scan(t.Context(), job)
	scannertest.WantKind(t, err, scanner.ToolMissing)
}

// cutOff fails if output that ends anywhere before its end is taken for less
// than the whole.
func cutOff(t *testing.T, out scanner.Output, parse func(scanner.Output) (int, error)) {
	t.Helper()
	all, err := parse(out)
	if err != nil {
		t.Fatal(err)
	}
	out.Stdout = bytes.TrimSpace(out.Stdout)
	for n := range out.Stdout {
		cut := out
		cut.Stdout = out.Stdout[:n]
		if _, err := parse(cut); err == nil {
			t.Fatalf("standard output was cut off after %d bytes, and nobody noticed", n)
		}
	}
	for n := range out.Stderr {
		cut := out
		cut.Stderr = out.Stderr[:n]
		if got, err := parse(cut); err == nil && got != all {
			t.Fatalf("standard error was cut off after %d bytes, and %d of %d findings were left", n, got, all)
		}
	}
	if _, err := parse(scanner.Output{Stdout: out.Stdout, Exit: out.Exit}); len(out.Stderr) > 0 && err == nil {
		t.Fatal("standard error was lost, and nobody noticed")
	}
}

func TestActionlintNoticesOutputThatIsCutOff(t *testing.T) {
	parse := func(out scanner.Output) (int, error) {
		found, err := parseActionlint(out, []string{triage})
		return len(found), err
	}
	cutOff(t, scannertest.Output(t, "actionlint/defect"), parse)
	cutOff(t, scannertest.Output(t, "actionlint/clean"), parse)
}

func FuzzActionlint(f *testing.F) {
	for name, exit := range map[string]int{"defect": 1, "clean": 0, "broken": 1} {
		out := scannertest.Output(f, "actionlint/"+name)
		f.Add(out.Stdout, out.Stderr, exit)
	}
	f.Fuzz(func(t *testing.T, stdout, stderr []byte, exit int) {
		found, err := parseActionlint(scanner.Output{Stdout: stdout, Stderr: stderr, Exit: exit}, []string{triage})
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

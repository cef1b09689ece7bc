package scanner

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// replayExit is replay of a tool that ended with a code.
func replayExit(t *testing.T, canary string, out Output) Job {
	t.Helper()
	job := replay(t, canary, nil, nil)
	job.Run = func(context.Context, Command) (Output, error) { return out, nil }
	return job
}

// recordedOutput returns what a tool printed when it ended with a code.
func recordedOutput(tb testing.TB, name string, exit int) Output {
	tb.Helper()
	return Output{Stdout: recorded(tb, name+".stdout"), Stderr: recorded(tb, name+".stderr"), Exit: exit}
}

const triage = ".github/workflows/triage.yml"

func TestActionlintFinds(t *testing.T) {
	outcome, err := Actionlint{}.Scan(t.Context(), replayExit(t, "actionlint/defect", recordedOutput(t, "actionlint/defect", 1)))
	if err != nil {
		t.Fatal(err)
	}
	want := `expression high .github/workflows/triage.yml:10
SC2086 low .github/workflows/triage.yml:13
job-needs unknown .github/workflows/triage.yml:14
action unknown .github/workflows/triage.yml:18
action unknown .github/workflows/triage.yml:20
`
	if diff := cmp.Diff(want, places(outcome.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if got := outcome.Findings[0].Aliases; !slices.Contains(got, "template-injection") {
		t.Errorf("an injection is also known as %v, want the name that zizmor gives it", got)
	}
	if want := (Examined{Count: 1, Unit: "workflows"}); outcome.Examined != want {
		t.Errorf("examined %v, want %v", outcome.Examined, want)
	}
}

func TestActionlintPassesWhatIsRight(t *testing.T) {
	outcome, err := Actionlint{}.Scan(t.Context(), replayExit(t, "actionlint/clean", recordedOutput(t, "actionlint/clean", 0)))
	if err != nil {
		t.Fatal(err)
	}
	if len(outcome.Findings) > 0 || outcome.Examined.Count == 0 {
		t.Errorf("examined %d with findings\n%s", outcome.Examined.Count, places(outcome.Findings))
	}
}

func TestActionlintRefuses(t *testing.T) {
	defect, clean := recordedOutput(t, "actionlint/defect", 1), recordedOutput(t, "actionlint/clean", 0)
	for name, test := range map[string]struct {
		canary string
		out    Output
		want   Kind
	}{
		"a workflow that does not parse":   {"actionlint/broken", recordedOutput(t, "actionlint/broken", 1), BadInput},
		"no workflow":                      {"", clean, NothingExamined},
		"a workflow in another folder":     {"actionlint/elsewhere", clean, NothingExamined},
		"scripts that were not examined":   {"actionlint/clean", recordedOutput(t, "actionlint/noshellcheck", 0), ToolFailed},
		"no output":                        {"actionlint/clean", Output{}, BadOutput},
		"null":                             {"actionlint/clean", Output{Stdout: []byte("null"), Stderr: clean.Stderr}, BadOutput},
		"errors with the code for none":    {"actionlint/defect", Output{Stdout: defect.Stdout, Stderr: defect.Stderr}, BadOutput},
		"no errors with the code for some": {"actionlint/defect", Output{Stdout: []byte("[]"), Stderr: defect.Stderr, Exit: 1}, BadOutput},
		"fewer errors than it counted":     {"actionlint/defect", Output{Stdout: []byte("[]"), Stderr: defect.Stderr}, BadOutput},
		"a file that it does not speak of": {"actionlint/clean", Output{Stdout: []byte("[]")}, BadOutput},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Actionlint{}.Scan(t.Context(), replayExit(t, test.canary, test.out))
			wantKind(t, err, test.want)
		})
	}
}

func TestActionlintPassesOnWhatTheToolboxSays(t *testing.T) {
	job := replayExit(t, "actionlint/clean", recordedOutput(t, "actionlint/clean", 0))
	_, err := Actionlint{}.Scan(t.Context(), brokenTool(job, WrongVersion))
	wantKind(t, err, WrongVersion)
	_, err = Actionlint{}.Scan(t.Context(), brokenRun(job, TimedOut))
	wantKind(t, err, TimedOut)

	job.Tool = func(_ context.Context, name string) (Tool, error) {
		if name == "shellcheck" {
			return Tool{}, Errorf(ToolMissing, "there is no %s", name)
		}
		return Tool{Name: name, Version: "v1"}, nil
	}
	_, err = Actionlint{}.Scan(t.Context(), job)
	wantKind(t, err, ToolMissing)
}

// cutOff fails if output that ends anywhere before its end is taken for less
// than the whole.
func cutOff(t *testing.T, out Output, parse func(Output) (int, error)) {
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
	if _, err := parse(Output{Stdout: out.Stdout, Exit: out.Exit}); len(out.Stderr) > 0 && err == nil {
		t.Fatal("standard error was lost, and nobody noticed")
	}
}

func TestActionlintNoticesOutputThatIsCutOff(t *testing.T) {
	parse := func(out Output) (int, error) {
		found, err := parseActionlint(out, []string{triage})
		return len(found), err
	}
	cutOff(t, recordedOutput(t, "actionlint/defect", 1), parse)
	cutOff(t, recordedOutput(t, "actionlint/clean", 0), parse)
}

func FuzzActionlint(f *testing.F) {
	for name, exit := range map[string]int{"defect": 1, "clean": 0, "broken": 1} {
		out := recordedOutput(f, "actionlint/"+name, exit)
		f.Add(out.Stdout, out.Stderr, exit)
	}
	f.Fuzz(func(t *testing.T, stdout, stderr []byte, exit int) {
		found, err := parseActionlint(Output{Stdout: stdout, Stderr: stderr, Exit: exit}, []string{triage})
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

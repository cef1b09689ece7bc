package scanner

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/tree"
)

// gosecReplay returns a job in which gosec prints what was recorded on a
// canary.
func gosecReplay(t *testing.T, canary string) Job {
	t.Helper()
	return gosecSaying(t, canary, gosecRecorded(t, canary))
}

func gosecRecorded(tb testing.TB, canary string) Output {
	tb.Helper()
	out := Output{Stdout: recorded(tb, "gosec/"+canary+".stdout"), Stderr: recorded(tb, "gosec/"+canary+".stderr")}
	if canary != "clean" && canary != "excused" {
		out.Exit = 1
	}
	return out
}

func gosecSaying(t *testing.T, canary string, out Output) Job {
	t.Helper()
	job := replay(t, "gosec/"+canary, nil, nil)
	job.Tree.Repository = "/tree" // where it was recorded
	job.Run = func(context.Context, Command) (Output, error) { return out, nil }
	return job
}

func TestGosecFinds(t *testing.T) {
	for canary, want := range map[string]string{
		"defect": "G202 medium store.go:8\n",
		"naked":  "inline-suppression high store.go:8\nG202 medium store.go:8\n",
	} {
		t.Run(canary, func(t *testing.T) {
			outcome, err := Gosec{}.Scan(t.Context(), gosecReplay(t, canary))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, places(outcome.Findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if want := (Examined{Count: 1, Unit: "files"}); outcome.Examined != want {
				t.Errorf("examined %v, want %v", outcome.Examined, want)
			}
		})
	}
}

func TestGosecPasses(t *testing.T) {
	for canary, want := range map[string][]string{
		"clean":   nil,
		"excused": {"excused in the code: G202 in store.go:8: the name is one of a fixed list"},
	} {
		t.Run(canary, func(t *testing.T) {
			outcome, err := Gosec{}.Scan(t.Context(), gosecReplay(t, canary))
			if err != nil {
				t.Fatal(err)
			}
			if len(outcome.Findings) > 0 || outcome.Examined.Count == 0 {
				t.Errorf("examined %v with findings\n%s", outcome.Examined, places(outcome.Findings))
			}
			if diff := cmp.Diff(want, outcome.Notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

// What only a setting hides, or a comment without a reason, is a finding.
func TestGosecTakesNoOtherExcuse(t *testing.T) {
	for name, excuse := range map[string]string{
		"global":    `[{"kind": "external", "justification": "Globally suppressed."}]`,
		"no reason": `[{"kind": "inSource", "justification": " "}]`,
	} {
		t.Run(name, func(t *testing.T) {
			out := gosecRecorded(t, "defect")
			out.Stdout = bytes.ReplaceAll(out.Stdout, []byte(`"suppressions": null`), []byte(`"suppressions": `+excuse))
			out.Stdout = bytes.ReplaceAll(out.Stdout, []byte(`"found": 1`), []byte(`"found": 0`))
			out.Exit = 0
			outcome, err := Gosec{}.Scan(t.Context(), gosecSaying(t, "defect", out))
			if err != nil {
				t.Fatal(err)
			}
			if want := "G202 medium store.go:8\n"; places(outcome.Findings) != want {
				t.Errorf("findings are %q, want %q", places(outcome.Findings), want)
			}
		})
	}
}

func TestGosecNamesEachFolder(t *testing.T) {
	job := gosecSaying(t, "vendored", Output{})
	var args []string
	job.Run = func(_ context.Context, cmd Command) (Output, error) {
		args = cmd.Args
		return Output{}, Errorf(ToolFailed, "that is enough")
	}
	_, err := Gosec{}.Scan(t.Context(), job)
	wantKind(t, err, ToolFailed)
	if !slices.Contains(args, "./service/vendors") || slices.ContainsFunc(args, func(a string) bool { return strings.Contains(a, "...") }) {
		t.Errorf("arguments are %q", args)
	}
}

func TestGosecErrors(t *testing.T) {
	saying := func(change func(*Output)) Job {
		out := gosecRecorded(t, "defect")
		change(&out)
		return gosecSaying(t, "defect", out)
	}
	replaced := func(old, by string) Job {
		return saying(func(out *Output) {
			out.Stdout = bytes.ReplaceAll(out.Stdout, []byte(old), []byte(by))
			out.Stderr = bytes.ReplaceAll(out.Stderr, []byte(old), []byte(by))
		})
	}
	for name, c := range map[string]struct {
		job  Job
		kind Kind
	}{
		"no tool":                {brokenTool(gosecReplay(t, "defect"), ToolMissing), ToolMissing},
		"other tool":             {brokenTool(gosecReplay(t, "defect"), WrongVersion), WrongVersion},
		"killed":                 {brokenRun(gosecReplay(t, "defect"), Killed), Killed},
		"out of time":            {brokenRun(gosecReplay(t, "defect"), TimedOut), TimedOut},
		"empty tree":             {replay(t, "", nil, nil), NothingExamined},
		"nothing but tests":      {replay(t, "gosec/nothing", nil, nil), NothingExamined},
		"prints nothing":         {saying(func(out *Output) { out.Stdout = nil }), BadOutput},
		"two reports":            {saying(func(out *Output) { out.Stdout = slices.Repeat(out.Stdout, 2) }), BadOutput},
		"no log":                 {saying(func(out *Output) { out.Stderr = nil }), BadOutput},
		"no stats":               {replaced("Stats", "Statistics"), BadOutput},
		"more found than named":  {replaced(`"found": 1`, `"found": 2`), BadOutput},
		"other exit code":        {saying(func(out *Output) { out.Exit = 0 }), BadOutput},
		"no line":                {replaced(`"line": "8"`, `"line": "eight"`), BadOutput},
		"other file":             {replaced("store.go", "other.go"), BadInput},
		"skipped the deep half":  {gosecReplay(t, "untyped"), BadInput},
		"skipped the deep half.": {saying(func(out *Output) { out.Stderr = gosecRecorded(t, "untyped").Stderr }), ToolFailed},
		"a rule that crashed":    {saying(func(out *Output) { out.Stderr = append(out.Stderr, "goroutine 1 [running]:\n"...) }), ToolFailed},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Gosec{}.Scan(t.Context(), c.job)
			wantKind(t, err, c.kind)
		})
	}
}

// A tool that was stopped while it printed must not look as if it had found
// less.
func TestGosecCutOff(t *testing.T) {
	for _, canary := range []string{"defect", "clean", "excused"} {
		whole := gosecRecorded(t, canary)
		job := gosecSaying(t, canary, whole)
		var out Output
		job.Run = func(context.Context, Command) (Output, error) { return out, nil }
		for n := range whole.Stdout {
			out = whole
			out.Stdout = whole.Stdout[:n]
			if _, err := (Gosec{}).Scan(t.Context(), job); err == nil {
				t.Fatalf("%s: %d bytes of the report were taken for all %d", canary, n, len(whole.Stdout))
			}
		}
		for n := range len(whole.Stderr) - 1 { // the last is the line's end
			out = whole
			out.Stderr = whole.Stderr[:n]
			if _, err := (Gosec{}).Scan(t.Context(), job); err == nil {
				t.Fatalf("%s: %d bytes of the log were taken for all %d", canary, n, len(whole.Stderr))
			}
		}
	}
}

func FuzzGosec(f *testing.F) {
	for _, canary := range []string{"defect", "clean", "naked", "excused", "untyped"} {
		out := gosecRecorded(f, canary)
		f.Add(out.Stdout, out.Stderr, out.Exit)
	}
	f.Fuzz(func(t *testing.T, stdout, stderr []byte, exit int) {
		report, err := parseGosec(Output{Stdout: stdout, Stderr: stderr, Exit: exit})
		if err != nil {
			return
		}
		at := tree.Tree{Dir: "/tree", Repository: "/tree"}
		findings := report.findings("gosec", at)
		if len(report.Issues) > 0 && len(findings)+len(report.suppressed(at)) == 0 {
			t.Errorf("of %d issues none was found or excused", len(report.Issues))
		}
		for _, found := range findings {
			if found.Rule == "" || len(found.Witnesses) != 1 {
				t.Errorf("finding without rule or witness: %+v", found)
			}
		}
	})
}

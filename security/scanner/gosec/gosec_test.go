package gosec

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
	"example.com/rates/security/tree"
)

func TestGosecFinds(t *testing.T) {
	for canary, want := range map[string]string{
		"defect": "G202 medium store.go:8\nG901 high store.go:8\n",
		"naked":  "inline-suppression high store.go:8\nG202 medium store.go:8\nG901 high store.go:8\n",
	} {
		t.Run(canary, func(t *testing.T) {
			outcome, err := New().Scan(t.Context(), scannertest.Replay(t, "gosec/"+canary))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, scannertest.Places(outcome.Findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if want := (scanner.Examined{Count: 1, Unit: "files"}); outcome.Examined != want {
				t.Errorf("examined %v, want %v", outcome.Examined, want)
			}
		})
	}
}

// traced is the note about the rules of this gate, on the canaries.
const traced = "rules G901 to G903 of this gate: 1 packages, 2 functions, 1 places traced"

func TestGosecPasses(t *testing.T) {
	for canary, want := range map[string][]string{
		"clean": {traced},
		"excused": {
			"excused in the code: G202 in store.go:8: the name is one of a fixed list", traced,
			"excused in the code: G901 in store.go:8: the name is one of a fixed list",
		},
	} {
		t.Run(canary, func(t *testing.T) {
			outcome, err := New().Scan(t.Context(), scannertest.Replay(t, "gosec/"+canary))
			if err != nil {
				t.Fatal(err)
			}
			if len(outcome.Findings) > 0 || outcome.Examined.Count == 0 {
				t.Errorf("examined %v with findings\n%s", outcome.Examined, scannertest.Places(outcome.Findings))
			}
			if diff := cmp.Diff(want, outcome.Notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

// An issue that a setting hides, or a comment without a reason, is a finding.
func TestGosecAcceptsNoOtherExcuse(t *testing.T) {
	for name, excuse := range map[string]string{
		"global":    `[{"kind": "external", "justification": "Globally suppressed."}]`,
		"no reason": `[{"kind": "inSource", "justification": " "}]`,
	} {
		t.Run(name, func(t *testing.T) {
			out := scannertest.Output(t, "gosec/defect")
			out.Stdout = bytes.ReplaceAll(out.Stdout, []byte(`"suppressions": null`), []byte(`"suppressions": `+excuse))
			out.Stdout = bytes.ReplaceAll(out.Stdout, []byte(`"found": 1`), []byte(`"found": 0`))
			out.Exit = 0
			job := scannertest.Replay(t, "gosec/defect")
			replay := job.Run
			job.Run = func(ctx context.Context, cmd scanner.Command) (scanner.Output, error) {
				if cmd.Args[0] == "analyze" {
					return replay(ctx, cmd)
				}
				return out, nil
			}
			outcome, err := New().Scan(t.Context(), job)
			if err != nil {
				t.Fatal(err)
			}
			if want := "G202 medium store.go:8\nG901 high store.go:8\n"; scannertest.Places(outcome.Findings) != want {
				t.Errorf("findings are %q, want %q", scannertest.Places(outcome.Findings), want)
			}
		})
	}
}

func TestGosecNamesEachFolder(t *testing.T) {
	job := scannertest.Job(t, "gosec/vendored", scanner.Output{})
	var args []string
	job.Run = func(_ context.Context, cmd scanner.Command) (scanner.Output, error) {
		args = cmd.Args
		return scanner.Output{}, scanner.Errorf(scanner.ToolFailed, "that is enough")
	}
	_, err := New().Scan(t.Context(), job)
	scannertest.WantKind(t, err, scanner.ToolFailed)
	if !slices.Contains(args, "./service/vendors") || slices.ContainsFunc(args, func(a string) bool { return strings.Contains(a, "...") }) {
		t.Errorf("arguments are %q", args)
	}
}

func TestGosecErrors(t *testing.T) {
	saying := func(change func(*scanner.Output)) scanner.Job {
		out := scannertest.Output(t, "gosec/defect")
		change(&out)
		return scannertest.Job(t, "gosec/defect", out)
	}
	replaced := func(old, by string) scanner.Job {
		return saying(func(out *scanner.Output) {
			out.Stdout = bytes.ReplaceAll(out.Stdout, []byte(old), []byte(by))
			out.Stderr = bytes.ReplaceAll(out.Stderr, []byte(old), []byte(by))
		})
	}
	for name, c := range map[string]struct {
		job  scanner.Job
		kind scanner.Kind
	}{
		"nothing but tests":      {scannertest.Job(t, "gosec/nothing", scanner.Output{}), scanner.NothingExamined},
		"two reports":            {saying(func(out *scanner.Output) { out.Stdout = slices.Repeat(out.Stdout, 2) }), scanner.BadOutput},
		"no log":                 {saying(func(out *scanner.Output) { out.Stderr = nil }), scanner.BadOutput},
		"no stats":               {replaced("Stats", "Statistics"), scanner.BadOutput},
		"more found than named":  {replaced(`"found": 1`, `"found": 2`), scanner.BadOutput},
		"other exit code":        {saying(func(out *scanner.Output) { out.Exit = 0 }), scanner.BadOutput},
		"no line":                {replaced(`"line": "8"`, `"line": "eight"`), scanner.BadOutput},
		"other file":             {replaced("store.go", "other.go"), scanner.BadInput},
		"skipped the deep half":  {scannertest.Replay(t, "gosec/untyped"), scanner.BadInput},
		"skipped the deep half.": {saying(func(out *scanner.Output) { out.Stderr = scannertest.Output(t, "gosec/untyped").Stderr }), scanner.ToolFailed},
		"a rule that crashed":    {saying(func(out *scanner.Output) { out.Stderr = append(out.Stderr, "goroutine 1 [running]:\n"...) }), scanner.ToolFailed},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New().Scan(t.Context(), c.job)
			scannertest.WantKind(t, err, c.kind)
		})
	}
}

func FuzzGosec(f *testing.F) {
	for _, canary := range []string{"defect", "clean", "naked", "excused", "untyped"} {
		out := scannertest.Output(f, "gosec/"+canary)
		f.Add(out.Stdout, out.Stderr, out.Exit)
	}
	f.Fuzz(func(t *testing.T, stdout, stderr []byte, exit int) {
		r, err := parse(scanner.Output{Stdout: stdout, Stderr: stderr, Exit: exit})
		if err != nil {
			return
		}
		at := tree.Tree{Dir: "/tree", Repository: "/tree"}
		findings := r.findings(at)
		if len(r.Issues) > 0 && len(findings)+len(r.suppressed(at)) == 0 {
			t.Errorf("of %d issues none was found or excused", len(r.Issues))
		}
		for _, found := range findings {
			if found.Rule == "" {
				t.Errorf("finding without rule: %+v", found)
			}
		}
	})
}

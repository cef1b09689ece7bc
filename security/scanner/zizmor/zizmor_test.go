package zizmor

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
)

const (
	triage      = ".github/workflows/triage.yml"
	labelAction = ".github/actions/label/action.yml"
)

func TestZizmorFinds(t *testing.T) {
	outcome, err := New().Scan(t.Context(), scannertest.Replay(t, "zizmor/defect"))
	if err != nil {
		t.Fatal(err)
	}
	want := `template-injection high .github/actions/label/action.yml:10
artipacked medium .github/workflows/triage.yml:12
excessive-permissions high .github/workflows/triage.yml:5
template-injection high .github/workflows/triage.yml:13
unpinned-uses high .github/workflows/triage.yml:12
concurrency-limits low .github/workflows/triage.yml:6
`
	if diff := cmp.Diff(want, scannertest.Places(outcome.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if want := (scanner.Examined{Count: 2, Unit: "files"}); outcome.Examined != want {
		t.Errorf("examined %v, want %v", outcome.Examined, want)
	}
	want = "audits that need GitHub did not run: impostor-commit, known-vulnerable-actions, ref-confusion, ref-version-mismatch, stale-action-refs"
	if !slices.Contains(outcome.Unseen, want) {
		t.Errorf("not seen is %q, want among it %q", outcome.Unseen, want)
	}
}

func TestZizmorReportsIgnoreComments(t *testing.T) {
	outcome, err := New().Scan(t.Context(), scannertest.Replay(t, "zizmor/suppressed"))
	if err != nil {
		t.Fatal(err)
	}
	want := `template-injection high .github/workflows/triage.yml:10
concurrency-limits low .github/workflows/triage.yml:4
inline-suppression high .github/workflows/triage.yml:10
`
	if diff := cmp.Diff(want, scannertest.Places(outcome.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestZizmorRefuses(t *testing.T) {
	defect, clean := scannertest.Output(t, "zizmor/defect"), scannertest.Output(t, "zizmor/clean")
	for name, test := range map[string]struct {
		canary string
		out    scanner.Output
		want   scanner.Kind
	}{
		"a workflow that does not parse":    {"zizmor/broken", scannertest.Output(t, "zizmor/broken"), scanner.BadInput},
		"a file that is no workflow":        {"zizmor/unknown", scannertest.Output(t, "zizmor/unknown"), scanner.BadInput},
		"a failure of its own":              {"zizmor/clean", scanner.Output{Stderr: []byte("fatal: no audit was performed\n"), Exit: 1}, scanner.ToolFailed},
		"nothing to examine":                {"zizmor/clean", scanner.Output{Exit: 3}, scanner.NothingExamined},
		"no output":                         {"zizmor/clean", scanner.Output{}, scanner.BadOutput},
		"null":                              {"zizmor/clean", scanner.Output{Stdout: []byte("null"), Stderr: clean.Stderr}, scanner.BadOutput},
		"findings with the code for none":   {"zizmor/defect", scanner.Output{Stdout: defect.Stdout, Stderr: defect.Stderr}, scanner.BadOutput},
		"no findings with the code for one": {"zizmor/defect", scanner.Output{Stdout: []byte("[]"), Stderr: defect.Stderr, Exit: 14}, scanner.BadOutput},
		"files that it does not mention":    {"zizmor/clean", scanner.Output{Stdout: []byte("[]")}, scanner.BadOutput},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New().Scan(t.Context(), scannertest.Job(t, test.canary, test.out))
			scannertest.WantKind(t, err, test.want)
		})
	}
}

func FuzzZizmor(f *testing.F) {
	for _, name := range []string{"defect", "clean", "broken"} {
		out := scannertest.Output(f, "zizmor/"+name)
		f.Add(out.Stdout, out.Stderr, out.Exit)
	}
	f.Fuzz(func(t *testing.T, stdout, stderr []byte, exit int) {
		files := []string{triage, labelAction}
		found, err := parse(scanner.Output{Stdout: stdout, Stderr: stderr, Exit: exit}, files)
		if err == nil && (len(found) == 0) != (exit == 0) {
			t.Errorf("%d findings of a tool that ended with code %d", len(found), exit)
		}
		for _, finding := range found {
			if !slices.Contains(files, finding.File) || finding.Rule == "" {
				t.Errorf("finding without a place or rule: %+v", finding)
			}
		}
	})
}

package scanner

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const labelAction = ".github/actions/label/action.yml"

func TestZizmorFinds(t *testing.T) {
	outcome, err := Zizmor{}.Scan(t.Context(), replayExit(t, "zizmor/defect", recordedOutput(t, "zizmor/defect", 14)))
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
	if diff := cmp.Diff(want, places(outcome.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if want := (Examined{Count: 2, Unit: "files"}); outcome.Examined != want {
		t.Errorf("examined %v, want %v", outcome.Examined, want)
	}
	want = "audits that need GitHub did not run: impostor-commit, known-vulnerable-actions, ref-confusion, ref-version-mismatch, stale-action-refs"
	if !slices.Contains(outcome.Notes, want) {
		t.Errorf("notes are %q, want among them %q", outcome.Notes, want)
	}
}

func TestZizmorPassesWhatIsRight(t *testing.T) {
	outcome, err := Zizmor{}.Scan(t.Context(), replayExit(t, "zizmor/clean", recordedOutput(t, "zizmor/clean", 0)))
	if err != nil {
		t.Fatal(err)
	}
	if len(outcome.Findings) > 0 || outcome.Examined.Count == 0 {
		t.Errorf("examined %d with findings\n%s", outcome.Examined.Count, places(outcome.Findings))
	}
}

func TestZizmorCountsWhatAnIgnoreCommentWouldHide(t *testing.T) {
	outcome, err := Zizmor{}.Scan(t.Context(), replayExit(t, "zizmor/suppressed", recordedOutput(t, "zizmor/suppressed", 14)))
	if err != nil {
		t.Fatal(err)
	}
	want := `template-injection high .github/workflows/triage.yml:10
concurrency-limits low .github/workflows/triage.yml:4
inline-suppression high .github/workflows/triage.yml:10
`
	if diff := cmp.Diff(want, places(outcome.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestZizmorRefuses(t *testing.T) {
	defect, clean := recordedOutput(t, "zizmor/defect", 14), recordedOutput(t, "zizmor/clean", 0)
	for name, test := range map[string]struct {
		canary string
		out    Output
		want   Kind
	}{
		"a workflow that does not parse":    {"zizmor/broken", recordedOutput(t, "zizmor/broken", 1), BadInput},
		"a workflow that is none":           {"zizmor/unknown", recordedOutput(t, "zizmor/unknown", 1), BadInput},
		"a failure of its own":              {"zizmor/clean", Output{Stderr: []byte("fatal: no audit was performed\n"), Exit: 1}, ToolFailed},
		"nothing to examine":                {"", clean, NothingExamined},
		"nothing that the tool would take":  {"zizmor/clean", Output{Exit: 3}, NothingExamined},
		"no output":                         {"zizmor/clean", Output{}, BadOutput},
		"null":                              {"zizmor/clean", Output{Stdout: []byte("null"), Stderr: clean.Stderr}, BadOutput},
		"findings with the code for none":   {"zizmor/defect", Output{Stdout: defect.Stdout, Stderr: defect.Stderr}, BadOutput},
		"no findings with the code for one": {"zizmor/defect", Output{Stdout: []byte("[]"), Stderr: defect.Stderr, Exit: 14}, BadOutput},
		"files that it does not speak of":   {"zizmor/clean", Output{Stdout: []byte("[]")}, BadOutput},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Zizmor{}.Scan(t.Context(), replayExit(t, test.canary, test.out))
			wantKind(t, err, test.want)
		})
	}
}

func TestZizmorPassesOnWhatTheToolboxSays(t *testing.T) {
	job := replayExit(t, "zizmor/clean", recordedOutput(t, "zizmor/clean", 0))
	_, err := Zizmor{}.Scan(t.Context(), brokenTool(job, ToolMissing))
	wantKind(t, err, ToolMissing)
	_, err = Zizmor{}.Scan(t.Context(), brokenRun(job, Killed))
	wantKind(t, err, Killed)
}

func TestZizmorNoticesOutputThatIsCutOff(t *testing.T) {
	parse := func(out Output) (int, error) {
		found, err := parseZizmor(out, []string{triage})
		return len(found), err
	}
	cutOff(t, recordedOutput(t, "zizmor/suppressed", 14), parse)
}

func FuzzZizmor(f *testing.F) {
	for name, exit := range map[string]int{"defect": 14, "clean": 0, "broken": 1} {
		out := recordedOutput(f, "zizmor/"+name, exit)
		f.Add(out.Stdout, out.Stderr, exit)
	}
	f.Fuzz(func(t *testing.T, stdout, stderr []byte, exit int) {
		files := []string{triage, labelAction}
		found, err := parseZizmor(Output{Stdout: stdout, Stderr: stderr, Exit: exit}, files)
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

package scanner

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/tree"
)

func TestHadolintFinds(t *testing.T) {
	outcome, err := Hadolint{}.Scan(t.Context(), replayExit(t, "hadolint/defect", recordedOutput(t, "hadolint/defect", 1)))
	if err != nil {
		t.Fatal(err)
	}
	want := `DL3007 medium Dockerfile:1
DL3003 medium Dockerfile:2
DL3002 medium Dockerfile:4
DL3066 low Dockerfile:4
`
	if diff := cmp.Diff(want, places(outcome.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if want := (Examined{Count: 1, Unit: "Dockerfiles"}); outcome.Examined != want {
		t.Errorf("examined %v, want %v", outcome.Examined, want)
	}
}

func TestHadolintPassesWhatIsRight(t *testing.T) {
	outcome, err := Hadolint{}.Scan(t.Context(), replayExit(t, "hadolint/clean", recordedOutput(t, "hadolint/clean", 0)))
	if err != nil {
		t.Fatal(err)
	}
	if len(outcome.Findings) > 0 || outcome.Examined.Count == 0 {
		t.Errorf("examined %d with findings\n%s", outcome.Examined.Count, places(outcome.Findings))
	}
}

func TestHadolintTakesCommentsThatHideForFindings(t *testing.T) {
	outcome, err := Hadolint{}.Scan(t.Context(), replayExit(t, "hadolint/suppressed", recordedOutput(t, "hadolint/suppressed", 1)))
	if err != nil {
		t.Fatal(err)
	}
	want := `DL3007 medium Dockerfile:2
DL3002 medium Dockerfile:4
DL3066 low Dockerfile:4
inline-suppression high Dockerfile:1
inline-suppression high Dockerfile:3
`
	if diff := cmp.Diff(want, places(outcome.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestHadolintRefuses(t *testing.T) {
	defect, clean := recordedOutput(t, "hadolint/defect", 1), recordedOutput(t, "hadolint/clean", 0)
	for name, test := range map[string]struct {
		canary string
		out    Output
		want   Kind
	}{
		"a Dockerfile that does not parse": {"hadolint/broken", recordedOutput(t, "hadolint/broken", 1), BadInput},
		"a Dockerfile without a stage":     {"hadolint/empty", clean, BadInput},
		"no Dockerfile":                    {"", clean, NothingExamined},
		"no output":                        {"hadolint/clean", Output{Stderr: []byte("hadolint: does not exist\n"), Exit: 1}, BadOutput},
		"null":                             {"hadolint/clean", Output{Stdout: []byte("null")}, BadOutput},
		"faults with the code for none":    {"hadolint/defect", Output{Stdout: defect.Stdout}, BadOutput},
		"no faults with the code for some": {"hadolint/defect", Output{Stdout: []byte("[]"), Exit: 1}, BadOutput},
		"faults of a file it was not given": {"hadolint/clean", Output{
			Stdout: []byte(`[{"code":"DL3007","file":"other","line":1,"level":"warning","message":"Pin."}]`), Exit: 1,
		}, BadOutput},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Hadolint{}.Scan(t.Context(), replayExit(t, test.canary, test.out))
			wantKind(t, err, test.want)
		})
	}
}

func TestHadolintPassesOnWhatTheToolboxSays(t *testing.T) {
	job := replayExit(t, "hadolint/clean", recordedOutput(t, "hadolint/clean", 0))
	_, err := Hadolint{}.Scan(t.Context(), brokenTool(job, WrongVersion))
	wantKind(t, err, WrongVersion)
	_, err = Hadolint{}.Scan(t.Context(), brokenRun(job, Killed))
	wantKind(t, err, Killed)
}

func TestHadolintNoticesOutputThatIsCutOff(t *testing.T) {
	parse := func(out Output) (int, error) {
		found, err := parseHadolint(out, []string{"Dockerfile"})
		return len(found), err
	}
	cutOff(t, recordedOutput(t, "hadolint/defect", 1), parse)
	cutOff(t, recordedOutput(t, "hadolint/clean", 0), parse)
}

func TestDockerfilesAreKnownByTheirNames(t *testing.T) {
	got := dockerfiles(tree.Tree{Files: []string{
		"Dockerfile", "Dockerfile.dockerignore", "a/Dockerfile.test", "a/dev.Dockerfile", "b/Containerfile", "b/Dockerfiles.md", "docker-compose.yml",
	}})
	want := []string{"Dockerfile", "a/Dockerfile.test", "a/dev.Dockerfile", "b/Containerfile"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Dockerfiles (-want +got):\n%s", diff)
	}
}

func FuzzHadolint(f *testing.F) {
	for name, exit := range map[string]int{"defect": 1, "clean": 0, "broken": 1} {
		f.Add(recorded(f, "hadolint/"+name+".stdout"), exit)
	}
	f.Fuzz(func(t *testing.T, stdout []byte, exit int) {
		found, err := parseHadolint(Output{Stdout: stdout, Exit: exit}, []string{"Dockerfile"})
		if err == nil && (len(found) == 0) != (exit == 0) {
			t.Errorf("%d findings of a tool that ended with code %d", len(found), exit)
		}
		for _, finding := range found {
			if finding.File != "Dockerfile" || finding.Rule == "" {
				t.Errorf("finding without a place or rule: %+v", finding)
			}
		}
	})
}

package hadolint

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
	"example.com/rates/security/tree"
)

func TestHadolintFinds(t *testing.T) {
	outcome, err := New().Scan(t.Context(), scannertest.Job(t, "hadolint/defect", scannertest.Output(t, "hadolint/defect")))
	if err != nil {
		t.Fatal(err)
	}
	want := `DL3007 medium Dockerfile:1
DL3003 medium Dockerfile:2
DL3002 medium Dockerfile:4
DL3066 low Dockerfile:4
`
	if diff := cmp.Diff(want, scannertest.Places(outcome.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if want := (scanner.Examined{Count: 1, Unit: "Dockerfiles"}); outcome.Examined != want {
		t.Errorf("examined %v, want %v", outcome.Examined, want)
	}
}

func TestHadolintPassesWhatIsRight(t *testing.T) {
	outcome, err := New().Scan(t.Context(), scannertest.Job(t, "hadolint/clean", scannertest.Output(t, "hadolint/clean")))
	if err != nil {
		t.Fatal(err)
	}
	if len(outcome.Findings) > 0 || outcome.Examined.Count == 0 {
		t.Errorf("examined %d with findings\n%s", outcome.Examined.Count, scannertest.Places(outcome.Findings))
	}
}

func TestHadolintTakesCommentsThatHideForFindings(t *testing.T) {
	outcome, err := New().Scan(t.Context(), scannertest.Job(t, "hadolint/suppressed", scannertest.Output(t, "hadolint/suppressed")))
	if err != nil {
		t.Fatal(err)
	}
	want := `DL3007 medium Dockerfile:2
DL3002 medium Dockerfile:4
DL3066 low Dockerfile:4
inline-suppression high Dockerfile:1
inline-suppression high Dockerfile:3
`
	if diff := cmp.Diff(want, scannertest.Places(outcome.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestHadolintRefuses(t *testing.T) {
	defect, clean := scannertest.Output(t, "hadolint/defect"), scannertest.Output(t, "hadolint/clean")
	for name, test := range map[string]struct {
		canary string
		out    scanner.Output
		want   scanner.Kind
	}{
		"a Dockerfile that does not parse": {"hadolint/broken", scannertest.Output(t, "hadolint/broken"), scanner.BadInput},
		"a Dockerfile without a stage":     {"hadolint/empty", clean, scanner.BadInput},
		"no Dockerfile":                    {"", clean, scanner.NothingExamined},
		"no output":                        {"hadolint/clean", scanner.Output{Stderr: []byte("hadolint: does not exist\n"), Exit: 1}, scanner.BadOutput},
		"null":                             {"hadolint/clean", scanner.Output{Stdout: []byte("null")}, scanner.BadOutput},
		"faults with the code for none":    {"hadolint/defect", scanner.Output{Stdout: defect.Stdout}, scanner.BadOutput},
		"no faults with the code for some": {"hadolint/defect", scanner.Output{Stdout: []byte("[]"), Exit: 1}, scanner.BadOutput},
		"faults of a file it was not given": {"hadolint/clean", scanner.Output{
			Stdout: []byte(`[{"code":"DL3007","file":"other","line":1,"level":"warning","message":"Pin."}]`), Exit: 1,
		}, scanner.BadOutput},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New().Scan(t.Context(), scannertest.Job(t, test.canary, test.out))
			scannertest.WantKind(t, err, test.want)
		})
	}
}

func TestHadolintPassesOnWhatTheToolboxSays(t *testing.T) {
	job := scannertest.Job(t, "hadolint/clean", scannertest.Output(t, "hadolint/clean"))
	_, err := New().Scan(t.Context(), scannertest.BrokenTool(job, scanner.WrongVersion))
	scannertest.WantKind(t, err, scanner.WrongVersion)
	_, err = New().Scan(t.Context(), scannertest.BrokenRun(job, scanner.Killed))
	scannertest.WantKind(t, err, scanner.Killed)
}

func TestHadolintNoticesOutputThatIsCutOff(t *testing.T) {
	parse := func(out scanner.Output) (int, error) {
		found, err := parseHadolint(out, []string{"Dockerfile"})
		return len(found), err
	}
	cutOff(t, scannertest.Output(t, "hadolint/defect"), parse)
	cutOff(t, scannertest.Output(t, "hadolint/clean"), parse)
}

func TestDockerfilesAreKnownByTheirNames(t *testing.T) {
	got := scanner.Dockerfiles(tree.Tree{Files: []string{
		"Dockerfile", "Dockerfile.dockerignore", "a/Dockerfile.test", "a/dev.Dockerfile", "b/Containerfile", "b/Dockerfiles.md", "docker-compose.yml",
	}})
	want := []string{"Dockerfile", "a/Dockerfile.test", "a/dev.Dockerfile", "b/Containerfile"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Dockerfiles (-want +got):\n%s", diff)
	}
}

func FuzzHadolint(f *testing.F) {
	for name, exit := range map[string]int{"defect": 1, "clean": 0, "broken": 1} {
		f.Add(scannertest.Read(f, "hadolint/"+name+".stdout"), exit)
	}
	f.Fuzz(func(t *testing.T, stdout []byte, exit int) {
		found, err := parseHadolint(scanner.Output{Stdout: stdout, Exit: exit}, []string{"Dockerfile"})
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

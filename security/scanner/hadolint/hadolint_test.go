package hadolint

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
)

func TestHadolintFinds(t *testing.T) {
	outcome, err := New().Scan(t.Context(), scannertest.Replay(t, "hadolint/defect"))
	if err != nil {
		t.Fatal(err)
	}
	want := `DL3007 medium Dockerfile:1
DL3003 medium Dockerfile:2
DL3002 medium Dockerfile:4
DL3066 low Dockerfile:4
DOCKERFILE_DIGEST high Dockerfile:1
`
	if diff := cmp.Diff(want, scannertest.Places(outcome.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if want := (scanner.Examined{Count: 1, Unit: "Dockerfiles"}); outcome.Examined != want {
		t.Errorf("examined %v, want %v", outcome.Examined, want)
	}
}

func TestHadolintReportsIgnoreComments(t *testing.T) {
	outcome, err := New().Scan(t.Context(), scannertest.Replay(t, "hadolint/suppressed"))
	if err != nil {
		t.Fatal(err)
	}
	want := `DL3007 medium Dockerfile:2
DL3002 medium Dockerfile:4
DL3066 low Dockerfile:4
DOCKERFILE_DIGEST high Dockerfile:2
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

func FuzzHadolint(f *testing.F) {
	for _, name := range []string{"defect", "clean", "broken"} {
		out := scannertest.Output(f, "hadolint/"+name)
		f.Add(out.Stdout, out.Exit)
	}
	f.Fuzz(func(t *testing.T, stdout []byte, exit int) {
		found, err := parse(scanner.Output{Stdout: stdout, Exit: exit}, []string{"Dockerfile"})
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

// A Dockerfile is also recognised by its text, and no other file is.
func TestDockerfileText(t *testing.T) {
	for text, want := range map[string]bool{
		"FROM scratch\nCOPY a /a\n": true,
		"# syntax=docker/dockerfile:1\n\nARG A=1\r\nfrom --platform=linux/amd64 a AS b\r\n\n# c\nrun x": true,
		"FROM a\nFROM b\n":                     true,
		"FROM scratch\n":                       false, // builds nothing
		"From here on\nrun the tests.\n":       false,
		"From: a@b.invalid\nLabel all of it\n": false,
		"SELECT day\nFROM prices\nUSER x\n":    false,
		"":                                     false,
	} {
		if got := dockerfileText.MatchString(text); got != want {
			t.Errorf("%q is a Dockerfile: %t, want %t", text, got, want)
		}
	}
}

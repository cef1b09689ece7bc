package selftest

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner"
	"example.com/rates/security/toolbox"
)

// place writes files by their path.
func place(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o700); err != nil {
			t.Fatal(err)
		}
	}
}

const seekerCanary = `cases:
  - {name: a word, folders: [defect], finds: [{rule: WORD, file: a.txt, line: 2}]}
  - {name: no word, folders: [clean], passes: true}
  - {name: no text, folders: [broken], error: input not parsed}
  - {name: a word by an edit, folders: [defect, clean], edits: [{file: a.txt, old: "fine\nfine", new: DEFECT}], finds: [{rule: WORD, file: a.txt, line: 1}]}
blind_spots:
  - {text: it passes without a tool, cases: [a word, tool missing], test: TestSeeker}
  - {text: it passes on half a word, test: TestHalves}
`

// config returns a self-test of the scanner with an installed tool.
func config(t *testing.T, s scanner.Scanner) Config {
	t.Helper()
	dir := t.TempDir()
	box := toolbox.Box{Pins: filepath.Join(dir, "pins"), Cache: filepath.Join(dir, "cache"), Records: filepath.Join(dir, "records")}
	place(t, box.Pins, map[string]string{"seeker/requirements.in": "seeker==1.0\n", "seeker/requirements.txt": "seeker==1.0\n"})
	pin, err := box.Pin("seeker")
	if err != nil {
		t.Fatal(err)
	}
	place(t, box.Dir(pin), map[string]string{"bin/python": "#!/bin/sh\ncase $* in *json*) echo '[]' ;; *) echo 1.0 ;; esac\n", "bin/seeker": script})
	if err := box.Record(t.Context(), pin); err != nil {
		t.Fatal(err)
	}
	place(t, filepath.Join(dir, "canaries/seeker"), map[string]string{
		"canary.yaml": seekerCanary, "defect/a.txt": "fine\nDEFECT\n", "clean/a.txt": "fine\nfine\n", "broken/a.txt": "BROKEN\n",
	})
	scratch := filepath.Join(dir, "scratch")
	if err := os.Mkdir(scratch, 0o750); err != nil {
		t.Fatal(err)
	}
	return Config{
		Scanners: []scanner.Scanner{s}, Canaries: filepath.Join(dir, "canaries"), Box: box,
		Scratch: scratch, Cores: 2, Now: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC),
	}
}

func test(t *testing.T, cfg Config) Report {
	t.Helper()
	report, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// A correct gate passes every case.
func TestCorrectGate(t *testing.T) {
	report := test(t, config(t, seeker{}))
	var names []string
	for _, c := range report.Gates[0].Cases {
		names = append(names, c.Name)
		if !c.OK {
			t.Errorf("%s: got %s, want %s", c.Name, c.Got, c.Want)
		}
	}
	want := append([]string{"a word", "no word", "no text", "a word by an edit"}, sabotageNames()...)
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("cases (-want +got):\n%s", diff)
	}
	if report.Exit() != 0 {
		t.Errorf("exit code %d, want 0", report.Exit())
	}
}

// A gate that is blind in one way fails the case for it.
func TestBlindGates(t *testing.T) {
	for _, test := range []struct {
		gate seeker
		want string
	}{
		{seeker{anyTool: true}, toolMissing},
		{seeker{countless: true}, emptyTree},
		{seeker{patient: true}, timeUp},
		{seeker{deaf: true}, killed},
		{seeker{credulous: true}, cutOff},
		{seeker{noDatabase: true}, databaseMissing},
		{seeker{gullible: true}, databaseEmpty + ", " + databaseCut},
		{seeker{unchecked: true}, toolChanged},
		{seeker{nearsighted: true}, "a word"},
		{seeker{jumpy: true}, "no word"},
	} {
		t.Run(test.want, func(t *testing.T) {
			t.Parallel()
			cfg := config(t, test.gate)
			report, err := Run(t.Context(), cfg)
			if err != nil {
				t.Fatal(err)
			}
			var failed []string
			for _, c := range report.Gates[0].Failed() {
				failed = append(failed, c.Name)
			}
			if !strings.Contains(strings.Join(failed, ", "), test.want) {
				t.Errorf("failed are %q, want %q among them", failed, test.want)
			}
			if report.Exit() != 1 {
				t.Errorf("exit code %d, want 1", report.Exit())
			}
		})
	}
}

// A gate without its tool is not tested, which is not a success.
func TestUntested(t *testing.T) {
	cfg := config(t, seeker{})
	cfg.Box.Cache = t.TempDir()
	report := test(t, cfg)
	if report.Gates[0].Untested == "" || report.Exit() != 3 {
		t.Errorf("untested %q, exit code %d, want a reason and 3", report.Gates[0].Untested, report.Exit())
	}
}

// A gate without a valid canary fails.
func TestCanaryRefusals(t *testing.T) {
	const finds, passes, fails = "  - {name: a, folders: [defect], finds: [{rule: WORD, file: a.txt}]}\n",
		"  - {name: b, folders: [clean], passes: true}\n", "  - {name: c, folders: [broken], error: input not parsed}\n"
	for _, test := range []struct{ name, canary, want string }{
		{"valid", "cases:\n" + finds + passes + fails, ""},
		{"no case that finds", "cases:\n" + passes + fails, "there is no case that finds a defect"},
		{"no case that passes", "cases:\n" + finds + fails, "there is no case that passes"},
		{"no case that is an error", "cases:\n" + finds + passes, "there is no case that is an error"},
		{"an unknown key", "cases:\n" + finds + passes + fails + "  - {nam: d}\n", "line 5: unknown key nam"},
		{"a name twice", "cases:\n" + finds + finds, `another case is called "a"`},
		{"a name of the self-test", "cases:\n  - {name: killed, folders: [clean], passes: true}\n", `another case is called "killed"`},
		{"no name", "cases:\n  - {folders: [clean], passes: true}\n", "it has no name"},
		{"no folders", "cases:\n  - {name: a, passes: true}\n", "it has no folders"},
		{"a missing folder", "cases:\n  - {name: a, folders: [other], passes: true}\n", `there is no folder "other" next to it`},
		{"a folder elsewhere", "cases:\n  - {name: a, folders: [../seeker/clean], passes: true}\n", `there is no folder "../seeker/clean" next to it`},
		{"no result", "cases:\n  - {name: a, folders: [clean]}\n", "it needs exactly one of finds, passes and error"},
		{"two results", "cases:\n  - {name: a, folders: [clean], passes: true, error: killed}\n", "it needs exactly one of finds, passes and error"},
		{"an unknown kind", "cases:\n  - {name: a, folders: [clean], error: bad}\n", `there is no kind of error "bad"`},
		{"an unknown format", "cases:\n  - {name: a, folders: [clean], passes: true, as: {a.txt: ebcdic}}\n", `there is no format "ebcdic" for a.txt`},
		{"an unknown place", "cases:\n  - {name: a, folders: [clean], passes: true, keep: drawer}\n", `there is no place "drawer" to keep a secret`},
		{"a blind spot", "cases:\n" + finds + passes + fails + "blind_spots: [{text: x, cases: [a, killed], test: TestX}]\n", ""},
		{"a blind spot without text", "cases:\n" + finds + passes + fails + "blind_spots: [{cases: [a]}]\n", "it has no text"},
		{"a blind spot that nothing covers", "cases:\n" + finds + passes + fails + "blind_spots: [{text: x}]\n", "it needs cases, a test, or both"},
		{"a blind spot with an unknown case", "cases:\n" + finds + passes + fails + "blind_spots: [{text: x, cases: [d]}]\n", `there is no case "d"`},
		{"a blind spot with a bad test name", "cases:\n" + finds + passes + fails + "blind_spots: [{text: x, test: . -exec rm}]\n", "is not the name of a Go test"},
		{"a finding without a file", "cases:\n  - {name: a, folders: [clean], finds: [{rule: WORD}]}\n", "needs a rule, a file"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			place(t, dir, map[string]string{"canary.yaml": test.canary, "defect/a.txt": "", "clean/a.txt": "", "broken/a.txt": ""})
			_, err := readCanary(dir)
			if test.want == "" && err != nil || test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
	cfg := config(t, seeker{})
	cfg.Canaries = t.TempDir()
	report := test(t, cfg)
	if failed := report.Gates[0].Failed(); len(failed) != 1 || report.Exit() != 1 {
		t.Errorf("without a canary %d cases failed and the exit code is %d, want 1 and 1", len(failed), report.Exit())
	}
}

// An edit that does not fit is an error of the self-test: the case would otherwise
// show what the folder shows without it.
func TestEditsThatDoNotFit(t *testing.T) {
	for name, e := range map[string]edit{
		"no such text":          {"a.txt", "worse", "bad"},
		"a text twice":          {"a.txt", "fine", "bad"},
		"no text":               {"a.txt", "", "bad"},
		"no such file":          {"b.txt", "fine", "bad"},
		"not in the repository": {"../a.txt", "fine", "bad"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			place(t, dir, map[string]string{"a.txt": "fine", "work/a.txt": "fine\nfine\n"})
			if err := apply(filepath.Join(dir, "work"), []edit{e}); err == nil {
				t.Errorf("%+v is accepted", e)
			}
		})
	}
}

// An unknown gate and a test without gates are errors.
func TestNoSuchGate(t *testing.T) {
	cfg := config(t, seeker{})
	cfg.Only = []string{"seeker", "other"}
	if _, err := Run(t.Context(), cfg); err == nil {
		t.Error("an unknown gate was tested")
	}
	cfg.Only, cfg.Scanners = nil, nil
	if _, err := Run(t.Context(), cfg); err == nil {
		t.Error("nothing was tested")
	}
}

// An interrupted self-test proves nothing.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Run(ctx, config(t, seeker{})); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that it was interrupted", err)
	}
}

package selftest

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Only cases that ran and passed close a blind spot. A Go test never does,
// because the self-test does not run it.
func TestBlindSpotStatus(t *testing.T) {
	ok := func(name string) Case { return Case{Name: name, OK: true} }
	for _, test := range []struct {
		name string
		spot BlindSpot
		ran  []Case
		want Status
	}{
		{"all cases passed", BlindSpot{Cases: []string{"a", "b"}}, []Case{ok("a"), ok("b"), {Name: "c"}}, Closed},
		{"all cases passed, a test for the rest", BlindSpot{Cases: []string{"a"}, Test: "TestX"}, []Case{ok("a")}, Closed},
		{"a case failed", BlindSpot{Cases: []string{"a", "b"}}, []Case{ok("a"), {Name: "b"}}, Open},
		{"a case did not run", BlindSpot{Cases: []string{"a", "b"}, Test: "TestX"}, []Case{ok("a")}, Open},
		{"only a test", BlindSpot{Test: "TestX"}, []Case{ok("a")}, TestedElsewhere},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.spot.status(test.ran); got != test.want {
				t.Errorf("status %q, want %q", got, test.want)
			}
		})
	}
}

// A gate that loses the case behind a blind spot fails the self-test.
func TestOpenBlindSpotFails(t *testing.T) {
	report := Report{Gates: []Result{{Gate: "seeker", BlindSpots: []BlindSpot{{Text: "x", Cases: []string{"a"}, Status: Open}}}}}
	if code := report.Exit(); code != 1 {
		t.Errorf("exit code %d, want 1", code)
	}
	var text strings.Builder
	if err := Text(&text, report, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"OPEN", "case: a", "Not proven: 0 of 0 cases failed; blind spots: 1 open."} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text has no %q:\n%s", want, &text)
		}
	}
}

// The text never counts a test that did not run as proof, and says how to run
// it.
func TestTextOfBlindSpots(t *testing.T) {
	report := test(t, config(t, seeker{}))
	var text strings.Builder
	if err := Text(&text, report, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"  closed            seeker               it passes without a tool\n",
		"   further cases, not run here: REQUIRE_TOOLS=1 go test ./security/scanner/... -run '^TestSeeker$'\n",
		"  tested elsewhere  seeker               it passes on half a word\n",
		"   not run here: REQUIRE_TOOLS=1 go test ./security/scanner/... -run '^TestHalves$'\n",
		"Proven: 1 gates in 15 cases; blind spots: 1 closed, 1 tested elsewhere.",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("the text has no %q:\n%s", want, &text)
		}
	}
}

// Every canary is valid, so every case that closes a blind spot exists, and so
// does every Go test that covers one.
func TestCanaries(t *testing.T) {
	source := testSource(t, filepath.Join("..", "scanner"))
	gates, err := filepath.Glob(filepath.Join("..", "canaries", "*"))
	if err != nil || len(gates) == 0 {
		t.Fatalf("there are no canaries: %v", err)
	}
	for _, gate := range gates {
		canary, err := readCanary(gate)
		if err != nil {
			t.Error(err)
		}
		for _, spot := range canary.BlindSpots {
			if spot.Test != "" && !strings.Contains(source, "\nfunc "+spot.Test+"(t *testing.T) {") {
				t.Errorf("%s: %s: there is no test %s", gate, spot.Text, spot.Test)
			}
		}
	}
}

// testSource returns the source of all tests below a folder.
func testSource(t *testing.T, dir string) string {
	t.Helper()
	var source strings.Builder
	err := filepath.WalkDir(dir, func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		content, err := os.ReadFile(path)
		source.Write(content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return source.String()
}

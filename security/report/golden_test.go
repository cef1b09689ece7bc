package report

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files")

// golden compares a rendering with the file of that name in testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s differs (-want +got); if that is intended, run the test with -update and review the diff:\n%s", file, diff)
	}
}

func TestRenderingsAreAsReviewed(t *testing.T) {
	golden(t, "report.txt", []byte(textOf(t, sample(), false)))
	golden(t, "report.md", []byte(rendered(t, Markdown, sample())))
	golden(t, "report.json", []byte(rendered(t, JSON, smallSample())))
	golden(t, "report.sarif", []byte(rendered(t, SARIF, smallSample())))
}

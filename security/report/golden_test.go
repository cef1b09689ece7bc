package report

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden files from what is rendered")

// golden holds what was rendered against the file of that name in testdata.
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
		t.Errorf("%s differs (-want +got); if that is meant, run the test with -update and read the diff:\n%s", file, diff)
	}
}

func TestRenderingsOfTheSampleAreAsReviewed(t *testing.T) {
	for _, rendering := range renderings {
		t.Run(rendering.name, func(t *testing.T) {
			var got bytes.Buffer
			if err := rendering.render(&got, sample()); err != nil {
				t.Fatal(err)
			}
			golden(t, rendering.name, got.Bytes())
		})
	}
}

package analysis

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// canaries is where code with planted defects is. Each line that must be found says
// so: // want RULE.
var canaries = filepath.Join("..", "..", "..", "canaries", "gosec")

func TestCanaries(t *testing.T) {
	for _, folder := range []string{"own", "fixed"} {
		t.Run(folder, func(t *testing.T) {
			dir, err := filepath.Abs(filepath.Join(canaries, folder))
			if err != nil {
				t.Fatal(err)
			}
			report, err := Of(t.Context(), dir, []string{"."})
			if err != nil || len(report.Problems) > 0 {
				t.Fatalf("%v, %q", err, report.Problems)
			}
			var got []string
			for _, i := range report.Issues {
				if i.Excuse == "" {
					got = append(got, fmt.Sprintf("%s:%d %s", filepath.Base(i.File), i.Line, i.Rule))
				}
			}
			if diff := cmp.Diff(wanted(t, report.Files), got); diff != "" {
				t.Errorf("issues (-want +got):\n%s", diff)
			}
		})
	}
}

// wanted returns the lines of files that must be found.
func wanted(t *testing.T, files []string) []string {
	t.Helper()
	var want []string
	slices.Sort(files)
	for _, name := range files {
		content, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range bytes.Split(content, []byte("\n")) {
			if _, rule, ok := strings.Cut(string(line), "// want "); ok {
				want = append(want, fmt.Sprintf("%s:%d %s", filepath.Base(name), i+1, rule))
			}
		}
	}
	return want
}

package scanner

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/tree"
)

func TestGoFilesAreSortedByWhatBuildsThem(t *testing.T) {
	dir := t.TempDir()
	files := map[string]string{
		"a.go":         "package a\n",
		"a_test.go":    "package a\n",
		"a_plan9.go":   "package a\n",
		"b.go":         "//go:build unix && !linux && !darwin && !freebsd\n\npackage a\n",
		"c.go":         "//go:build release\n\npackage a\n",
		"d.go":         "//go:build !release\n\npackage a\n",
		"ignored.go":   "//go:build ignore\n\npackage main\n",
		"malformed.go": "//go:build (\n\npackage a\n",
		"_under.go":    "package a\n",
	}
	at := tree.Tree{Dir: dir, Repository: dir}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		at.Files = append(at.Files, name)
	}
	slices.Sort(at.Files)
	got := goFilesOf(at)
	want := goFiles{
		built:   []string{"a.go", "d.go", "malformed.go"},
		foreign: []string{"a_plan9.go", "b.go"},
		tagged:  []string{"_under.go", "c.go", "ignored.go"},
	}
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(goFiles{})); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

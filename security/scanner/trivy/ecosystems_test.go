package trivy

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
	"example.com/rates/security/tree"
)

// knowing returns a cache whose database holds a text across the end of a block.
func knowing(t *testing.T, text string) cache {
	t.Helper()
	dir := t.TempDir()
	content := strings.Repeat("x", 1<<20-len(text)/2) + text + strings.Repeat("x", 100)
	err := os.Mkdir(filepath.Join(dir, "db"), 0o750)
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, "db", "trivy.db"), []byte(content), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	return cache{dir: dir}
}

// A copy of the database may be for one ecosystem alone; the live one may not.
func TestUnknownLists(t *testing.T) {
	at := tree.Tree{Files: []string{"a/go.mod", "b/requirements-dev.txt"}}
	copied := knowing(t, "go::The Go Vulnerability Database")
	_, err := unknownLists(at, copied)
	scannertest.WantKind(t, err, scanner.DatabaseMissing)
	copied.offline = true
	unknown, err := unknownLists(at, copied)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"b/requirements-dev.txt"}, unknown); diff != "" {
		t.Errorf("lists of unknown packages (-want +got):\n%s", diff)
	}
	_, err = unknownLists(at, cache{dir: t.TempDir()})
	scannertest.WantKind(t, err, scanner.DatabaseMissing)
}

func TestDependencyLists(t *testing.T) {
	got := dependencyLists(tree.Tree{Files: []string{
		"build.txt", "docs/requirements.md", "go.mod", "requirements-dev.txt", "security/tools/a/build.txt", "ui/yarn.lock",
	}})
	want := []string{"go.mod", "requirements-dev.txt", "ui/yarn.lock", "security/tools/a/build.txt"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lists (-want +got):\n%s", diff)
	}
}

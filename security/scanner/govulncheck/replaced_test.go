package govulncheck

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner/scannertest"
	"example.com/rates/security/tree"
)

// A module may be replaced by another version of itself, or if it is one of the
// repository's own.
func TestReplacedModules(t *testing.T) {
	dir := t.TempDir()
	at := tree.Tree{Dir: dir, Repository: dir, Files: []string{"bench/go.mod", "go.mod"}}
	for name, content := range map[string]string{
		"bench/go.mod": "module example.com/a/bench\n\nreplace example.com/a => ../\n\nreplace (\n\texample.com/ab => ../ab\n\tgolang.org/x/text v0.3.5 => example.org/text v0.3.5\n)\n",
		"go.mod":       "module example.com/a\n\nreplace golang.org/x/text => golang.org/x/text v0.3.8\n\nreplace example.com/a/b => ./b\n",
	} {
		if err := os.MkdirAll(filepath.Dir(at.Path(name)), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at.Path(name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	found, err := replacedModules(at)
	if err != nil {
		t.Fatal(err)
	}
	want := "not-examined medium bench/go.mod:6 (example.com/ab)\nnot-examined medium bench/go.mod:7 (golang.org/x/text)\n"
	if diff := cmp.Diff(want, scannertest.Places(found)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

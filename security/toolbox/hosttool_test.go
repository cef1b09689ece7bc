package toolbox

import (
	"os"
	"path/filepath"
	"testing"

	"example.com/rates/security/scanner"
)

// A program of the machine is used only if it matches its pin. Any other, here
// the test's own program, is not started.
func TestHostTool(t *testing.T) {
	b := box(t, map[string]string{"tool/host.txt": "# why\nexample.com/tool 1.2.3\n"})
	dir := b.Dir(pin(t, b, "tool"))
	_, err := b.Find(t.Context(), "tool")
	wantKind(t, err, scanner.ToolMissing, "tool 1.2.3 is not installed")

	place(t, dir, map[string]string{"bin/tool": "#!/bin/sh\necho '{\"terraform_version\": \"1.2.3\"}'\n"})
	recorded(t, b, "tool")
	_, err = b.Find(t.Context(), "tool")
	wantKind(t, err, scanner.WrongVersion, "must be the program itself")

	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "bin", "tool")
	if err := os.Remove(program); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	recorded(t, b, "tool")
	_, err = b.Find(t.Context(), "tool")
	wantKind(t, err, scanner.WrongVersion, "it was built from")
}

// A program that is not on the PATH is missing.
func TestMissingHostTool(t *testing.T) {
	b := box(t, map[string]string{"no-such-tool/host.txt": "example.com/tool 1.2.3\n"})
	_, err := b.Install(t.Context(), "no-such-tool")
	wantKind(t, err, scanner.ToolFailed, "install exactly this version of no-such-tool")
	_, err = b.Find(t.Context(), "no-such-tool")
	wantKind(t, err, scanner.ToolMissing, "is not installed")
}

// Where Terraform of the pinned version is on the PATH, it is found.
func TestTerraformOfThisMachine(t *testing.T) {
	b := Box{Pins: filepath.Join("..", "tools"), Cache: t.TempDir(), Records: t.TempDir()}
	made, err := b.Install(t.Context(), "terraform")
	if err != nil {
		t.Skipf("SKIP: %v", err)
	}
	if made.Tool.Version != pin(t, b, "terraform").Version {
		t.Errorf("found %+v", made.Tool)
	}
}

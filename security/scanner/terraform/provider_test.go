package scanner

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/rates/security/tree"
)

// A provider that was not made from the pinned source is not used.
func TestABuiltProviderMustBeThePinnedOne(t *testing.T) {
	cache, pins := t.TempDir(), t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	place := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tf := &terraform{job: Job{Tree: tree.Tree{Dir: pins}, Scratch: t.TempDir()}}
	wantKind(t, tf.useBuiltProvider(), ToolMissing) // it is pinned nowhere
	place(filepath.Join(pins, "terraform/provider/go.mod"), "module x\n\nrequire "+azurerm+" v1.2.3\n")
	place(filepath.Join(pins, "terraform/provider/go.sum"), azurerm+" v1.2.3 h1:x=\n")
	err := tf.useBuiltProvider()
	wantKind(t, err, ToolMissing)
	if !strings.Contains(err.Error(), "make terraform-provider") {
		t.Errorf("error %v, want what to do", err)
	}
	program := filepath.Join(cache, "rates/terraform-provider-azurerm/v1.2.3/terraform-provider-azurerm")
	place(program, "#!/bin/sh\n")
	wantKind(t, tf.useBuiltProvider(), WrongVersion)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(program); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	wantKind(t, tf.useBuiltProvider(), WrongVersion)
}

package terraform

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
	"example.com/rates/security/tree"
)

// A provider that was not built from the pinned source is not used.
func TestBuiltProviderMustBePinned(t *testing.T) {
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
	tf := &Copy{job: scanner.Job{Tree: tree.Tree{Dir: pins}, Scratch: t.TempDir()}}
	scannertest.WantKind(t, tf.useBuiltProvider(), scanner.ToolMissing) // it is not pinned
	place(filepath.Join(pins, "terraform/provider/go.mod"), "module x\n\nrequire "+azurerm+" v1.2.3\n")
	place(filepath.Join(pins, "terraform/provider/go.sum"), azurerm+" v1.2.3 h1:x=\n")
	err := tf.useBuiltProvider()
	scannertest.WantKind(t, err, scanner.ToolMissing)
	if !strings.Contains(err.Error(), "make terraform-provider") {
		t.Errorf("error %v, want what to do", err)
	}
	program := filepath.Join(cache, "rates/terraform-provider-azurerm/v1.2.3/terraform-provider-azurerm")
	place(program, "#!/bin/sh\n")
	scannertest.WantKind(t, tf.useBuiltProvider(), scanner.WrongVersion)
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
	scannertest.WantKind(t, tf.useBuiltProvider(), scanner.WrongVersion)
}

// A provider that changed after it was built is not used, and neither is one of which
// nothing is recorded.
func TestBuiltProviderMustBeUnchanged(t *testing.T) {
	records := t.TempDir()
	t.Setenv("RATES_TOOL_RECORDS", records)
	program, record := filepath.Join(t.TempDir(), "provider"), filepath.Join(records, "terraform-provider-azurerm-v1.2.3.sha256")
	write := func(file, text string) {
		t.Helper()
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(program, "provider\n")
	if err := unchanged(program, "v1.2.3"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a record: %v", err)
	}
	write(record, "dcfa4f13ab2f4c7a6bb1d6e2b5e3d6a3e4d3a1c4  -\n")
	if err := unchanged(program, "v1.2.3"); err == nil || !strings.Contains(err.Error(), "is not the recorded one") {
		t.Errorf("with another record: %v", err)
	}
	sum := sha256.Sum256([]byte("provider\n"))
	write(record, hex.EncodeToString(sum[:])+"  "+program+"\n")
	if err := unchanged(program, "v1.2.3"); err != nil {
		t.Error(err)
	}
	write(program, "provideR\n")
	if err := unchanged(program, "v1.2.3"); err == nil {
		t.Error("a changed provider is used")
	}
}

func TestRegistryClosed(t *testing.T) {
	for answer, want := range map[string]bool{
		"Error: Failed to query available provider packages\n\nhashicorp/azurerm: could not connect to\nregistry.terraform.io: failed to request": true,
		"Get \"https://releases.hashicorp.com/x\": dial tcp: lookup releases.hashicorp.com: no such host":                                         true,
		"Error: Failed to query available provider packages\n\nno available releases match the given constraints ~> 6.0":                          false,
		"Error: Unsupported block type": false,
	} {
		if got := registryClosed([]byte(answer)); got != want {
			t.Errorf("registryClosed(%q) = %v, want %v", answer, got, want)
		}
	}
}

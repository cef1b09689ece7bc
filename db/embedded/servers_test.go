package embedded

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

// templateDir is the directory with data that makeTemplate creates; runTests sets it.
var templateDir string

var makeTemplate = sync.OnceValue(func() error {
	bin, err := server()
	if err != nil {
		return err
	}
	s, err := Start(context.Background(), Config{Dir: templateDir, BinDir: bin.dir})
	if err != nil {
		return err
	}
	return s.Close()
})

// dirWithData returns a directory whose server was shut down. Copying one is faster
// than creating one.
func dirWithData(t *testing.T) string {
	t.Helper()
	needServer(t)
	if err := makeTemplate(); err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(tempDir(t), "dir")
	if out, err := exec.Command("cp", "-a", templateDir, dir).CombinedOutput(); err != nil {
		t.Fatalf("copy the data: %v: %s", err, out)
	}
	return dir
}

// fakeServer returns a directory with these shell scripts as programs.
func fakeServer(t *testing.T, postgres, initdb string) string {
	t.Helper()
	dir := filepath.Join(tempDir(t), "bin")
	for name, script := range map[string]string{"postgres": postgres, "initdb": initdb} {
		write(t, filepath.Join(dir, name), "#!/bin/sh\n"+script+"\n")
		if err := os.Chmod(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// versionScript returns a script that answers --version and otherwise does the rest.
func versionScript(version, rest string) string {
	return `if [ "$1" = --version ]; then echo 'postgres (PostgreSQL) ` + version + `'; exit; fi
` + rest
}

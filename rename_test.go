package repository_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// A fork renames the module by one command. Afterwards every import resolves,
// those of tests too, the program compiles, and nothing names the old path.
func TestRename(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIP: -short leaves out compiling the renamed tree")
	}
	old := strings.TrimSpace(command(t, ".", "go", "list", "-m"))
	const renamed = "github.com/acme/rates"
	fork := t.TempDir()
	for name := range strings.SplitSeq(command(t, ".", "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"), "\x00") {
		copyFile(t, name, filepath.Join(fork, name))
	}
	command(t, fork, "git", "init", "--quiet")
	command(t, fork, "git", "add", "--all", "--force")

	command(t, fork, "make", "rename", "MODULE="+renamed)

	if left, err := exec.CommandContext(t.Context(), "git", "-C", fork, "grep", "-nF", old).Output(); err == nil {
		t.Errorf("the old path is still there:\n%s", left)
	}
	// Only these two modules import packages of the project.
	for _, module := range []string{".", "bench"} {
		command(t, filepath.Join(fork, module), "go", "list", "-deps", "-test", "./...")
	}
	command(t, fork, "go", "build", "-o", os.DevNull, "./service/cmd/rates")
	if out := command(t, fork, "go", "fmt", "./..."); out != "" {
		t.Errorf("not formatted any more:\n%s", out)
	}
}

// command runs a program in dir and returns its standard output.
func command(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	var stderr strings.Builder
	cmd.Dir, cmd.Stderr = dir, &stderr
	// The same flags as make test, so that the build cache is shared.
	cmd.Env = append(os.Environ(), "GOFLAGS=-trimpath", "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, stderr.String())
	}
	return string(out)
}

// copyFile copies a file that git lists. One that was deleted but not yet
// committed is ignored.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if os.IsNotExist(err) || from == "" {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, content, 0o600); err != nil {
		t.Fatal(err)
	}
}

package git_test

import (
	"os/exec"
	"strings"
	"testing"

	"example.com/rates/security/git"
)

// A hook of one repository runs the gates on another.
func TestRunOfAHook(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("SKIP: git is not installed")
	}
	t.Setenv("GIT_DIR", t.TempDir())
	dir := t.TempDir()
	if _, err := git.Run(t.Context(), dir, git.Alone(), "init", "--quiet"); err != nil {
		t.Fatal(err)
	}
	found, err := git.Run(t.Context(), dir, git.Alone(), "rev-parse", "--git-dir")
	if err != nil || found != ".git\n" {
		t.Errorf("the repository is %q (%v), want the one of the folder", found, err)
	}
}

func TestErrorHoldsTheMessageOfGit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("SKIP: git is not installed")
	}
	_, err := git.Run(t.Context(), t.TempDir(), git.Alone(), "no-such-command")
	if err == nil || !strings.Contains(err.Error(), "no-such-command") {
		t.Errorf("the error is %v", err)
	}
}

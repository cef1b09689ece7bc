package gitleaks_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"example.com/rates/security/git"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/gitleaks"
	"example.com/rates/security/toolbox"
	"example.com/rates/security/tree"
)

// key is a well-formed AWS access key id, made up, and put together only when
// the test runs: written out it would be a finding in this repository.
var key = "AKIA" + "Q3ZX7W2NDPLT5KVB"

// work is a repository that a test fills.
type work struct {
	*testing.T
	dir string
}

func newRepository(t *testing.T) work {
	t.Helper()
	w := work{t, t.TempDir()}
	w.git("init", "--quiet", "--initial-branch=main")
	w.write("README", "a repository\n")
	w.commit()
	return w
}

func (w work) git(args ...string) {
	w.Helper()
	cmd := exec.CommandContext(w.Context(), "git", append([]string{"-c", "user.name=A", "-c", "user.email=a@invalid"}, args...)...)
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1")
	if out, err := cmd.CombinedOutput(); err != nil {
		w.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

// output returns what git prints, without the end of the line.
func (w work) output(args ...string) string {
	w.Helper()
	out, err := git.Run(w.Context(), w.dir, git.Alone(), args...)
	if err != nil {
		w.Fatal(err)
	}
	return strings.TrimSpace(out)
}

func (w work) remove(name string) {
	w.Helper()
	if err := os.Remove(filepath.Join(w.dir, name)); err != nil {
		w.Fatal(err)
	}
}

func (w work) write(name, content string) {
	w.Helper()
	if err := os.MkdirAll(filepath.Dir(filepath.Join(w.dir, name)), 0o700); err != nil {
		w.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(content), 0o600); err != nil {
		w.Fatal(err)
	}
}

func (w work) commit() {
	w.Helper()
	w.git("add", "--all", "--force")
	w.git("commit", "--quiet", "--message", "change")
}

// scan runs the real tool on what was committed last.
func (w work) scan() (scanner.Outcome, error) {
	w.Helper()
	box, err := toolbox.New(filepath.Join("..", "..", "tools"))
	if err != nil {
		w.Fatal(err)
	}
	if _, err := box.Find(w.Context(), "gitleaks"); err != nil {
		if os.Getenv("REQUIRE_TOOLS") != "" {
			w.Fatal(err)
		}
		w.Skipf("SKIPPED: %v", err)
	}
	copied, err := tree.Copy(w.Context(), w.dir, w.TempDir())
	if err != nil {
		w.Fatal(err)
	}
	return gitleaks.New().Scan(w.Context(), scanner.Job{
		Tree: copied, Scratch: w.TempDir(), Run: scanner.Run,
		Tool: box.Find,
	})
}

// Each is a place in the history that gitleaks, or git for it, does not show by
// default.
func TestGitleaksReadsTheWholeHistory(t *testing.T) {
	t.Parallel()
	gone := func(w work) {
		w.git("rm", "--quiet", "settings.ini")
		w.commit()
	}
	for name, hide := range map[string]func(w work){
		"added by a merge alone": func(w work) {
			w.git("checkout", "--quiet", "-b", "side")
			w.write("side", "side\n")
			w.commit()
			w.git("checkout", "--quiet", "main")
			w.write("main", "main\n")
			w.commit()
			w.git("merge", "--quiet", "--no-ff", "--no-commit", "side")
			w.write("settings.ini", key+"\n")
			w.commit()
			gone(w)
		},
		"in the first commit": func(w work) {
			w.git("checkout", "--quiet", "--orphan", "other")
			w.write("settings.ini", key+"\n")
			w.commit()
			gone(w)
			w.git("config", "log.showRoot", "false")
		},
		"where a link was": func(w work) {
			if err := os.Symlink("README", filepath.Join(w.dir, "settings.ini")); err != nil {
				w.Fatal(err)
			}
			w.commit()
			w.git("rm", "--quiet", "settings.ini")
			w.write("settings.ini", key+"\n")
			w.commit()
			gone(w)
		},
		"in a file with a NUL byte": func(w work) {
			w.write("settings.ini", "\x00\n"+key+"\n")
			w.commit()
			gone(w)
		},
		"in a repository with settings for display": func(w work) {
			w.write("settings.ini", key+"\n")
			w.commit()
			gone(w)
			for _, setting := range []string{
				"color.ui=always", "diff.noprefix=true", "format.pretty=oneline", "log.decorate=full", "log.abbrevCommit=true",
				"diff.external=true", "log.date=relative", "diff.mnemonicPrefix=true", "log.showSignature=true", "diff.submodule=log",
			} {
				name, value, _ := strings.Cut(setting, "=")
				w.git("config", name, value)
			}
		},
		"before a commit that was replaced": func(w work) {
			w.write("settings.ini", key+"\n")
			w.commit()
			gone(w)
			w.git("checkout", "--quiet", "--orphan", "fresh")
			w.commit()
			w.git("checkout", "--quiet", "main")
			w.git("replace", "main", "fresh")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newRepository(t)
			hide(w)
			outcome, err := w.scan()
			if err != nil {
				t.Fatal(err)
			}
			if len(outcome.Findings) != 1 || outcome.Findings[0].File != "settings.ini" || outcome.Findings[0].Resource == "" {
				t.Errorf("examined %d %s and found %v", outcome.Examined.Count, outcome.Examined.Unit, outcome.Findings)
			}
		})
	}
}

func TestGitleaksReadsALinkedWorktree(t *testing.T) {
	t.Parallel()
	w := newRepository(t)
	linked := filepath.Join(t.TempDir(), "linked")
	w.git("worktree", "add", "--quiet", "-b", "side", linked)
	w.dir = linked
	w.write("settings.ini", key+"\n")
	w.commit()
	outcome, err := w.scan()
	if err != nil {
		t.Fatal(err)
	}
	if outcome.Examined.Count != 2 || len(outcome.Findings) != 2 {
		t.Errorf("examined %v, found %v", outcome.Examined, outcome.Findings)
	}
}

func TestGitleaksNeedsACommit(t *testing.T) {
	t.Parallel()
	w := work{t, t.TempDir()}
	w.git("init", "--quiet", "--initial-branch=main")
	w.write("README", "not committed\n")
	_, err := w.scan()
	if e, ok := errors.AsType[*scanner.Error](err); !ok || e.Kind != scanner.InputUnavailable || !strings.Contains(e.Detail, "HEAD") {
		t.Errorf("error is %v", err)
	}
}

package tree

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func fill(t *testing.T, dir string, files map[string]string) {
	t.Helper()
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// What a tracked .gitignore ignores is left out and listed. Patterns that are no
// part of the repository hide nothing.
func TestCopyKnowsWhatIsIgnored(t *testing.T) {
	for name, test := range map[string]struct {
		hide    func(dir string)
		ignored []string
	}{
		"by a tracked file": {func(string) {}, nil},
		"by a tracked file in a folder": {func(dir string) {
			fill(t, dir, map[string]string{"sub/.gitignore": "*.go\n!new.go\n", "sub/c.go": ""})
			run(t, dir, "add", "sub/.gitignore")
		}, []string{"sub/c.go"}},
		"by an untracked file": {func(dir string) {
			fill(t, dir, map[string]string{"sub/.gitignore": "*.go\n"})
		}, nil},
		"by an untracked file that ignores itself": {func(dir string) {
			fill(t, dir, map[string]string{"sub/.gitignore": "*\n"})
		}, nil},
		"for this clone": {func(dir string) {
			fill(t, dir, map[string]string{".git/info/exclude": "*.go\n"})
		}, nil},
		"for this user": {func(dir string) {
			fill(t, dir, map[string]string{".git/patterns": "*.go\n"})
			run(t, dir, "config", "core.excludesFile", filepath.Join(dir, ".git/patterns"))
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			dir := repository(t, map[string]string{".gitignore": "*.log\n", "a.go": "", "a.log": "", "sub/new.go": ""}, "a.log", "sub/new.go")
			test.hide(dir)
			tree := copied(t, dir)
			if diff := cmp.Diff(append([]string{"a.log"}, test.ignored...), tree.Ignored); diff != "" {
				t.Errorf("ignored (-want +got):\n%s", diff)
			}
			if !tree.Has("sub/new.go") {
				t.Errorf("sub/new.go is missing; there are %q", tree.Files)
			}
		})
	}
}

// No setting of the repository leads to other files, and no program in the PATH
// lists them.
func TestCopyIsNotLedAstray(t *testing.T) {
	for name, mislead := range map[string]func(t *testing.T, dir string){
		"another work tree": func(t *testing.T, dir string) {
			t.Helper()
			run(t, dir, "config", "core.worktree", repository(t, names("a.go")))
		},
		"another program": func(t *testing.T, _ string) {
			t.Helper()
			bin := t.TempDir()
			if err := os.WriteFile(filepath.Join(bin, "git"), []byte("#!/bin/sh\nprintf 'H a.go\\0'\n"), 0o700); err != nil {
				t.Fatal(err)
			}
			t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
		},
		"a monitor that sees no change": func(t *testing.T, dir string) {
			t.Helper()
			monitor := filepath.Join(dir, ".git", "monitor")
			if err := os.WriteFile(monitor, []byte("#!/bin/sh\ntouch monitored\nprintf 'x\\0'\n"), 0o700); err != nil {
				t.Fatal(err)
			}
			run(t, dir, "config", "core.fsmonitor", monitor)
			run(t, dir, "config", "core.untrackedCache", "true")
		},
		"an included file": func(t *testing.T, dir string) {
			t.Helper()
			fill(t, dir, map[string]string{".git/patterns": "*.go\n", ".git/more": "[core]\n\texcludesFile = " + dir + "/.git/patterns\n\tworktree = /\n"})
			run(t, dir, "config", "includeIf.gitdir:"+dir+"/.path", filepath.Join(dir, ".git/more"))
		},
		"attributes": func(t *testing.T, dir string) {
			t.Helper()
			fill(t, dir, map[string]string{".git/info/attributes": "* export-ignore -text filter=gone\n"})
			run(t, dir, "config", "filter.gone.clean", "true")
			run(t, dir, "config", "filter.gone.required", "true")
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := repository(t, names("a.go", "b.go", "new.go"), "new.go")
			mislead(t, dir)
			if diff := cmp.Diff([]string{"a.go", "b.go", "new.go"}, copied(t, dir).Files); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
}

// The copy leaves out the folders that a canary declares, and no other.
func TestCopyLeavesOutDeclaredCanaries(t *testing.T) {
	files := names(
		"security/canaries/gosec/defect/store.go", "security/canaries/gosec/clean/deep/store.go",
		"security/canaries/gosec/other/store.go", "security/canaries/gosec/image/Dockerfile", "security/canaries/gosec/store.go", "security/canaries/gosec/defect-2/store.go",
		"security/canaries/trivy/defect/store.go", "security/canaries/store.go", "security/canaries/gosec/defect/canary.yaml",
		"security/canaries-real/store.go", "x/security/canaries/gosec/defect/store.go", "service/store.go",
	)
	files["security/canaries/gosec/canary.yaml"] = "cases:\n  - {name: a, folders: [defect, ./clean/], image_of: image, passes: true}\n  - {name: b, folders: [., .., ../trivy, /service, ../../../service], later: key}\n"
	files["security/canaries/gosec/other/canary.yaml"] = "cases:\n  - {folders: [../other]}\n"
	tree := copied(t, repository(t, files))
	if diff := cmp.Diff([]string{
		"security/canaries/gosec/canary.yaml", "security/canaries/gosec/clean/deep/store.go",
		"security/canaries/gosec/defect/canary.yaml", "security/canaries/gosec/defect/store.go",
		"security/canaries/gosec/image/Dockerfile",
	}, tree.Planted); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
	if len(tree.Files)+len(tree.Planted) != len(files) {
		t.Errorf("files %q", tree.Files)
	}
}

// Files of the repository that the copy would lack are an error that names them.
func TestCopyRefusesWhatItCannotSee(t *testing.T) {
	for name, test := range map[string]struct {
		prepare func(dir string)
		want    string
	}{
		"a submodule": {func(dir string) {
			commit(t, filepath.Join(dir, "lib"))
			run(t, dir, "-c", "advice.addEmbeddedRepo=false", "add", "lib")
		}, "lib is a submodule or another repository"},
		"a repository unknown to git": {func(dir string) {
			commit(t, filepath.Join(dir, "lib"))
		}, "lib is a submodule or another repository"},
		"a sparse checkout": {func(dir string) {
			run(t, dir, "sparse-checkout", "set", "--no-cone", "/*", "!/b.go")
		}, "b.go is left out of this checkout"},
		"a change that git shall not show": {func(dir string) {
			run(t, dir, "update-index", "--assume-unchanged", "b.go")
		}, "run: git update-index --no-assume-unchanged b.go"},
		"a change that git shall not make": {func(dir string) {
			run(t, dir, "update-index", "--skip-worktree", "b.go")
		}, "run: git update-index --no-skip-worktree b.go"},
		"a declaration that does not parse": {func(dir string) {
			fill(t, dir, map[string]string{"security/canaries/gosec/canary.yaml": "cases: {"})
		}, "read security/canaries/gosec/canary.yaml: "},
	} {
		t.Run(name, func(t *testing.T) {
			dir := repository(t, names("a.go", "b.go"))
			test.prepare(dir)
			_, err := Copy(t.Context(), dir, t.TempDir())
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

// commit makes a repository with one commit.
func commit(t *testing.T, dir string) {
	t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	run(t, dir, "init", "--quiet")
	run(t, dir, "-c", "user.name=n", "-c", "user.email=n@invalid", "commit", "--quiet", "--allow-empty", "--message", "m")
}

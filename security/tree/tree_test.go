package tree

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// repository makes a git repository with files, by their path. Those named in
// untracked are not added.
func repository(t *testing.T, files map[string]string, untracked ...string) string {
	t.Helper()
	dir := t.TempDir()
	run(t, dir, "init", "--quiet")
	for name, content := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	run(t, dir, "add", "--all", "--force")
	for _, name := range untracked {
		run(t, dir, "rm", "--quiet", "--cached", name)
	}
	return dir
}

func run(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.Command("git", append([]string{"-c", "core.excludesFile=/dev/null"}, args...)...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git %s: %v\n%s", args, err, out)
	}
}

func copied(t *testing.T, repository string) Tree {
	t.Helper()
	tree, err := Copy(t.Context(), repository, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	return tree
}

func names(files ...string) map[string]string {
	all := map[string]string{}
	for _, name := range files {
		all[name] = "content of " + name
	}
	return all
}

// Tracked files are copied, and new ones that are not ignored.
func TestCopy(t *testing.T) {
	files := names("a.go", "sub/b.go", "new.go", "bin/tool", "kept.log", "name with\ttab")
	files[".gitignore"] = "bin/\n*.log\n"
	dir := repository(t, files, "new.go", "bin/tool")
	tree := copied(t, dir)
	want := []string{".gitignore", "a.go", "kept.log", "name with\ttab", "new.go", "sub/b.go"}
	if diff := cmp.Diff(want, tree.Files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	for _, name := range want {
		content, err := os.ReadFile(tree.Path(name))
		if err != nil || string(content) != files[name] {
			t.Errorf("%s holds %q, error %v", name, content, err)
		}
	}
}

// A file with the path of the canaries is copied.
func TestCopyKeepsAFileCalledCanaries(t *testing.T) {
	if tree := copied(t, repository(t, names("security/canaries"))); len(tree.Files) != 1 {
		t.Errorf("files %q, want security/canaries", tree.Files)
	}
}

// The work tree is copied, not the commit, and all of it from any folder in it.
func TestCopyTheWorkTree(t *testing.T) {
	dir := repository(t, names("a.go", "sub/b.go"))
	if err := os.Remove(filepath.Join(dir, "a.go")); err != nil {
		t.Fatal(err)
	}
	tree := copied(t, filepath.Join(dir, "sub"))
	if diff := cmp.Diff([]string{"sub/b.go"}, tree.Files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// A file that git lists for each side of a conflict is copied once.
func TestCopyInAMerge(t *testing.T) {
	dir := repository(t, map[string]string{"a.txt": "a"})
	merge := exec.Command("git", "update-index", "--index-info")
	merge.Dir = dir
	const blob = "78981922613b2afb6025042ff6bd878ac1994e85" // "a\n"
	merge.Stdin = strings.NewReader("0 " + strings.Repeat("0", 40) + "\ta.txt\n100644 " + blob + " 2\ta.txt\n100644 " + blob + " 3\ta.txt\n")
	if out, err := merge.CombinedOutput(); err != nil {
		t.Fatalf("make a conflict: %v\n%s", err, out)
	}
	if diff := cmp.Diff([]string{"a.txt"}, copied(t, dir).Files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// A link is copied as a link, and leads no report out of the copy.
func TestCopyLinks(t *testing.T) {
	dir := repository(t, names("a.txt"))
	for link, target := range map[string]string{"in.txt": "a.txt", "out.txt": "/etc/passwd"} {
		if err := os.Symlink(target, filepath.Join(dir, link)); err != nil {
			t.Fatal(err)
		}
	}
	tree := copied(t, dir)
	if got, err := os.Readlink(tree.Path("out.txt")); err != nil || got != "/etc/passwd" {
		t.Errorf("out.txt leads to %q, error %v", got, err)
	}
	if got := tree.Line("in.txt", 1); got != "content of a.txt" {
		t.Errorf("in.txt reads %q", got)
	}
	if got := tree.Line("out.txt", 1); got != "" {
		t.Errorf("out.txt reads %q", got)
	}
}

// The variables that git sets for a hook do not lead to another repository.
func TestCopyInAHook(t *testing.T) {
	other := repository(t, names("other.go"))
	dir := repository(t, names("a.go"))
	t.Setenv("GIT_DIR", filepath.Join(other, ".git"))
	t.Setenv("GIT_INDEX_FILE", filepath.Join(other, ".git", "index"))
	if diff := cmp.Diff([]string{"a.go"}, copied(t, dir).Files); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// A folder without a repository is refused, and no file is overwritten.
func TestCopyRefusals(t *testing.T) {
	if _, err := Copy(t.Context(), t.TempDir(), t.TempDir()); err == nil {
		t.Error("a folder that is no repository was copied")
	}
	dir := repository(t, names("a.go"))
	into := t.TempDir()
	if err := os.WriteFile(filepath.Join(into, "a.go"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := Copy(t.Context(), dir, into); err == nil {
		t.Error("a file was overwritten")
	}
}

// A path from a tool becomes the path in the repository.
func TestName(t *testing.T) {
	tree := Tree{Dir: "/tmp/copy", Repository: "/home/me/rates"}
	for _, test := range []struct{ given, from, want string }{
		{"/tmp/copy/a/b.go", "", "a/b.go"},
		{"/home/me/rates/a/b.go", "", "a/b.go"},
		{"file:///tmp/copy/a.go", "", "a.go"},
		{"b.go", "a", "a/b.go"},
		{"./b.go", ".", "b.go"},
		{"../b.go", "a", "b.go"},
		{"/tmp/copy-2/b.go", "", "/tmp/copy-2/b.go"},
		{"/usr/lib/go/b.go", "", "/usr/lib/go/b.go"},
	} {
		if got := tree.Name(test.given, test.from); got != test.want {
			t.Errorf("%q from %q is %q, want %q", test.given, test.from, got, test.want)
		}
	}
}

// Files are found by their path, their folder or a pattern of their name.
func TestFinders(t *testing.T) {
	tree := Tree{Files: []string{"Dockerfile", "deploy/Dockerfile.dev", "terraform/app/main.tf", "terraform.md"}}
	for at, want := range map[string]bool{"Dockerfile": true, "terraform": true, "terraform/app": true, "terra": false, "deploy/Dockerfile": false} {
		if got := tree.Has(at); got != want {
			t.Errorf("has %s: %t", at, got)
		}
	}
	if diff := cmp.Diff([]string{"Dockerfile", "deploy/Dockerfile.dev", "terraform/app/main.tf"}, tree.Matching("Dockerfile*", "*.tf")); diff != "" {
		t.Errorf("matching (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"terraform/app/main.tf"}, Below("terraform", tree.Files)); diff != "" {
		t.Errorf("below terraform (-want +got):\n%s", diff)
	}
}

// A module counts if it has Go files outside the modules within it.
func TestGoModules(t *testing.T) {
	for _, test := range []struct {
		name  string
		files []string
		want  []string
	}{
		{"the root", []string{"go.mod", "a/b.go"}, []string{"."}},
		{"one within another", []string{"a/go.mod", "a/b.go", "c.go", "go.mod"}, []string{"a", "."}},
		{"only pins", []string{"go.mod", "main.go", "tools/x/go.mod"}, []string{"."}},
		{"all in an inner one", []string{"a/b/c.go", "a/go.mod", "go.mod"}, []string{"a"}},
		{"none", []string{"a.go"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(strings.Join(test.want, " "), strings.Join(Tree{Files: test.files}.GoModules(), " ")); diff != "" {
				t.Errorf("modules (-want +got):\n%s", diff)
			}
		})
	}
}

// Only lines that exist are returned.
func TestLines(t *testing.T) {
	dir := repository(t, map[string]string{"a": "1\n2\n3"})
	tree := copied(t, dir)
	for _, test := range []struct {
		first, last int
		want        string
	}{{1, 2, "1 2"}, {2, 9, "2 3"}, {4, 5, ""}, {3, 3, "3"}} {
		if got := strings.Join(tree.Lines("a", test.first, test.last), " "); got != test.want {
			t.Errorf("lines %d to %d are %q, want %q", test.first, test.last, got, test.want)
		}
	}
	for _, name := range []string{"b", "../a", "/etc/passwd", ""} {
		if got := tree.Lines(name, 1, 1); got != nil {
			t.Errorf("%q has lines %q", name, got)
		}
	}
}

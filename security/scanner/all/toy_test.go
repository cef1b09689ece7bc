package all

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// toy is all that a new gate needs: its folder, an entry in the policy, and a
// canary.
var toy = map[string]string{
	"security/scanner/toy/toy.go": `// Package toy is a gate that finds the word TOY.
package toy

import (
	"context"
	"strings"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
)

// New returns the gate.
func New() scanner.Scanner { return gate{} }

type gate struct{}

func (gate) Name() string    { return "toy" }
func (gate) Subject() string { return "the word TOY" }
func (gate) Toolless()       {}

// Obeyed implements scanner.Obedient.
func (gate) Obeyed() []scanner.Obeyed {
	return []scanner.Obeyed{{Tool: "toy", Settings: []string{".toy"}}}
}

func (gate) Scan(_ context.Context, job scanner.Job) (scanner.Outcome, error) {
	outcome := scanner.Outcome{Tool: "toy", Version: "1", Examined: scanner.Examined{Count: len(job.Tree.Files), Unit: "files"}}
	if len(job.Tree.Files) == 0 {
		return outcome, scanner.Errorf(scanner.NothingExamined, "the repository holds no files")
	}
	for _, file := range job.Tree.Files {
		for i, line := range scanner.LinesOf(job.Tree, file) {
			if strings.Contains(line, "BROKEN") {
				return outcome, scanner.Errorf(scanner.BadInput, "%s is broken", file)
			}
			if strings.Contains(line, "TOY") {
				outcome.Findings = append(outcome.Findings, finding.Finding{
					Rule: "TOY", Severity: finding.Low, File: file, Line: i + 1, Help: "Remove the toy.",
				})
			}
		}
	}
	return outcome, nil
}
`,
	"security/canaries/toy/canary.yaml": `cases:
  - {name: a toy, folders: [defect], finds: [{rule: TOY, file: a.txt, line: 2}]}
  - {name: no toy, folders: [clean], passes: true}
  - {name: a broken file, folders: [broken], error: input not parsed}
`,
	"security/canaries/toy/defect/a.txt": "one\nTOY\n",
	"security/canaries/toy/clean/a.txt":  "one\ntwo\n",
	"security/canaries/toy/broken/a.txt": "BROKEN\n",
}

const toyPolicy = "  toy:\n    threshold: low\n    timeout: 1m\n    at_least: 1\n"

// A new gate is found by its folder: it is listed, it passes its self-test, its
// settings are those that the gate suppressions looks for, and nothing else in
// the repository changes.
func TestNewGateNeedsAFolderAPolicyAndACanary(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("SKIP: -short leaves out building the harness again")
	}
	dir := copyOfTheRepository(t)
	run := func(name string, args ...string) string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-trimpath -buildvcs=false", "GOWORK=off")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	run("git", "init", "--quiet")
	run("git", "add", "--all", "--force")
	run("git", "-c", "user.name=A", "-c", "user.email=a@invalid", "-c", "commit.gpgsign=false", "commit", "--quiet", "--no-verify", "--message", "before")

	for name, content := range toy {
		write(t, filepath.Join(dir, name), content)
	}
	policy := filepath.Join(dir, "security/policy.yaml")
	before, err := os.ReadFile(policy)
	if err != nil {
		t.Fatal(err)
	}
	write(t, policy, string(before)+toyPolicy)
	run("go", "run", "./security/scanner/all/generate")

	want := ` M security/policy.yaml
 M security/scanner/all/found.go
?? security/canaries/toy/
?? security/scanner/toy/
`
	if diff := cmp.Diff(want, run("git", "status", "--porcelain")); diff != "" {
		t.Errorf("what changed (-want +got):\n%s", diff)
	}
	gates := filepath.Join(t.TempDir(), "gates")
	run("go", "build", "-o", gates, "./security/cmd/gates")
	if list := run(gates, "list"); !strings.Contains(list, "\ntoy ") {
		t.Errorf("the list has no toy:\n%s", list)
	}
	if text := run(gates, "selftest", "--only", "toy", "--all"); !strings.Contains(text, "a broken file") {
		t.Errorf("the self-test says:\n%s", text)
	}
	write(t, filepath.Join(dir, "docs", ".toy"), "")
	cmd := exec.CommandContext(t.Context(), gates, "run", "--only", "suppressions")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "docs/.toy") {
		t.Errorf("the settings of the toy are not a finding (%v):\n%s", err, out)
	}
}

// copyOfTheRepository returns a folder with the files of the repository.
func copyOfTheRepository(t *testing.T) string {
	t.Helper()
	root, dir := filepath.Join("..", "..", ".."), t.TempDir()
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	cmd.Dir = root
	list, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(list), "\x00"), "\x00") {
		content, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // it was removed, but not yet from git's index
		}
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, name), string(content))
	}
	return dir
}

func write(t *testing.T, file, content string) {
	t.Helper()
	err := os.MkdirAll(filepath.Dir(file), 0o750)
	if err == nil {
		err = os.WriteFile(file, []byte(content), 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

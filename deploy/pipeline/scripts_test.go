package pipeline

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// script runs a script of the repository with programs of the test before those of
// the machine, and returns what it printed and whether it failed.
func script(t *testing.T, programs map[string]string, env []string, name string, args ...string) (out string, failed bool) {
	t.Helper()
	for _, tool := range []string{"bash", "jq"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("REQUIRE_TOOLS") == "1" {
				t.Fatal(err)
			}
			t.Skipf("SKIP: %v", err)
		}
	}
	bin := t.TempDir()
	for program, text := range programs {
		if err := os.WriteFile(filepath.Join(bin, program), []byte("#!/usr/bin/env bash\nset -euo pipefail\n"+text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), filepath.Join(root, name), args...)
	cmd.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"))
	cmd.Env = append(cmd.Env, env...)
	text, err := cmd.CombinedOutput()
	return string(text), err != nil
}

func TestVerdict(t *testing.T) {
	for _, c := range []struct {
		needs string
		red   string
	}{
		{`{"test":{"result":"success"},"lint":{"result":"success"}}`, ""},
		{`{"test":{"result":"success"},"lint":{"result":"failure"}}`, "lint (failure)"},
		{`{"test":{"result":"skipped"},"lint":{"result":"success"}}`, "test (skipped)"},
		{`{"test":{"result":"cancelled"}}`, "test (cancelled)"},
		{`{"test":{}}`, "test (null)"},
		{`{}`, "no job"},
		{`not JSON`, "error"},
	} {
		out, failed := script(t, nil, []string{"NEEDS=" + c.needs}, ".ci/verdict")
		if failed != (c.red != "") || !strings.Contains(out, c.red) {
			t.Errorf("%s: failed: %t, %s; want %q", c.needs, failed, out, c.red)
		}
	}
}

func TestSettings(t *testing.T) {
	env := []string{"SET=x", "EMPTY=", "GITHUB_OUTPUT="}
	if out, failed := script(t, nil, env, ".ci/settings", "SET"); failed || out != "ready=true\n" {
		t.Errorf("failed: %t, %s", failed, out)
	}
	// A fork without Azure is told what is missing, and is not red.
	out, failed := script(t, nil, env, ".ci/settings", "SET", "EMPTY", "MISSING")
	if failed || !strings.HasPrefix(out, "::notice::") || !strings.Contains(out, "variable EMPTY") || !strings.HasSuffix(out, "ready=false\n") {
		t.Errorf("failed: %t, %s", failed, out)
	}
}

// tracker is a gh that keeps issues in a folder, a file for each label.
const tracker = `echo "$*" >>"$ISSUES/calls"
label() { while [[ $1 != --label ]]; do shift; done; echo "$2"; }
case "$1 $2" in
"issue list") [[ ! -e $ISSUES/$(label "$@") ]] || cat "$ISSUES/$(label "$@")" ;;
"issue create") echo 7 >"$ISSUES/$(label "$@")" ;;
"issue close") rm "$ISSUES"/*gates ;;
esac
`

// One issue is opened, then commented on, then closed, and closed only once.
func TestIssue(t *testing.T) {
	dir := t.TempDir()
	env := []string{"ISSUES=" + dir, "GITHUB_REPOSITORY=o/r", "GITHUB_SERVER_URL=https://github.com", "GITHUB_RUN_ID=1"}
	for _, result := range []string{"success", "failure", "cancelled", "success", "success"} {
		if out, failed := script(t, map[string]string{"gh": tracker}, env, ".ci/issue", result, "gates", "The gates are red"); failed {
			t.Fatal(out)
		}
	}
	var calls []string
	for line := range strings.Lines(read(t, filepath.Join(dir, "calls"))) {
		words := strings.Fields(line)
		calls = append(calls, words[0]+" "+words[1])
	}
	want := "issue list, issue list, label create, issue create, issue list, issue comment, issue list, issue close, issue list"
	if got := strings.Join(calls, ", "); got != want {
		t.Errorf("gh was asked to %s; want %s", got, want)
	}
}

func TestDriftIssues(t *testing.T) {
	for outcome, want := range map[string][]string{
		"":       nil, // the environment is not set up
		"clean":  {},
		"drift":  {"drift-dev"},
		"failed": {"drift-dev-failed"},
	} {
		dir := t.TempDir()
		env := []string{"ISSUES=" + dir, "GITHUB_REPOSITORY=o/r", "GITHUB_SERVER_URL=https://github.com", "GITHUB_RUN_ID=1"}
		out, failed := script(t, map[string]string{"gh": tracker}, env, ".ci/drift-issues", "dev", outcome)
		_, err := os.Stat(filepath.Join(dir, "calls"))
		if failed || (err == nil) != (want != nil) {
			t.Errorf("%q: failed: %t, %s", outcome, failed, out)
		}
		for _, label := range []string{"drift-dev", "drift-dev-failed"} {
			_, err := os.Stat(filepath.Join(dir, label))
			if opened := err == nil; opened != (strings.Join(want, " ") == label) {
				t.Errorf("%q: %s opened: %t", outcome, label, opened)
			}
		}
	}
}

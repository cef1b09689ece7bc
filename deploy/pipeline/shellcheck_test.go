package pipeline

import (
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"example.com/rates/security/toolbox"
)

// find returns the path of a pinned tool, or skips the test if it is not installed.
func find(t *testing.T, name string) string {
	t.Helper()
	box, err := toolbox.New(root + "/security/tools")
	if err != nil {
		t.Fatal(err)
	}
	tool, err := box.Find(t.Context(), name)
	if err != nil {
		if os.Getenv("REQUIRE_TOOLS") == "1" {
			t.Fatal(err)
		}
		t.Skipf("SKIP: %v", err)
	}
	return tool.Path
}

// The gates check the scripts in workflows and Dockerfiles; this checks the files.
func TestScriptsPassShellcheck(t *testing.T) {
	shellcheck := find(t, "shellcheck")
	cmd := exec.CommandContext(t.Context(), "git", "grep", "-lE", "^#!/.*(bash|sh)$", "--",
		":!security/canaries", ":!*testdata*", ":!*.go", ":!*.md")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	scripts := strings.Fields(string(out))
	if len(scripts) < 10 || !slices.Contains(scripts, ".ci/run") {
		t.Fatalf("found only %q", scripts)
	}
	cmd = exec.CommandContext(t.Context(), shellcheck, append([]string{"--external-sources", "--"}, scripts...)...)
	cmd.Dir = root
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

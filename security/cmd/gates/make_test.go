package main

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/rates/security/gate"
	"example.com/rates/security/toolbox"
)

// The program that the Makefile builds ends with the codes of security/README.md, and
// its last line names them, because make ends with 2.
func TestTheDocumentedCommandKeepsExitCodes(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIP: -short leaves out building the program")
	}
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	program := filepath.Join(dir, "gates")
	output := func(name string, args ...string) (string, int) {
		cmd := exec.CommandContext(t.Context(), name, args...)
		cmd.Dir = root
		cmd.Env = append(os.Environ(), "RATES_TOOLS="+dir, "RATES_TOOL_RECORDS="+dir, "MAKEFLAGS=")
		out, err := cmd.CombinedOutput()
		if exit, ok := errors.AsType[*exec.ExitError](err); err != nil && !ok {
			t.Fatalf("%s: %v", name, err)
		} else if ok {
			return string(out), exit.ExitCode()
		}
		return string(out), 0
	}
	if out, code := output("make", "GATES="+program, program); code != 0 {
		t.Fatalf("the Makefile does not build %s: %s", program, out)
	}
	missing := []string{"run", "--only=gitleaks", "--reports=" + dir}
	out, code := output(program, missing...)
	if lines := strings.Split(strings.TrimSpace(out), "\n"); code != gate.ExitCouldNotRun || lines[len(lines)-1] != "gates: exit code 3: a gate could not run, which proves nothing" {
		t.Errorf("without its tool the run ended with %d:\n%s", code, out)
	}
	if out, code := output(program, "run", "--profile=nightly"); code != gate.ExitUsage {
		t.Errorf("with an unknown profile the run ended with %d:\n%s", code, out)
	}
	const makeFails = 2
	out, code = output("make", "GATES="+program, "--old-file=tools", "--assume-old="+program, "security", "RATES_GATES_PROFILE=nightly")
	if code != makeFails || !strings.Contains(out, "nightly") || !strings.Contains(out, "Error 2") {
		t.Errorf("make ended with %d:\n%s", code, out)
	}
}

// No target and no text of this program starts the gates in a way that loses the code.
func TestTheMakefileRunsTheProgramItself(t *testing.T) {
	content, err := os.ReadFile("../../../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(content), "go run ./security/cmd/gates") {
		t.Error("the Makefile runs the gates with go run, which ends with 1 for any exit code")
	}
}

// make tools leaves out only the tools that no gate uses.
func TestToolsOfGates(t *testing.T) {
	box, err := toolbox.New("../../tools")
	if err != nil {
		t.Fatal(err)
	}
	names, err := box.Names()
	if err != nil {
		t.Fatal(err)
	}
	got := ofGates(slices.Clone(names))
	if want := slices.DeleteFunc(names, func(name string) bool { return name == "lint" || name == "act" }); !slices.Equal(got, want) || len(got) < 10 {
		t.Errorf("the tools are %q, want %q", got, want)
	}
}

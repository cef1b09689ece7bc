package acceptance

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// These tests run the tagged test with stand-ins for terraform and az that record
// their calls. None of them can reach Azure.

func TestWithoutCredentialsTheRunFails(t *testing.T) {
	r := runWithTag(t, nil, map[string]string{subscriptionVariable: "", backendVariable: "", variablesVariable: "", imageVariable: ""})
	if r.passed || strings.Contains(r.output, "SKIP") {
		t.Errorf("it must fail, not be skipped:\n%s", r.output)
	}
	for _, want := range []string{"without credentials", subscriptionVariable, backendVariable, variablesVariable, imageVariable} {
		if !strings.Contains(r.output, want) {
			t.Errorf("it does not name %q:\n%s", want, r.output)
		}
	}
	if len(r.calls) > 0 {
		t.Errorf("it called %q", r.calls)
	}
}

func TestWithoutASignInTheRunFails(t *testing.T) {
	r := runWithTag(t, map[string]string{"az": "echo 'Please run az login' >&2; exit 1"}, nil)
	if r.passed || !strings.Contains(r.output, "not signed in to Azure") || !strings.Contains(r.output, "Please run az login") {
		t.Errorf("it must fail with the message of az:\n%s", r.output)
	}
	if slices.ContainsFunc(r.calls, func(call string) bool { return strings.HasPrefix(call, "terraform ") }) {
		t.Errorf("it called terraform: %q", r.calls)
	}
}

// It may be in use.
func TestExistingDevIsLeftAlone(t *testing.T) {
	r := runWithTag(t, map[string]string{
		"terraform": `case $1 in show) echo '{"values":{"root_module":{"resources":[{},{}]}}}';; esac`,
	}, nil)
	if r.passed || !strings.Contains(r.output, "dev exists already, with 2 resources") {
		t.Errorf("it must fail and say why:\n%s", r.output)
	}
	if r.called("terraform apply") > 0 || r.called("terraform destroy") > 0 {
		t.Errorf("it changed dev: %q", r.calls)
	}
}

func TestDevIsRemovedAfterAFailure(t *testing.T) {
	r := runWithTag(t, map[string]string{
		"terraform": `case $1 in show) echo '{}';; apply) echo 'Error: no quota' >&2; exit 1;; esac`,
	}, nil)
	if r.passed {
		t.Errorf("it must fail:\n%s", r.output)
	}
	if r.called("terraform apply") != 1 || r.called("terraform destroy") != 1 {
		t.Errorf("it called %q, want one apply and one destroy", r.calls)
	}
	if last := r.calls[len(r.calls)-1]; !strings.HasPrefix(last, "terraform destroy") || !strings.Contains(last, "-lock=true") {
		t.Errorf("its last call is %q, want a destroy that takes the lock", last)
	}
}

// A dev that stays costs money.
func TestFailureToRemoveDevIsReported(t *testing.T) {
	r := runWithTag(t, map[string]string{
		"terraform": `case $1 in show) echo '{}';; apply | destroy) echo 'Error: no quota' >&2; exit 1;; esac`,
	}, nil)
	if r.passed || !strings.Contains(r.output, "dev could not be removed, and costs money") {
		t.Errorf("it must say that dev still exists:\n%s", r.output)
	}
}

type tagged struct {
	passed bool
	output string
	calls  []string // of terraform and az, in order
}

func (r tagged) called(start string) int {
	n := 0
	for _, call := range r.calls {
		if strings.HasPrefix(call, start+" ") {
			n++
		}
	}
	return n
}

// runWithTag runs the tagged test with complete settings, except for those that are
// changed. A program is a script for sh; without one it does nothing.
func runWithTag(t *testing.T, programs, changed map[string]string) tagged {
	t.Helper()
	folder := t.TempDir()
	log := filepath.Join(folder, "calls")
	for _, name := range []string{"terraform", "az"} {
		script := "#!/bin/sh\nif [ \"$1\" != -version ]; then echo " + name + " \"$@\" >>" + log + "; fi\n" + programs[name] + "\n"
		if err := os.WriteFile(filepath.Join(folder, name), []byte(script), 0o700); err != nil { //nolint:gosec // it is to be run
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-tags", "azure", "-count", "1", "-timeout", "3h", "-v", "-run", "^TestDevWorksAndPlansNoChanges$", ".")
	cmd.Env = append(os.Environ(), "PATH="+folder+string(os.PathListSeparator)+os.Getenv("PATH"))
	for name, value := range complete() {
		if other, ok := changed[name]; ok {
			value = other
		}
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	out, err := cmd.CombinedOutput()
	if !strings.Contains(string(out), "=== RUN") {
		t.Fatalf("it did not run: %v\n%s", err, out)
	}
	r := tagged{passed: err == nil, output: string(out)}
	calls, err := os.ReadFile(log)
	if err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	r.calls = strings.FieldsFunc(string(calls), func(c rune) bool { return c == '\n' })
	return r
}

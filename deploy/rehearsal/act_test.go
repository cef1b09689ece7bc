package rehearsal

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var uses = regexp.MustCompile(`uses: ([\w.-]+/[\w.-]+)((?:/[\w-]+)*)@([0-9a-f]{40})`)

// writeActions writes a stand-in for each action that a workflow uses.
func (w *world) writeActions(t *testing.T) {
	t.Helper()
	w.args = []string{
		"-P", "ubuntu-24.04=-self-hosted", "--no-skip-checkout", "--no-cache-server", "--action-offline-mode",
		"--action-cache-path", w.at("cache"), "-s", "GITHUB_TOKEN=rehearsal",
		"--env", "ACTIONS_ID_TOKEN_REQUEST_URL=http://127.0.0.1:1/",
	}
	files, err := filepath.Glob(w.at("repository/.github/workflows/*.yml"))
	check(t, err)
	known := map[string]bool{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		check(t, err)
		for _, m := range uses.FindAllStringSubmatch(string(text), -1) {
			folder := w.at("actions", strings.ReplaceAll(m[1], "/", "+"))
			action, ok := actions[m[1]+m[2]]
			if !ok {
				t.Fatalf("there is no stand-in for %s%s", m[1], m[2])
			}
			w.write(t, strings.TrimPrefix(folder, w.dir)+m[2]+"/action.yml", action, 0o600)
			if pin := m[1] + "@" + m[3]; !known[pin] {
				known[pin] = true
				w.args = append(w.args, "--local-repository", pin+"="+folder)
			}
		}
	}
}

// run runs a workflow and returns what it printed, and whether it failed.
func (w *world) run(t *testing.T, workflow, event string) (out string, failed bool) {
	t.Helper()
	if w.story.Failed() {
		t.Skip("SKIP: an earlier part of the story failed")
	}
	check(t, os.RemoveAll(w.at("artifacts")))
	w.write(t, "event.json", fmt.Sprintf(`{"ref": %q, "schedule": "17 4 * * 1-6", "repository": {"default_branch": "main"}}`, w.ref), 0o600)
	args := append([]string{
		event, "-W", ".github/workflows/" + workflow, "--eventpath", w.at("event.json"),
		"--env", "REHEARSAL_WORKFLOW=" + workflow, "--var", "CODE_SCANNING=on",
	}, w.args...)
	if !w.fork {
		args = append(args, "--var", "AZURE_TENANT_ID=tenant", "--var", "AZURE_SUBSCRIPTION_ID=subscription", "--var", "AZURE_CLIENT_ID=client",
			"--var", "TERRAFORM_BACKEND=in a file", "--var", "TERRAFORM_VARIABLES=in a file")
	}
	started := time.Now()
	cmd := exec.CommandContext(t.Context(), w.act, args...)
	cmd.Dir, cmd.Env = w.at("repository"), w.env
	var printed bytes.Buffer
	cmd.Stdout, cmd.Stderr = &printed, &printed
	err := cmd.Run()
	t.Logf("%s took %s", workflow, time.Since(started).Round(100*time.Millisecond))
	return printed.String(), err != nil
}

func (w *world) green(t *testing.T, workflow, event string) {
	t.Helper()
	if out, failed := w.run(t, workflow, event); failed {
		t.Fatalf("%s is red\n%s", workflow, out)
	}
}

// red runs a workflow that must fail and say why.
func (w *world) red(t *testing.T, workflow, event string, reasons ...string) {
	t.Helper()
	out, failed := w.run(t, workflow, event)
	if !failed {
		t.Fatalf("%s is green\n%s", workflow, out)
	}
	for _, reason := range reasons {
		if !strings.Contains(out, reason) {
			t.Fatalf("%s does not say %q\n%s", workflow, reason, out)
		}
	}
}

// says runs a workflow that must be green and say something.
func (w *world) says(t *testing.T, workflow, event, text string) {
	t.Helper()
	if out, failed := w.run(t, workflow, event); failed || !strings.Contains(out, text) {
		t.Fatalf("%s: failed: %t, want %q\n%s", workflow, failed, text, out)
	}
}

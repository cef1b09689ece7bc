package actionlint

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/rates/security/scanner/script"
	"example.com/rates/security/tree"
)

// rulesIn returns the rule and line of each finding of ours in a workflow.
func rulesIn(tb testing.TB, text string) (string, error) {
	tb.Helper()
	dir := tb.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "w.yml"), []byte(text), 0o600); err != nil {
		tb.Fatal(err)
	}
	found, err := own(tree.Tree{Dir: dir, Files: []string{"w.yml"}}, "w.yml")
	var rules []string
	for _, f := range found {
		rules = append(rules, fmt.Sprintf("%s:%d", f.Rule, f.Line))
	}
	return strings.Join(rules, " "), err
}

func TestScripts(t *testing.T) {
	for text, want := range map[string]string{
		"make test || true":                  ignoredFailure,
		"make test || : # known":             ignoredFailure,
		"make test ||true; make lint":        ignoredFailure,
		"(make test || true)":                ignoredFailure,
		"set +e":                             ignoredFailure,
		"set +o errexit":                     ignoredFailure,
		"  set +e # go on":                   ignoredFailure,
		"make test || exit 3":                "",
		"make test || truncate log":          "",
		"set -e":                             "",
		"set +x":                             "",
		"echo set +e":                        "",
		"# make test || true":                "",
		"curl -s https://example.com/x | sh": script.Remote,
		"wget -qO- https://example.com/x | sudo -E bash -s -- -y": script.Remote,
		"curl https://example.com/x | python3 -":                  script.Remote,
		"curl https://example.com/x |env bash":                    script.Remote,
		"source <(curl https://example.com/x)":                    script.Remote,
		". <(curl https://example.com/x)":                         script.Remote,
		"sh <( wget -O- https://example.com/x )":                  script.Remote,
		`eval "$(curl https://example.com/x)"`:                    script.Remote,
		`bash -c "$(curl -fsSL https://example.com/x)"`:           script.Remote,
		"curl https://example.com/x | shasum":                     "",
		"curl https://example.com/x | jq .":                       "",
		"curl -o x https://example.com/x && bash y":               "",
		"echo curl; echo x | sh":                                  "",
	} {
		workflow := "on: push\njobs:\n  a:\n    steps:\n      - run: |\n          echo first\n          " + text + "\n"
		if want != "" {
			want += ":7"
		}
		if got, err := rulesIn(t, workflow); got != want || err != nil {
			t.Errorf("%s: %q, %v; want %q", text, got, err, want)
		}
	}
}

func TestSecretsInPullRequests(t *testing.T) {
	const job = "\njobs:\n  a:\n    env:\n      TOKEN: ${{ secrets.TOKEN }}\n"
	for text, want := range map[string]string{
		"on: pull_request" + job:                                            "secret-in-pull-request:5",
		"on: [push, pull_request]" + job:                                    "secret-in-pull-request:5",
		"on: {pull_request: }" + job:                                        "secret-in-pull-request:5",
		`"on": {pull_request: {types: [opened]}}` + job:                     "secret-in-pull-request:5",
		"on: push" + job:                                                    "",
		"on: [push, merge_group]" + job:                                     "",
		"on: pull_request" + job + "    environment: dev":                   "",
		"on: pull_request\nenv:\n  T: ${{ secrets['T'] }}\njobs: {}":        "secret-in-pull-request:3",
		"on: pull_request\njobs:\n  a:\n    if: secrets.GITHUB_TOKEN != ''": "",
		"on: pull_request\njobs:\n  a:\n    steps:\n      - with: {token: \"${{ secrets . T }}\"}": "secret-in-pull-request:5",
	} {
		if got, err := rulesIn(t, text); got != want || err != nil {
			t.Errorf("%q: %q, %v; want %q", text, got, err, want)
		}
	}
}

func FuzzOwn(f *testing.F) {
	f.Add("on: push\njobs:\n  a:\n    steps:\n      - run: set +e\n        continue-on-error: true\n")
	f.Add("a: &a\n  b: *a\n")
	f.Fuzz(func(t *testing.T, text string) { _, _ = rulesIn(t, text) })
}

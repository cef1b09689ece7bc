package unread

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
	"example.com/rates/security/scanner/shellcheck"
	"example.com/rates/security/tree"
)

// job returns a job over files.
func job(t *testing.T, files map[string]string) scanner.Job {
	t.Helper()
	at := tree.Tree{Dir: t.TempDir()}
	for name, content := range files {
		if err := os.MkdirAll(filepath.Dir(at.Path(name)), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at.Path(name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		at.Files = append(at.Files, name)
	}
	slices.Sort(at.Files)
	return scanner.Job{Tree: at}
}

func TestUnreadFiles(t *testing.T) {
	files := map[string]string{
		"a.py": "pass\n", "b.py": "pass\n", "run": "#!/bin/sh\n", "go.mod": "module a\n", "tools/x": "#!/usr/bin/env ruby\n", "lib.so": "\x7fELF\x00",
	}
	for name, test := range map[string]struct {
		allowed map[string]int
		warn    bool
		want    string
	}{
		"none is allowed": {nil, false, "unread-file medium a.py\nunread-file medium b.py\nunread-file medium lib.so\nunread-file medium tools/x\n"},
		"a warning":       {nil, true, "unread-file info a.py\nunread-file info b.py\nunread-file info lib.so\nunread-file info tools/x\n"},
		"too few":         {map[string]int{".py": 1, "ruby script": 1, "binary": 1}, false, "unread-file medium \n"},
		"all":             {map[string]int{".py": 2, "ruby script": 1, "binary": 3}, false, ""},
	} {
		t.Run(name, func(t *testing.T) {
			j := job(t, files)
			j.Unread, j.WarnUnread = test.allowed, test.warn
			outcome, err := New([]scanner.Scanner{shellcheck.New()}).Scan(t.Context(), j)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, scannertest.Places(outcome.Findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			note := "of 6 files, gates look into 4 for secrets only, by kind: 2 .py, 1 binary, 1 ruby script"
			if len(outcome.Unseen) != 1 || outcome.Unseen[0] != note || outcome.Examined.Count != len(files) {
				t.Errorf("examined %v, not seen %q", outcome.Examined, outcome.Unseen)
			}
		})
	}
}

func TestPipelines(t *testing.T) {
	for name, test := range map[string]struct{ content, want string }{
		"azure-pipelines.yml":          {"", "Azure Pipelines"},
		"ci/azure-pipelines-prod.yaml": {"", "Azure Pipelines"},
		"a.yml":                        {"pool: {name: x}\nsteps:\n  - bash: ./a\n", "Azure Pipelines"},
		"b.yml":                        {"stages:\n  - deploy\na:\n  stage: deploy\n  script: ./a\n", "GitLab CI"},
		"c.json":                       {"{\n \"apiVersion\": \"tekton.dev/v1\"}", "Tekton"},
		"d.yaml":                       {"apiVersion: triggers.tekton.dev/v1\n", "Tekton"},
		"workflows/e.yml":              {"on: push\njobs:\n  a:\n    runs-on: x\n", "GitHub Actions"},
		".GitLab-CI.yml":               {"", "GitLab CI"},
		"ops/Jenkinsfile.release":      {"", "Jenkins"},
		".circleci/x":                  {"", "CircleCI"},
		"bitbucket-pipelines.yml":      {"", "Bitbucket Pipelines"},
		".travis.yml":                  {"", "Travis CI"},
		".drone.yml":                   {"", "Drone"},
		"appveyor.yml":                 {"", "AppVeyor"},
		".woodpecker/x.yaml":           {"", "Woodpecker"},
		".buildkite/pipeline.yml":      {"", "Buildkite"},
		"cloudbuild.yaml":              {"", "Google Cloud Build"},
		"buildspec.yml":                {"", "AWS CodeBuild"},
		".forgejo/workflows/x.yml":     {"", "Gitea or Forgejo Actions"},
		"compose.yaml":                 {"services:\n  a:\n    image: x\n    command: [script]\n", ""},
		"openapi.yaml":                 {"paths:\n  /jobs:\n    get:\n      description: |\n        script\n", ""},
		"docs/azure-pipelines.md":      {"pool: x\nsteps:\n - script: a\n", ""},
		"circle.svg":                   {"", ""},
	} {
		if got := systemOf(name, []byte(test.content)); got != test.want {
			t.Errorf("%s is a pipeline of %q, want %q", name, got, test.want)
		}
	}
}

func TestTextThatIsNone(t *testing.T) {
	_, err := New(nil).Scan(t.Context(), job(t, map[string]string{"a.yml": "\xff\xfea\x00"}))
	scannertest.WantKind(t, err, scanner.BadInput)
}

func FuzzKind(f *testing.F) {
	f.Add("a.yml", []byte("#!/bin/sh\n"))
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		if kind := kindOf(name, content, false); kind == "" || strings.Contains(kind, "\n") && !strings.Contains(name, "\n") {
			t.Errorf("%q is of the kind %q", name, kind)
		}
		_ = systemOf(name, content)
	})
}

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
		"a.py": "pass\n", "tools/b.py": "pass\n", "run": "#!/bin/sh\n", "go.mod": "module a\n", "tools/x": "#!/usr/bin/env ruby\n", "lib.so": "\x7fELF\x00",
	}
	everywhere := func(kinds ...string) scanner.Accepted { return scanner.Accepted{Kinds: kinds, Reason: "read"} }
	in := func(kind string, places ...string) scanner.Accepted {
		return scanner.Accepted{Kinds: []string{kind}, In: places, Reason: "read"}
	}
	const lib, ruby = "unread-file medium lib.so\n", "unread-file medium tools/x\n"
	const rest, nothing = lib + ruby, "unread-nothing info security/policy.yaml\n"
	for name, test := range map[string]struct {
		accepted []scanner.Accepted
		warn     bool
		want     string
	}{
		"none is accepted":         {nil, false, "unread-file medium a.py\n" + lib + "unread-file medium tools/b.py\n" + ruby},
		"a warning":                {nil, true, "unread-file info a.py\nunread-file info lib.so\nunread-file info tools/b.py\nunread-file info tools/x\n"},
		"all":                      {[]scanner.Accepted{everywhere(".py", "ruby script", "binary")}, false, ""},
		"a kind":                   {[]scanner.Accepted{everywhere(".py")}, false, rest},
		"a kind in a folder":       {[]scanner.Accepted{in(".py", "tools/")}, false, "unread-file medium a.py\n" + rest},
		"a kind in a file":         {[]scanner.Accepted{in(".py", "a.py")}, false, lib + "unread-file medium tools/b.py\n" + ruby},
		"a kind in both":           {[]scanner.Accepted{in(".py", "tools/", "a.py")}, false, rest},
		"in two entries":           {[]scanner.Accepted{in(".py", "a.py"), in(".py", "tools/"), in("ruby script", "tools/")}, false, lib},
		"a kind by its end":        {[]scanner.Accepted{everywhere(".py"), in(".so", "lib.so")}, false, rest + nothing + nothing},
		"a folder without slash":   {[]scanner.Accepted{in(".py", "tools", "a.py")}, false, lib + "unread-file medium tools/b.py\n" + ruby + nothing},
		"a folder's beginning":     {[]scanner.Accepted{in(".py", "tool/", "a.py")}, false, lib + "unread-file medium tools/b.py\n" + ruby + nothing},
		"the folder below another": {[]scanner.Accepted{in(".py", "b/tools/", "a.py")}, false, lib + "unread-file medium tools/b.py\n" + ruby + nothing},
		"what there is not":        {[]scanner.Accepted{everywhere(".py", "ruby script", "binary", ".js")}, false, nothing},
		"what a gate reads":        {[]scanner.Accepted{everywhere(".py", "ruby script", "binary"), in("sh script", "run")}, false, nothing + nothing},
	} {
		t.Run(name, func(t *testing.T) {
			j := job(t, files)
			j.Accepted, j.WarnUnread = test.accepted, test.warn
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

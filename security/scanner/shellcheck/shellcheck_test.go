package shellcheck

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
)

func TestShellcheckFinds(t *testing.T) {
	for canary, want := range map[string]string{
		"defect": `SC2086 low tools/release:2
SC2045 high install.sh:2
SC2035 low install.sh:2
SC2164 medium .githooks/pre-push:2
SC2086 low .githooks/pre-push:3
remote-script high install.sh:3
secret-printed high tools/release:3
`,
		"suppressed": "inline-suppression high install.sh:2\n",
		"clean":      "",
	} {
		t.Run(canary, func(t *testing.T) {
			outcome, err := New().Scan(t.Context(), scannertest.Replay(t, "shellcheck/"+canary))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, scannertest.Places(outcome.Findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if outcome.Examined.Count == 0 {
				t.Error("it examined nothing")
			}
		})
	}
}

func TestShellcheckRefuses(t *testing.T) {
	clean := scannertest.Output(t, "shellcheck/clean")
	for name, test := range map[string]struct {
		canary string
		out    scanner.Output
		want   scanner.Kind
	}{
		"a script that does not parse": {"broken", scannertest.Output(t, "shellcheck/broken"), scanner.BadInput},
		"no script":                    {"other", clean, scanner.NothingExamined},
		"nothing":                      {"clean", scanner.Output{}, scanner.BadOutput},
		"no faults at all":             {"clean", scanner.Output{Stdout: []byte(`{"comments":[]}`)}, scanner.BadOutput},
		"another fault of the probe":   {"clean", scanner.Output{Stdout: bytes.ReplaceAll(clean.Stdout, []byte("2086"), []byte("2087"))}, scanner.BadOutput},
		"a file that it was not given": {"clean", scannertest.Output(t, "shellcheck/defect"), scanner.BadOutput},
		"a complaint":                  {"clean", scanner.Output{Stdout: clean.Stdout, Stderr: []byte("install.sh: does not exist\n")}, scanner.ToolFailed},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New().Scan(t.Context(), scannertest.Job(t, "shellcheck/"+test.canary, test.out))
			scannertest.WantKind(t, err, test.want)
		})
	}
}

func TestScripts(t *testing.T) {
	for _, test := range []struct {
		name, content string
		want          bool
	}{
		{"a.sh", "", true},
		{"tools/A.BASH", "", true},
		{"a.bats", "", true},
		{".envrc", "", true},
		{".githooks/pre-commit", "make\n", true},
		{"run", "#!/bin/sh\n", true},
		{"run", "#! /usr/bin/env bash\n", true},
		{"run", "#!/usr/bin/env -S bash -eu\n", true},
		{"run", "#!/usr/local/bin/dash -e\r\n", true},
		{"run", "#!/bin/busybox sh\n", true},
		{"run", "#!/usr/bin/env bats\n", true},
		{"run.py", "#!/bin/ksh\n", true},
		{"a.sh", "#!/bin/zsh\n", false}, // shellcheck does not know it
		{"a.sh", "#!/usr/bin/env python3\n", false},
		{"run", "#!/usr/bin/fish\n", false},
		{"run", "make\n", false},
		{"sh.md", "sh\n", false},
	} {
		if got := IsScript(test.name, []byte(test.content)); got != test.want {
			t.Errorf("%s with %q is a script: %t, want %t", test.name, test.content, got, test.want)
		}
	}
}

func FuzzShellcheck(f *testing.F) {
	for _, name := range []string{"clean", "defect", "broken"} {
		out := scannertest.Output(f, "shellcheck/"+name)
		f.Add(out.Stdout, out.Stderr)
	}
	f.Fuzz(func(t *testing.T, stdout, stderr []byte) {
		found, err := parse(scanner.Output{Stdout: stdout, Stderr: stderr}, []string{"install.sh"})
		for _, f := range found {
			if err != nil || f.File != "install.sh" || f.Rule == "" || f.Line < 1 {
				t.Errorf("%v with %+v", err, f)
			}
		}
	})
}

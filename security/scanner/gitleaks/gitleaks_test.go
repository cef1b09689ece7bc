package gitleaks

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
)

func TestGitleaksFinds(t *testing.T) {
	for name, want := range map[string]string{
		"defect": `aws-access-token critical settings.ini:2
aws-access-token critical settings.ini (commit 49328113b6e0d6f2eb4fe8d3602b8e11d21b68ea)
`,
		"defect-clean": "aws-access-token critical settings.ini (commit 49328113b6e0d6f2eb4fe8d3602b8e11d21b68ea)\n",
		"archive":      "not-examined medium backup.tar.gz\n",
	} {
		t.Run(name, func(t *testing.T) {
			canary := strings.TrimPrefix(name, "defect-") // what was committed last
			outcome, err := New().Scan(t.Context(), scannertest.ReplayOn(t, "gitleaks/"+canary, "gitleaks/"+name))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, scannertest.Places(outcome.Findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			for _, f := range outcome.Findings {
				if f.Rule != scanner.NotExamined && !f.Secret {
					t.Errorf("%s is not marked as a secret", f.Place())
				}
			}
		})
	}
}

// Nothing in the tree may reach the tool under a name that it obeys.
func TestGitleaksReadsNoSettingsOfTheTree(t *testing.T) {
	job := scannertest.Replay(t, "gitleaks/blindfold")
	run := job.Run
	job.Run = func(ctx context.Context, cmd scanner.Command) (scanner.Output, error) {
		for _, obeyed := range []string{".gitleaksignore", ".gitleaks.toml"} {
			source := filepath.Join(cmd.Dir, textsDir, obeyed)
			if _, err := os.Stat(source); err == nil {
				t.Errorf("%s would obey %s", cmd, source)
			}
		}
		return run(ctx, cmd)
	}
	if _, err := New().Scan(t.Context(), job); err != nil {
		t.Fatal(err)
	}
}

func TestGitleaksErrors(t *testing.T) {
	saying := func(step string, change func(*scanner.Output)) scanner.Job {
		job := scannertest.Replay(t, "gitleaks/defect")
		run := job.Run
		job.Run = func(ctx context.Context, cmd scanner.Command) (scanner.Output, error) {
			out, err := run(ctx, cmd)
			if filepath.Base(cmd.Dir) == step {
				change(&out)
			}
			return out, err
		}
		return job
	}
	stdout := func(step, text string) scanner.Job {
		return saying(step, func(out *scanner.Output) { out.Stdout = []byte(text) })
	}
	without := func(step, line string) scanner.Job {
		return saying(step, func(out *scanner.Output) { out.Stdout = bytes.Replace(out.Stdout, []byte(line), nil, 1) })
	}
	logs := func(step, line string) scanner.Job {
		return saying(step, func(out *scanner.Output) { out.Stderr = append([]byte("3:16AM "+line+"\n"), out.Stderr...) })
	}
	unread := scannertest.ReplayOn(t, "gitleaks/blindfold", "gitleaks/defect") // has two more files
	objects := strings.SplitAfter(string(scannertest.Output(t, "gitleaks/defect/objects").Stdout), "\n")
	for name, c := range map[string]struct {
		job  scanner.Job
		kind scanner.Kind
	}{
		"no repository":           {scannertest.BrokenRun(scannertest.Replay(t, "gitleaks/defect"), scanner.ToolFailed), scanner.InputUnavailable},
		"shallow clone":           {stdout("shallow", "true\n"), scanner.ShallowHistory},
		"not a truth value":       {stdout("shallow", "false"), scanner.BadOutput},
		"no objects":              {stdout("objects", ""), scanner.BadOutput},
		"a tree is not listed":    {without("objects", objects[1]), scanner.BadOutput},
		"a file is not listed":    {without("objects", objects[2]), scanner.BadOutput},
		"an object of no type":    {saying("headers", func(out *scanner.Output) { out.Stdout = bytes.ReplaceAll(out.Stdout, []byte("blob"), []byte("bulb")) }), scanner.BadOutput},
		"git says something else": {stdout("links", "warning\n"), scanner.BadOutput},
		"a file is cut off":       {saying("contents", func(out *scanner.Output) { out.Stdout = out.Stdout[:len(out.Stdout)-9] }), scanner.BadOutput},
		"null report":             {stdout("tree", "null"), scanner.BadOutput},
		"empty report":            {stdout("tree", "[]\n"), scanner.BadOutput},
		"another file": {saying("tree", func(out *scanner.Output) {
			out.Stdout = bytes.Replace(out.Stdout, []byte("000000"), []byte("000001"), 1)
		}), scanner.BadOutput},
		"code of success":          {saying("tree", func(out *scanner.Output) { out.Exit = 0 }), scanner.BadOutput},
		"no log":                   {saying("history", func(out *scanner.Output) { out.Stderr = nil }), scanner.BadOutput},
		"a file cannot be read":    {logs("tree", "WRN skipping file: permission denied path=texts/000000.txt"), scanner.BadInput},
		"a file is left out":       {logs("tree", "TRC skipping file: global allowlist path=texts/000000.txt"), scanner.BadInput},
		"part of the history only": {logs("history", "WRN partial scan completed in 1s"), scanner.BadInput},
		"a file was not reached":   {unread, scanner.BadInput},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New().Scan(t.Context(), c.job)
			scannertest.WantKind(t, err, c.kind)
		})
	}
}

// The error of a failed tool does not show its log, which may hold a secret.
func TestGitleaksErrorsHoldNoSecret(t *testing.T) {
	job := scannertest.Replay(t, "gitleaks/clean")
	run := job.Run
	job.Run = func(ctx context.Context, cmd scanner.Command) (scanner.Output, error) {
		if cmd.Args[0] != "dir" {
			return run(ctx, cmd)
		}
		out := scanner.Output{Stderr: []byte("3:16AM TRC skipping finding: low entropy finding=hunter2\n3:16AM FTL no space left\n"), Exit: 1}
		return out, scanner.Errorf(scanner.ToolFailed, "gitleaks ended with code 1%s", scanner.LastWords(out))
	}
	_, err := New().Scan(t.Context(), job)
	scannertest.WantKind(t, err, scanner.ToolFailed)
	if err == nil || strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "no space left") {
		t.Errorf("error is %v", err)
	}
}

func FuzzGitleaks(f *testing.F) {
	for _, name := range []string{"defect/tree", "defect-clean/history", "clean/tree", "clean/history", "archive/tree"} {
		out := scannertest.Output(f, "gitleaks/"+name)
		f.Add(out.Stdout, out.Stderr, out.Exit)
	}
	f.Fuzz(func(t *testing.T, stdout, stderr []byte, exit int) {
		r, err := parse(scanner.Output{Stdout: stdout, Stderr: stderr, Exit: exit})
		if err != nil {
			return
		}
		if slices.ContainsFunc(r.leaks, func(l leak) bool { return l.RuleID == "" || l.File == "" || l.StartLine < 0 || l.EndLine < l.StartLine }) {
			t.Errorf("a secret has no rule, file or lines: %+v", r.leaks)
		}
	})
}

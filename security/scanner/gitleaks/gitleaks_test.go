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

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
)

func TestGitleaksFinds(t *testing.T) {
	for name, want := range map[string]string{
		"defect": `aws-access-token unknown settings.ini:2
aws-access-token unknown settings.ini (commit a4ef7abaef44c2c48e88b67f7a2721707765a3cf)
`,
		"defect-clean": "aws-access-token unknown settings.ini (commit b0f7c6b6b25c4040c434cd471025dd2625494d81)\n",
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
			source := filepath.Join(cmd.Dir, cmd.Args[len(cmd.Args)-1], obeyed)
			if _, err := os.Stat(source); err == nil && !strings.HasSuffix(cmd.Path, "git") {
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
			if cmd.Args[0] == step {
				change(&out)
			}
			return out, err
		}
		return job
	}
	stdout := func(step, text string) scanner.Job {
		return saying(step, func(out *scanner.Output) { out.Stdout = []byte(text) })
	}
	logs := func(step, line string) scanner.Job {
		return saying(step, func(out *scanner.Output) { out.Stderr = append([]byte("3:16AM "+line+"\n"), out.Stderr...) })
	}
	unread := scannertest.ReplayOn(t, "gitleaks/blindfold", "gitleaks/defect") // has two more files
	for name, c := range map[string]struct {
		job  scanner.Job
		kind scanner.Kind
	}{
		"no repository":            {scannertest.BrokenRun(scannertest.Replay(t, "gitleaks/defect"), scanner.ToolFailed), scanner.InputUnavailable},
		"shallow clone":            {stdout("rev-parse", "true\n/repository/.git\n"), scanner.ShallowHistory},
		"half a folder":            {stdout("rev-parse", "false\n/repo"), scanner.BadOutput},
		"commits without text":     {stdout("log", strings.Repeat("a", 40)+"\n"), scanner.NothingExamined},
		"more commits than read":   {stdout("log", strings.Repeat(strings.Repeat("a", 40)+"\n\n1\t0\tname\n", 2)), scanner.BadOutput},
		"git says something else":  {stdout("log", "warning\n"), scanner.BadOutput},
		"no report":                {stdout("git", ""), scanner.BadOutput},
		"null report":              {stdout("dir", "null"), scanner.BadOutput},
		"empty report":             {stdout("dir", "[]\n"), scanner.BadOutput},
		"code of success":          {saying("dir", func(out *scanner.Output) { out.Exit = 0 }), scanner.BadOutput},
		"no log":                   {saying("git", func(out *scanner.Output) { out.Stderr = nil }), scanner.BadOutput},
		"git failed within":        {logs("git", "ERR [git] fatal: bad object"), scanner.BadInput},
		"a file cannot be read":    {logs("dir", "WRN skipping file: permission denied path=files/tree/settings.ini"), scanner.BadInput},
		"part of the history only": {logs("git", "WRN partial scan completed in 1s"), scanner.BadInput},
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
	for _, name := range []string{"defect/git", "defect/dir", "clean/git", "clean/dir", "clean/log", "archive/dir"} {
		out := scannertest.Output(f, "gitleaks/"+name)
		f.Add(out.Stdout, out.Stderr, out.Exit)
	}
	f.Fuzz(func(t *testing.T, stdout, stderr []byte, exit int) {
		if n, err := changingText(stdout); err == nil && n > bytes.Count(stdout, []byte("\n")) {
			t.Errorf("%d commits in %d lines", n, bytes.Count(stdout, []byte("\n")))
		}
		r, err := parse(scanner.Output{Stdout: stdout, Stderr: stderr, Exit: exit})
		if err != nil {
			return
		}
		found := findings(r.leaks)
		if len(found) != len(r.leaks) {
			t.Errorf("%d findings of %d leaks", len(found), len(r.leaks))
		}
		if slices.ContainsFunc(found, func(f finding.Finding) bool { return !f.Secret || f.Rule == "" }) {
			t.Errorf("a finding is not a secret, or has no rule: %+v", found)
		}
	})
}

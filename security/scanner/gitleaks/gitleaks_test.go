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

// gitleaksSteps are the commands of a scan, in their order.
var gitleaksSteps = []string{"where", "count", "history", "tree", "again"}

// gitleaksRecorded returns what each command printed.
func gitleaksRecorded(tb testing.TB, name string) map[string]scanner.Output {
	tb.Helper()
	outs := map[string]scanner.Output{}
	for _, step := range gitleaksSteps {
		var out scanner.Output
		for suffix, to := range map[string]*[]byte{".stdout": &out.Stdout, ".stderr": &out.Stderr} {
			file := "gitleaks/" + name + "/" + step + suffix
			if _, err := os.Stat(filepath.Join("testdata", file)); err == nil {
				*to = scannertest.Read(tb, file)
			}
		}
		if bytes.Contains(out.Stderr, []byte("WRN leaks found")) {
			out.Exit = foundLeaks
		}
		outs[step] = out
	}
	return outs
}

// gitleaksReplay returns a job over a canary in which every command prints
// what outs holds.
func gitleaksReplay(t *testing.T, canary string, outs map[string]scanner.Output) scanner.Job {
	t.Helper()
	job := scannertest.Job(t, "gitleaks/"+canary, scanner.Output{})
	job.Run = func(_ context.Context, cmd scanner.Command) (scanner.Output, error) {
		step := gitleaksSteps[slices.Index([]string{"rev-parse", "log", "git", "dir"}, cmd.Args[0])]
		if filepath.Base(cmd.Dir) == "again" {
			step = "again"
		}
		return outs[step], nil
	}
	return job
}

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
			outcome, err := New().Scan(t.Context(), gitleaksReplay(t, canary, gitleaksRecorded(t, name)))
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

func TestGitleaksPassesWhatIsRight(t *testing.T) {
	outcome, err := New().Scan(t.Context(), gitleaksReplay(t, "clean", gitleaksRecorded(t, "clean")))
	if err != nil {
		t.Fatal(err)
	}
	if want := (scanner.Examined{Count: 1, Unit: "commits"}); outcome.Examined != want || len(outcome.Findings) > 0 {
		t.Errorf("examined %v, want %v; findings\n%s", outcome.Examined, want, scannertest.Places(outcome.Findings))
	}
}

// Nothing in the tree may reach the tool under a name that it obeys.
func TestGitleaksIsNotToldToLookAway(t *testing.T) {
	job := gitleaksReplay(t, "blindfold", gitleaksRecorded(t, "blindfold"))
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
		outs := gitleaksRecorded(t, "defect")
		out := outs[step]
		change(&out)
		outs[step] = out
		return gitleaksReplay(t, "defect", outs)
	}
	stdout := func(step, text string) scanner.Job {
		return scannertest.Saying(step, func(out *scanner.Output) { out.Stdout = []byte(text) })
	}
	logs := func(step, line string) scanner.Job {
		return scannertest.Saying(step, func(out *scanner.Output) { out.Stderr = append([]byte("3:16AM "+line+"\n"), out.Stderr...) })
	}
	unread := gitleaksReplay(t, "blindfold", gitleaksRecorded(t, "defect")) // has two more files
	for name, c := range map[string]struct {
		job  scanner.Job
		kind scanner.Kind
	}{
		"no tool":                  {scannertest.BrokenTool(gitleaksReplay(t, "defect", nil), scanner.ToolMissing), scanner.ToolMissing},
		"killed":                   {scannertest.BrokenRun(gitleaksReplay(t, "defect", nil), scanner.Killed), scanner.Killed},
		"no repository":            {scannertest.BrokenRun(gitleaksReplay(t, "defect", nil), scanner.ToolFailed), scanner.InputUnavailable},
		"empty tree":               {scannertest.Job(t, "", scanner.Output{}), scanner.NothingExamined},
		"shallow clone":            {stdout("where", "true\n/repository/.git\n"), scanner.ShallowHistory},
		"half a folder":            {stdout("where", "false\n/repo"), scanner.BadOutput},
		"commits without text":     {stdout("count", strings.Repeat("a", 40)+"\n"), scanner.NothingExamined},
		"more commits than read":   {stdout("count", strings.Repeat(strings.Repeat("a", 40)+"\n\n1\t0\tname\n", 2)), scanner.BadOutput},
		"git says something else":  {stdout("count", "warning\n"), scanner.BadOutput},
		"no report":                {stdout("history", ""), scanner.BadOutput},
		"null report":              {stdout("tree", "null"), scanner.BadOutput},
		"empty report":             {stdout("tree", "[]\n"), scanner.BadOutput},
		"code of success":          {scannertest.Saying("tree", func(out *scanner.Output) { out.Exit = 0 }), scanner.BadOutput},
		"no log":                   {scannertest.Saying("history", func(out *scanner.Output) { out.Stderr = nil }), scanner.BadOutput},
		"git failed within":        {logs("history", "ERR [git] fatal: bad object"), scanner.BadInput},
		"a file cannot be read":    {logs("tree", "WRN skipping file: permission denied path=files/tree/settings.ini"), scanner.BadInput},
		"part of the history only": {logs("history", "WRN partial scan completed in 1s"), scanner.BadInput},
		"a file was not come to":   {unread, scanner.BadInput},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New().Scan(t.Context(), c.job)
			scannertest.WantKind(t, err, c.kind)
		})
	}
}

// What the tool says when it fails may be what it took for a secret.
func TestGitleaksErrorsHoldNoSecret(t *testing.T) {
	job := gitleaksReplay(t, "clean", gitleaksRecorded(t, "clean"))
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

// A tool that was stopped while it printed must not look as if it had found
// less, or read as much.
func TestGitleaksCutOff(t *testing.T) {
	for _, name := range []string{"defect", "clean", "defect-clean"} {
		outs := gitleaksRecorded(t, name)
		for _, step := range []string{"history", "tree"} {
			whole := outs[step]
			for n := range len(bytes.TrimSpace(whole.Stdout)) {
				if _, err := parseGitleaks(scanner.Output{Stdout: whole.Stdout[:n], Stderr: whole.Stderr, Exit: whole.Exit}); err == nil {
					t.Fatalf("%s, %s: %d bytes of the report were taken for all", name, step, n)
				}
			}
			for n := range len(bytes.TrimSpace(whole.Stderr)) {
				if _, err := parseGitleaks(scanner.Output{Stdout: whole.Stdout, Stderr: whole.Stderr[:n], Exit: whole.Exit}); err == nil {
					t.Fatalf("%s, %s: %d bytes of the log were taken for all", name, step, n)
				}
			}
		}
		all, err := changingText(outs["count"].Stdout)
		if err != nil || all == 0 {
			t.Fatalf("%d commits, %v", all, err)
		}
		where := outs["where"].Stdout
		for n := range where {
			outs["where"] = scanner.Output{Stdout: where[:n]}
			if _, err := readHistory(t.Context(), gitleaksReplay(t, "clean", outs)); err == nil {
				t.Fatalf("%s: %d bytes of where the history is were taken for all", name, n)
			}
		}
	}
}

func FuzzGitleaks(f *testing.F) {
	for _, name := range []string{"defect", "clean", "defect-clean", "archive"} {
		for _, out := range gitleaksRecorded(f, name) {
			f.Add(out.Stdout, out.Stderr, out.Exit)
		}
	}
	f.Fuzz(func(t *testing.T, stdout, stderr []byte, exit int) {
		if n, err := changingText(stdout); err == nil && n > bytes.Count(stdout, []byte("\n")) {
			t.Errorf("%d commits in %d lines", n, bytes.Count(stdout, []byte("\n")))
		}
		report, err := parseGitleaks(scanner.Output{Stdout: stdout, Stderr: stderr, Exit: exit})
		if err != nil {
			return
		}
		found := gitleaksFindings("gitleaks", report.leaks)
		if len(found) != len(report.leaks) {
			t.Errorf("%d findings of %d leaks", len(found), len(report.leaks))
		}
		if slices.ContainsFunc(found, func(f finding.Finding) bool { return !f.Secret || f.Rule == "" || len(f.Witnesses) != 1 }) {
			t.Errorf("a finding is no secret, or has no rule or witness: %+v", found)
		}
	})
}

package scanner

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
)

// gitleaksSteps are the commands of a scan, in their order.
var gitleaksSteps = []string{"where", "count", "history", "tree", "again"}

// gitleaksRecorded returns what each command printed.
func gitleaksRecorded(tb testing.TB, name string) map[string]Output {
	tb.Helper()
	outs := map[string]Output{}
	for _, step := range gitleaksSteps {
		var out Output
		for suffix, to := range map[string]*[]byte{".stdout": &out.Stdout, ".stderr": &out.Stderr} {
			file := "gitleaks/" + name + "/" + step + suffix
			if _, err := os.Stat(filepath.Join("testdata", file)); err == nil {
				*to = recorded(tb, file)
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
func gitleaksReplay(t *testing.T, canary string, outs map[string]Output) Job {
	t.Helper()
	job := replay(t, "gitleaks/"+canary, nil, nil)
	job.Run = func(_ context.Context, cmd Command) (Output, error) {
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
			outcome, err := Gitleaks{}.Scan(t.Context(), gitleaksReplay(t, canary, gitleaksRecorded(t, name)))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, places(outcome.Findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			for _, f := range outcome.Findings {
				if f.Rule != NotExamined && !f.Secret {
					t.Errorf("%s is not marked as a secret", f.Place())
				}
			}
		})
	}
}

func TestGitleaksPassesWhatIsRight(t *testing.T) {
	outcome, err := Gitleaks{}.Scan(t.Context(), gitleaksReplay(t, "clean", gitleaksRecorded(t, "clean")))
	if err != nil {
		t.Fatal(err)
	}
	if want := (Examined{Count: 1, Unit: "commits"}); outcome.Examined != want || len(outcome.Findings) > 0 {
		t.Errorf("examined %v, want %v; findings\n%s", outcome.Examined, want, places(outcome.Findings))
	}
}

// Nothing in the tree may reach the tool under a name that it obeys.
func TestGitleaksIsNotToldToLookAway(t *testing.T) {
	job := gitleaksReplay(t, "blindfold", gitleaksRecorded(t, "blindfold"))
	run := job.Run
	job.Run = func(ctx context.Context, cmd Command) (Output, error) {
		for _, obeyed := range []string{".gitleaksignore", ".gitleaks.toml"} {
			source := filepath.Join(cmd.Dir, cmd.Args[len(cmd.Args)-1], obeyed)
			if _, err := os.Stat(source); err == nil && !strings.HasSuffix(cmd.Path, "git") {
				t.Errorf("%s would obey %s", cmd, source)
			}
		}
		return run(ctx, cmd)
	}
	if _, err := (Gitleaks{}).Scan(t.Context(), job); err != nil {
		t.Fatal(err)
	}
}

func TestGitleaksErrors(t *testing.T) {
	saying := func(step string, change func(*Output)) Job {
		outs := gitleaksRecorded(t, "defect")
		out := outs[step]
		change(&out)
		outs[step] = out
		return gitleaksReplay(t, "defect", outs)
	}
	stdout := func(step, text string) Job { return saying(step, func(out *Output) { out.Stdout = []byte(text) }) }
	logs := func(step, line string) Job {
		return saying(step, func(out *Output) { out.Stderr = append([]byte("3:16AM "+line+"\n"), out.Stderr...) })
	}
	unread := gitleaksReplay(t, "blindfold", gitleaksRecorded(t, "defect")) // has two more files
	for name, c := range map[string]struct {
		job  Job
		kind Kind
	}{
		"no tool":                  {brokenTool(gitleaksReplay(t, "defect", nil), ToolMissing), ToolMissing},
		"killed":                   {brokenRun(gitleaksReplay(t, "defect", nil), Killed), Killed},
		"no repository":            {brokenRun(gitleaksReplay(t, "defect", nil), ToolFailed), InputUnavailable},
		"empty tree":               {replay(t, "", nil, nil), NothingExamined},
		"shallow clone":            {stdout("where", "true\n/repository/.git\n"), ShallowHistory},
		"half a folder":            {stdout("where", "false\n/repo"), BadOutput},
		"commits without text":     {stdout("count", strings.Repeat("a", 40)+"\n"), NothingExamined},
		"more commits than read":   {stdout("count", strings.Repeat(strings.Repeat("a", 40)+"\n\n1\t0\tname\n", 2)), BadOutput},
		"git says something else":  {stdout("count", "warning\n"), BadOutput},
		"no report":                {stdout("history", ""), BadOutput},
		"null report":              {stdout("tree", "null"), BadOutput},
		"empty report":             {stdout("tree", "[]\n"), BadOutput},
		"code of success":          {saying("tree", func(out *Output) { out.Exit = 0 }), BadOutput},
		"no log":                   {saying("history", func(out *Output) { out.Stderr = nil }), BadOutput},
		"git failed within":        {logs("history", "ERR [git] fatal: bad object"), BadInput},
		"a file cannot be read":    {logs("tree", "WRN skipping file: permission denied path=files/tree/settings.ini"), BadInput},
		"part of the history only": {logs("history", "WRN partial scan completed in 1s"), BadInput},
		"a file was not come to":   {unread, BadInput},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Gitleaks{}.Scan(t.Context(), c.job)
			wantKind(t, err, c.kind)
		})
	}
}

// What the tool says when it fails may be what it took for a secret.
func TestGitleaksErrorsHoldNoSecret(t *testing.T) {
	job := gitleaksReplay(t, "clean", gitleaksRecorded(t, "clean"))
	run := job.Run
	job.Run = func(ctx context.Context, cmd Command) (Output, error) {
		if cmd.Args[0] != "dir" {
			return run(ctx, cmd)
		}
		out := Output{Stderr: []byte("3:16AM TRC skipping finding: low entropy finding=hunter2\n3:16AM FTL no space left\n"), Exit: 1}
		return out, Errorf(ToolFailed, "gitleaks ended with code 1%s", lastWords(out))
	}
	_, err := Gitleaks{}.Scan(t.Context(), job)
	wantKind(t, err, ToolFailed)
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
				if _, err := parseGitleaks(Output{Stdout: whole.Stdout[:n], Stderr: whole.Stderr, Exit: whole.Exit}); err == nil {
					t.Fatalf("%s, %s: %d bytes of the report were taken for all", name, step, n)
				}
			}
			for n := range len(bytes.TrimSpace(whole.Stderr)) {
				if _, err := parseGitleaks(Output{Stdout: whole.Stdout, Stderr: whole.Stderr[:n], Exit: whole.Exit}); err == nil {
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
			outs["where"] = Output{Stdout: where[:n]}
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
		report, err := parseGitleaks(Output{Stdout: stdout, Stderr: stderr, Exit: exit})
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

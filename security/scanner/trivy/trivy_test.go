package scanner

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// trivyTestCache returns a cache folder of Trivy whose database says its date.
func trivyTestCache(t *testing.T, metadata string) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.MkdirAll(filepath.Join(dir, "db"), 0o755); err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"trivy.db": "x", "metadata.json": metadata} {
		if err := os.WriteFile(filepath.Join(dir, "db", name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func trivyReplay(t *testing.T, canary string) Job {
	t.Helper()
	job := replay(t, "trivy/"+canary, recorded(t, "trivy/"+canary+".stdout"), recorded(t, "trivy/"+canary+".stderr"))
	job.Databases.Trivy = trivyTestCache(t, `{"UpdatedAt":"2026-08-21T20:38:00Z"}`)
	return job
}

func TestTrivyFinds(t *testing.T) {
	outcome, err := Trivy{}.Scan(t.Context(), trivyReplay(t, "defect"))
	if err != nil {
		t.Fatal(err)
	}
	want := `CVE-2021-38561 unknown go.mod:5 (golang.org/x/text@v0.3.5)
CVE-2022-32149 unknown go.mod:5 (golang.org/x/text@v0.3.5)
CVE-2026-56852 unknown go.mod:5 (golang.org/x/text@v0.3.5)
DS-0001 medium Dockerfile:1
DS-0002 high Dockerfile
AZU-0007 high terraform/main.tf:4 (azurerm_storage_container.reports)
aws-access-key-id critical service/upload_test.go:3
aws-access-key-id critical settings.ini:2
`
	if diff := cmp.Diff(want, places(outcome.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if want := []string{"GHSA-ppp9-7jff-5vj2", "GO-2021-0113"}; !cmp.Equal(outcome.Findings[0].Aliases, want) {
		t.Errorf("other names of the first are %v, want %v", outcome.Findings[0].Aliases, want)
	}
	if want := (Examined{Count: 6, Unit: "files"}); outcome.Examined != want {
		t.Errorf("examined %v, want %v", outcome.Examined, want)
	}
	if want := time.Date(2026, 8, 21, 20, 38, 0, 0, time.UTC); outcome.Database == nil || !outcome.Database.Date.Equal(want) {
		t.Errorf("database is %v, want one of %v", outcome.Database, want)
	}
}

func TestTrivyPassesWhatIsRight(t *testing.T) {
	outcome, err := Trivy{}.Scan(t.Context(), trivyReplay(t, "clean"))
	if err != nil {
		t.Fatal(err)
	}
	if len(outcome.Findings) > 0 || outcome.Examined.Count == 0 {
		t.Errorf("examined %d with findings\n%s", outcome.Examined.Count, places(outcome.Findings))
	}
}

func TestTrivyRefusesWhatItDidNotRead(t *testing.T) {
	for _, canary := range []string{"broken-dockerfile", "broken-gomod", "broken-terraform"} {
		t.Run(canary, func(t *testing.T) {
			_, err := Trivy{}.Scan(t.Context(), trivyReplay(t, canary))
			wantKind(t, err, BadInput)
		})
	}
	for _, missed := range []string{"Dockerfile.dev", "module/go.mod", "terraform/more.tf", "package-lock.json", "dev/settings.ini"} {
		t.Run(missed+" is in no result", func(t *testing.T) {
			job := trivyReplay(t, "clean")
			job.Tree.Files = append(job.Tree.Files, missed)
			_, err := Trivy{}.Scan(t.Context(), job)
			wantKind(t, err, BadInput)
		})
	}
}

func TestTrivyErrors(t *testing.T) {
	clean := func() Job { return trivyReplay(t, "clean") }
	const end = "t\tDEBUG\t" + trivyEnd + "\tpath=\"x\"\n"
	for name, c := range map[string]struct {
		job  Job
		kind Kind
	}{
		"no tool":      {brokenTool(clean(), ToolMissing), ToolMissing},
		"other tool":   {brokenTool(clean(), WrongVersion), WrongVersion},
		"killed":       {brokenRun(clean(), Killed), Killed},
		"out of time":  {brokenRun(clean(), TimedOut), TimedOut},
		"prints none":  {replay(t, "trivy/clean", nil, nil), BadOutput},
		"other report": {replay(t, "trivy/clean", []byte(`{"SchemaVersion":2,"ArtifactType":"container_image"}`), recorded(t, "trivy/clean.stderr")), BadOutput},
		"fatal":        {replay(t, "trivy/clean", recorded(t, "trivy/clean.stdout"), []byte("t\tFATAL\tfull disk\n"+end)), ToolFailed},
		"newer checks": {replay(t, "trivy/clean", recorded(t, "trivy/clean.stdout"), []byte("t\tWARN\t[rego] Module will be skipped as current version of Trivy is older than …\tfile_path=\"a.rego\"\n"+end)), ToolFailed},
		"new checks":   {replay(t, "trivy/clean", recorded(t, "trivy/clean.stdout"), []byte("t\tDEBUG\t[rego] Unable to parse check. This can be …\tfile_path=\"a.rego\"\n"+end)), ToolFailed},
	} {
		t.Run(name, func(t *testing.T) {
			c.job.Databases.Trivy = trivyTestCache(t, `{"UpdatedAt":"2026-08-21T20:38:00Z"}`)
			_, err := Trivy{}.Scan(t.Context(), c.job)
			wantKind(t, err, c.kind)
		})
	}
}

func TestTrivyNeedsADatabase(t *testing.T) {
	for name, dir := range map[string]string{
		"no folder":  filepath.Join(t.TempDir(), "absent"),
		"empty":      t.TempDir(),
		"no date":    trivyTestCache(t, `{}`),
		"not a date": trivyTestCache(t, `{"UpdatedAt":"yesterday"}`),
	} {
		t.Run(name, func(t *testing.T) {
			job := trivyReplay(t, "clean")
			job.Databases.Trivy = dir
			_, err := Trivy{}.Scan(t.Context(), job)
			wantKind(t, err, DatabaseMissing)
		})
	}
	t.Run("the live one cannot be had", func(t *testing.T) {
		t.Setenv("XDG_CACHE_HOME", t.TempDir())
		job := brokenRun(trivyReplay(t, "clean"), ToolFailed)
		job.Databases.Trivy = ""
		_, err := Trivy{}.Scan(t.Context(), job)
		wantKind(t, err, DatabaseMissing)
	})
}

func TestTrivySaysWhichCommandItRan(t *testing.T) {
	outcome, err := Trivy{}.Scan(t.Context(), trivyReplay(t, "clean"))
	if err != nil {
		t.Fatal(err)
	}
	if len(outcome.Commands) != 1 || !strings.HasPrefix(outcome.Commands[0], "trivy fs ") {
		t.Errorf("commands are %q", outcome.Commands)
	}
}

// A tool that was stopped while it printed must not look as if it had found
// less.
func TestTrivyCutOff(t *testing.T) {
	stdout, stderr := recorded(t, "trivy/defect.stdout"), recorded(t, "trivy/defect.stderr")
	for n := range len(bytes.TrimSpace(stdout)) {
		if _, err := parseTrivy(stdout[:n], "filesystem"); err == nil {
			t.Fatalf("%d bytes of the report were taken for all %d", n, len(stdout))
		}
	}
	for n := range bytes.LastIndex(stderr, []byte(trivyEnd)) {
		if _, err := parseTrivyLog(stderr[:n]); err == nil {
			t.Fatalf("%d bytes of the log were taken for all %d", n, len(stderr))
		}
	}
}

func FuzzTrivy(f *testing.F) {
	for _, canary := range []string{"clean", "broken-gomod", "broken-terraform"} {
		f.Add(recorded(f, "trivy/"+canary+".stdout"), recorded(f, "trivy/"+canary+".stderr"))
	}
	f.Add([]byte(`{"SchemaVersion":2,"ArtifactType":"filesystem","Results":[{"Target":"a","Class":"secret","Secrets":[{}]}]}`), []byte(trivyEnd))
	f.Fuzz(func(t *testing.T, stdout, stderr []byte) {
		report, err := parseTrivy(stdout, "filesystem")
		if err != nil {
			return
		}
		for _, found := range report.findings("trivy", []string{"go.mod"}, func(string) []string { return nil }) {
			if found.Rule == "" || len(found.Witnesses) != 1 {
				t.Errorf("finding without rule or witness: %+v", found)
			}
		}
		if log, err := parseTrivyLog(stderr); err == nil && !bytes.Contains(stderr, []byte(trivyEnd)) {
			t.Errorf("log without end was read as %+v", log)
		}
	})
}

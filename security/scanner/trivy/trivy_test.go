package trivy

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
)

func TestTrivyFinds(t *testing.T) {
	outcome, err := New().Scan(t.Context(), scannertest.Replay(t, "trivy/defect"))
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
	if diff := cmp.Diff(want, scannertest.Places(outcome.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if want := []string{"GHSA-ppp9-7jff-5vj2", "GO-2021-0113"}; !cmp.Equal(outcome.Findings[0].Aliases, want) {
		t.Errorf("other names of the first are %v, want %v", outcome.Findings[0].Aliases, want)
	}
	if want := (scanner.Examined{Count: 6, Unit: "files"}); outcome.Examined != want {
		t.Errorf("examined %v, want %v", outcome.Examined, want)
	}
	if want := time.Date(2026, 8, 21, 20, 38, 0, 0, time.UTC); outcome.Database == nil || !outcome.Database.Date.Equal(want) {
		t.Errorf("database is %v, want one of %v", outcome.Database, want)
	}
}

func TestTrivyRefusesUnreadFiles(t *testing.T) {
	for _, canary := range []string{"broken-dockerfile", "broken-gomod", "broken-terraform"} {
		t.Run(canary, func(t *testing.T) {
			_, err := New().Scan(t.Context(), scannertest.Replay(t, "trivy/"+canary))
			scannertest.WantKind(t, err, scanner.BadInput)
		})
	}
	for _, missed := range []string{"Dockerfile.dev", "module/go.mod", "terraform/more.tf", "package-lock.json", "dev/settings.ini"} {
		t.Run(missed+" is in no result", func(t *testing.T) {
			job := scannertest.Replay(t, "trivy/clean")
			job.Tree.Files = append(job.Tree.Files, missed)
			_, err := New().Scan(t.Context(), job)
			scannertest.WantKind(t, err, scanner.BadInput)
		})
	}
}

func TestTrivyErrors(t *testing.T) {
	const end = "t\tDEBUG\t" + logEnd + "\tpath=\"x\"\n"
	for name, c := range map[string]struct {
		job  scanner.Job
		kind scanner.Kind
	}{
		"other report": {scannertest.Job(t, "trivy/clean", scanner.Output{Stdout: []byte(`{"SchemaVersion":2,"ArtifactType":"container_image"}`), Stderr: scannertest.Read(t, "trivy/clean.stderr")}), scanner.BadOutput},
		"fatal":        {scannertest.Job(t, "trivy/clean", scanner.Output{Stdout: scannertest.Read(t, "trivy/clean.stdout"), Stderr: []byte("t\tFATAL\tfull disk\n" + end)}), scanner.ToolFailed},
		"newer checks": {scannertest.Job(t, "trivy/clean", scanner.Output{Stdout: scannertest.Read(t, "trivy/clean.stdout"), Stderr: []byte("t\tWARN\t[rego] Module will be skipped as current version of Trivy is older than …\tfile_path=\"a.rego\"\n" + end)}), scanner.ToolFailed},
		"new checks":   {scannertest.Job(t, "trivy/clean", scanner.Output{Stdout: scannertest.Read(t, "trivy/clean.stdout"), Stderr: []byte("t\tDEBUG\t[rego] Unable to parse check. This can be …\tfile_path=\"a.rego\"\n" + end)}), scanner.ToolFailed},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New().Scan(t.Context(), c.job)
			scannertest.WantKind(t, err, c.kind)
		})
	}
}

func TestTrivyNeedsADatabase(t *testing.T) {
	for name, dir := range map[string]string{
		"no folder":  filepath.Join(t.TempDir(), "absent"),
		"empty":      t.TempDir(),
		"no date":    scannertest.TrivyCache(t, `{}`),
		"not a date": scannertest.TrivyCache(t, `{"UpdatedAt":"yesterday"}`),
	} {
		t.Run(name, func(t *testing.T) {
			job := scannertest.Replay(t, "trivy/clean")
			job.Databases.Trivy = dir
			_, err := New().Scan(t.Context(), job)
			scannertest.WantKind(t, err, scanner.DatabaseMissing)
		})
	}
	t.Run("the live one is unavailable", func(t *testing.T) {
		t.Setenv("XDG_CACHE_HOME", t.TempDir())
		job := scannertest.BrokenRun(scannertest.Replay(t, "trivy/clean"), scanner.ToolFailed)
		job.Databases.Trivy = ""
		_, err := New().Scan(t.Context(), job)
		scannertest.WantKind(t, err, scanner.DatabaseMissing)
	})
}

func TestTrivySaysWhichCommandItRan(t *testing.T) {
	outcome, err := New().Scan(t.Context(), scannertest.Replay(t, "trivy/clean"))
	if err != nil {
		t.Fatal(err)
	}
	if len(outcome.Commands) != 1 || !strings.HasPrefix(outcome.Commands[0], "trivy fs ") {
		t.Errorf("commands are %q", outcome.Commands)
	}
}

func FuzzTrivy(f *testing.F) {
	for _, canary := range []string{"clean", "broken-gomod", "broken-terraform"} {
		f.Add(scannertest.Read(f, "trivy/"+canary+".stdout"), scannertest.Read(f, "trivy/"+canary+".stderr"))
	}
	f.Add([]byte(`{"SchemaVersion":2,"ArtifactType":"filesystem","Results":[{"Target":"a","Class":"secret","Secrets":[{}]}]}`), []byte(logEnd))
	f.Fuzz(func(t *testing.T, stdout, stderr []byte) {
		r, err := parse(stdout, "filesystem")
		if err != nil {
			return
		}
		for _, found := range r.findings([]string{"go.mod"}, func(string) []string { return nil }) {
			if found.Rule == "" {
				t.Errorf("finding without rule: %+v", found)
			}
		}
		if log, err := parseLog(stderr); err == nil && !bytes.Contains(stderr, []byte(logEnd)) {
			t.Errorf("log without end was read as %+v", log)
		}
	})
}

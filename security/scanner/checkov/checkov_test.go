package checkov

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
)

func TestCheckovFinds(t *testing.T) {
	outcome, err := New().Scan(t.Context(), scannertest.Replay(t, "checkov/defect"))
	if err != nil {
		t.Fatal(err)
	}
	want := `COMPOSE_USER high compose.yaml:2 (app)
COMPOSE_CAPABILITIES high compose.yaml:2 (app)
COMPOSE_NEW_PRIVILEGES high compose.yaml:2 (app)
COMPOSE_READ_ONLY high compose.yaml:2 (app)
COMPOSE_PINNED high compose.yaml:2 (app)
COMPOSE_LIMITS high compose.yaml:2 (app)
COMPOSE_CONFINED high compose.yaml:4 (app)
COMPOSE_LOCAL_PORTS high compose.yaml:5 (app)
COMPOSE_ENGINE high compose.yaml:6 (app)
COMPOSE_HOST high compose.yaml:6 (app)
CKV_DOCKER_3 high .build/Dockerfile:1
CKV_GHA_2 high .github/workflows/ci.yml:8
CKV2_GHA_1 high .github/workflows/ci.yml:3
CKV_AZURE_34 high terraform/main.tf:1 (azurerm_storage_container.reports)
CKV_AZURE_10 high terraform/main.tf:7 (azurerm_network_security_rule.ssh)
CKV2_AZURE_8 low terraform/main.tf:1 (azurerm_storage_container.reports)
CKV2_AZURE_21 low terraform/main.tf:1 (azurerm_storage_container.reports)
`
	if diff := cmp.Diff(want, scannertest.Places(outcome.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if want := (scanner.Examined{Count: 4, Unit: "files"}); outcome.Examined != want {
		t.Errorf("examined %v, want %v", outcome.Examined, want)
	}
}

func TestCheckovReportsSkipComments(t *testing.T) {
	outcome, err := New().Scan(t.Context(), scannertest.Replay(t, "checkov/suppressed"))
	if err != nil {
		t.Fatal(err)
	}
	want := "CKV_AZURE_10 high main.tf:1 (azurerm_network_security_rule.ssh)\ninline-suppression high main.tf:2\n"
	if diff := cmp.Diff(want, scannertest.Places(outcome.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestCheckovRefusesUnreadFiles(t *testing.T) {
	for _, canary := range []string{"broken-dockerfile", "broken-compose", "broken-workflow", "broken-terraform"} {
		t.Run(canary, func(t *testing.T) {
			_, err := New().Scan(t.Context(), scannertest.Replay(t, "checkov/"+canary))
			scannertest.WantKind(t, err, scanner.BadInput)
		})
	}
	for _, missed := range []string{"Dockerfile.dev", ".github/workflows/more.yaml", "more.tf.json"} {
		t.Run(missed+" has no check", func(t *testing.T) {
			job := scannertest.Replay(t, "checkov/clean")
			job.Tree.Files = append(job.Tree.Files, missed)
			_, err := New().Scan(t.Context(), job)
			scannertest.WantKind(t, err, scanner.BadInput)
		})
	}
	t.Run("a resource is not counted", func(t *testing.T) {
		job := scannertest.ReplayOn(t, "checkov/defect", "checkov/clean")
		_, err := New().Scan(t.Context(), job)
		scannertest.WantKind(t, err, scanner.BadInput)
	})
}

func TestCheckovErrors(t *testing.T) {
	stdout := scannertest.Read(t, "checkov/clean.stdout")
	for name, c := range map[string]struct {
		job  scanner.Job
		kind scanner.Kind
	}{
		"a crash":    {scannertest.Job(t, "checkov/clean", scanner.Output{Stdout: stdout, Stderr: []byte("Traceback (most recent call last):\n  …")}), scanner.ToolFailed},
		"miscounted": {scannertest.Job(t, "checkov/clean", scanner.Output{Stdout: bytes.ReplaceAll(stdout, []byte(`"failed": 0`), []byte(`"failed": 1`))}), scanner.BadOutput},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New().Scan(t.Context(), c.job)
			scannertest.WantKind(t, err, c.kind)
		})
	}
}

func asIs(path string) string { return path }

func FuzzCheckov(f *testing.F) {
	for _, canary := range []string{"suppressed", "broken-compose", "broken-terraform"} {
		f.Add(scannertest.Read(f, "checkov/"+canary+".stdout"))
	}
	f.Add([]byte(`[{"check_type":"yaml","results":{"failed_checks":[{"check_id":"A","file_path":"/a","file_line_range":[-1,0]}]},"summary":{"failed":1}}]`))
	f.Fuzz(func(t *testing.T, out []byte) {
		rs, err := parse(out, asIs)
		if err != nil {
			return
		}
		for _, found := range rs.findings() {
			if found.Rule == "" || found.Line < 0 {
				t.Errorf("finding %+v", found)
			}
		}
	})
}

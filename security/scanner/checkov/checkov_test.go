package scanner

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func checkovReplay(t *testing.T, canary string) Job {
	t.Helper()
	return replay(t, "checkov/"+canary, recorded(t, "checkov/"+canary+".stdout"), recorded(t, "checkov/"+canary+".stderr"))
}

func TestCheckovFinds(t *testing.T) {
	outcome, err := Checkov{}.Scan(t.Context(), checkovReplay(t, "defect"))
	if err != nil {
		t.Fatal(err)
	}
	want := `CKV_DOCKER_3 unknown .build/Dockerfile:1
COMPOSE_USER unknown compose.yaml:3 (app)
COMPOSE_CONFINED unknown compose.yaml:3 (app)
COMPOSE_CAPABILITIES unknown compose.yaml:3 (app)
COMPOSE_NEW_PRIVILEGES unknown compose.yaml:3 (app)
COMPOSE_READ_ONLY unknown compose.yaml:3 (app)
COMPOSE_ENGINE unknown compose.yaml:3 (app)
COMPOSE_LOCAL_PORTS unknown compose.yaml:3 (app)
COMPOSE_PINNED unknown compose.yaml:3 (app)
COMPOSE_LIMITS unknown compose.yaml:3 (app)
CKV_GHA_2 unknown .github/workflows/ci.yml:8
CKV2_GHA_1 unknown .github/workflows/ci.yml:3
CKV_AZURE_34 unknown terraform/main.tf:1 (azurerm_storage_container.reports)
CKV_AZURE_10 unknown terraform/main.tf:7 (azurerm_network_security_rule.ssh)
CKV2_AZURE_8 unknown terraform/main.tf:1 (azurerm_storage_container.reports)
CKV2_AZURE_21 unknown terraform/main.tf:1 (azurerm_storage_container.reports)
`
	if diff := cmp.Diff(want, places(outcome.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if want := (Examined{Count: 4, Unit: "files"}); outcome.Examined != want {
		t.Errorf("examined %v, want %v", outcome.Examined, want)
	}
}

func TestCheckovTellsOfWhatACommentSkips(t *testing.T) {
	outcome, err := Checkov{}.Scan(t.Context(), checkovReplay(t, "suppressed"))
	if err != nil {
		t.Fatal(err)
	}
	want := "CKV_AZURE_10 unknown main.tf:1 (azurerm_network_security_rule.ssh)\ninline-suppression high main.tf:2\n"
	if diff := cmp.Diff(want, places(outcome.Findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}

func TestCheckovPassesWhatIsRight(t *testing.T) {
	outcome, err := Checkov{}.Scan(t.Context(), checkovReplay(t, "clean"))
	if err != nil {
		t.Fatal(err)
	}
	if len(outcome.Findings) > 0 || outcome.Examined.Count != 4 {
		t.Errorf("examined %v with findings\n%s", outcome.Examined, places(outcome.Findings))
	}
}

func TestCheckovRefusesWhatItDidNotRead(t *testing.T) {
	for _, canary := range []string{"broken-dockerfile", "broken-compose", "broken-workflow", "broken-terraform"} {
		t.Run(canary, func(t *testing.T) {
			_, err := Checkov{}.Scan(t.Context(), checkovReplay(t, canary))
			wantKind(t, err, BadInput)
		})
	}
	for _, missed := range []string{"Dockerfile.dev", "deploy/docker-compose.dev.yml", ".github/workflows/more.yaml", "more.tf.json"} {
		t.Run(missed+" has no check", func(t *testing.T) {
			job := checkovReplay(t, "clean")
			job.Tree.Files = append(job.Tree.Files, missed)
			_, err := Checkov{}.Scan(t.Context(), job)
			wantKind(t, err, BadInput)
		})
	}
	t.Run("a resource is not counted", func(t *testing.T) {
		job := replay(t, "checkov/defect", recorded(t, "checkov/clean.stdout"), nil)
		_, err := Checkov{}.Scan(t.Context(), job)
		wantKind(t, err, BadInput)
	})
}

func TestCheckovErrors(t *testing.T) {
	clean := func() Job { return checkovReplay(t, "clean") }
	stdout := recorded(t, "checkov/clean.stdout")
	for name, c := range map[string]struct {
		job  Job
		kind Kind
	}{
		"no input":    {replay(t, "", nil, nil), NothingExamined},
		"no tool":     {brokenTool(clean(), ToolMissing), ToolMissing},
		"killed":      {brokenRun(clean(), Killed), Killed},
		"prints none": {replay(t, "checkov/clean", nil, nil), BadOutput},
		"a crash":     {replay(t, "checkov/clean", stdout, []byte("Traceback (most recent call last):\n  …")), ToolFailed},
		"miscounted":  {replay(t, "checkov/clean", bytes.ReplaceAll(stdout, []byte(`"failed": 0`), []byte(`"failed": 1`)), nil), BadOutput},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Checkov{}.Scan(t.Context(), c.job)
			wantKind(t, err, c.kind)
		})
	}
}

func TestCheckovCutOff(t *testing.T) {
	stdout := recorded(t, "checkov/suppressed.stdout")
	for n := range len(bytes.TrimSpace(stdout)) {
		if _, err := parseCheckov(stdout[:n], asIs); err == nil {
			t.Fatalf("%d bytes of the report were taken for all %d", n, len(stdout))
		}
	}
}

func asIs(path string) string { return path }

func FuzzCheckov(f *testing.F) {
	for _, canary := range []string{"suppressed", "broken-compose", "broken-terraform"} {
		f.Add(recorded(f, "checkov/"+canary+".stdout"))
	}
	f.Add([]byte(`[{"check_type":"yaml","results":{"failed_checks":[{"check_id":"A","file_path":"/a","file_line_range":[-1,0]}]},"summary":{"failed":1}}]`))
	f.Fuzz(func(t *testing.T, out []byte) {
		reports, err := parseCheckov(out, asIs)
		if err != nil {
			return
		}
		for _, found := range reports.findings("checkov") {
			if found.Rule == "" || found.Line < 0 || len(found.Witnesses) != 1 {
				t.Errorf("finding %+v", found)
			}
		}
	})
}

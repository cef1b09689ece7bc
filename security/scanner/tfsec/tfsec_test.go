package scanner

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tfsecReplay returns a job in which tfsec prints what was recorded on a
// canary. @TREE@ in the recording is the folder it ran in.
func tfsecReplay(t *testing.T, canary string) Job {
	t.Helper()
	job := replay(t, "tfsec/"+canary, nil, nil)
	root, err := fromRoot(job.Tree.Dir)
	if err != nil {
		t.Fatal(err)
	}
	here := func(name string) []byte {
		return bytes.ReplaceAll(recorded(t, "tfsec/"+canary+name), []byte("@TREE@/"), []byte(root))
	}
	job.Tree.Dir = "/" + strings.TrimSuffix(root, "/")
	return saying(job, Output{Stdout: here(".stdout"), Stderr: here(".stderr")})
}

func TestTfsecFinds(t *testing.T) {
	for canary, want := range map[string]string{
		"defect": "azure-keyvault-no-purge medium main.tf:12 (azurerm_key_vault.secrets)\n" +
			"azure-storage-no-public-access high reports/main.tf:6 (module.reports)\n",
		"suppressed": "azure-storage-no-public-access high main.tf:4 (azurerm_storage_container.reports)\n" +
			"inline-suppression high main.tf:4\n",
		"blindfold": "azure-storage-no-public-access high main.tf:4 (azurerm_storage_container.reports)\n",
		"clean":     "",
	} {
		t.Run(canary, func(t *testing.T) {
			outcome, err := Tfsec{}.Scan(t.Context(), tfsecReplay(t, canary))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, places(outcome.Findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if outcome.Examined.Count == 0 {
				t.Error("nothing was examined")
			}
		})
	}
}

// tfsec knows none of the newer resources: of them it can say nothing.
func TestTfsecTellsWhatItHasNoRuleFor(t *testing.T) {
	files := canaryTree(t, "checkov/defect")
	got := withoutRule(files, terraformFiles(files), nil)
	want := []string{"azurerm_network_security_rule", "azurerm_storage_container"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("types without a rule (-want +got):\n%s", diff)
	}
	var seen tfsecResult
	seen.Location.File, seen.Location.Start = "terraform/main.tf", 4
	got = withoutRule(files, terraformFiles(files), []tfsecResult{seen})
	if diff := cmp.Diff(want[:1], got); diff != "" {
		t.Errorf("types without a rule (-want +got):\n%s", diff)
	}
}

func TestTfsecErrors(t *testing.T) {
	clean := tfsecReplay(t, "clean")
	unseen := tfsecReplay(t, "clean")
	unseen.Tree.Files = append(unseen.Tree.Files, "more.tf")
	for name, c := range map[string]struct {
		job  Job
		kind Kind
	}{
		"no Terraform":          {replay(t, "", nil, nil), NothingExamined},
		"no tool":               {brokenTool(clean, ToolMissing), ToolMissing},
		"killed":                {brokenRun(clean, Killed), Killed},
		"a file that is broken": {tfsecReplay(t, "broken"), BadInput},
		"a module that is gone": {tfsecReplay(t, "gone"), BadInput},
		"a file it did not see": {unseen, BadInput},
		"prints none":           {saying(clean, Output{}), BadOutput},
		"no list":               {saying(clean, Output{Stdout: []byte("{}"), Stderr: []byte("1 cmd  Exit code based on results: 0\n")}), BadInput},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Tfsec{}.Scan(t.Context(), c.job)
			wantKind(t, err, c.kind)
		})
	}
	_, err := parseTfsec([]byte("{}"), asIs)
	wantKind(t, err, BadOutput)
}

func TestTfsecCutOff(t *testing.T) {
	stdout, stderr := recorded(t, "tfsec/defect.stdout"), recorded(t, "tfsec/defect.stderr")
	for n := range len(bytes.TrimSpace(stdout)) {
		if _, err := parseTfsec(stdout[:n], asIs); err == nil {
			t.Fatalf("%d bytes of the report were taken for all %d", n, len(stdout))
		}
	}
	for n := range bytes.LastIndex(stderr, []byte("Exit code")) {
		if _, err := parseTfsecLog(stderr[:n], ""); err == nil {
			t.Fatalf("%d bytes of the log were taken for all %d", n, len(stderr))
		}
	}
}

func FuzzTfsec(f *testing.F) {
	for _, canary := range []string{"defect", "gone", "broken"} {
		f.Add(recorded(f, "tfsec/"+canary+".stdout"), recorded(f, "tfsec/"+canary+".stderr"))
	}
	f.Fuzz(func(t *testing.T, stdout, stderr []byte) {
		if parsed, err := parseTfsecLog(stderr, "@TREE@/"); err == nil && !bytes.Contains(stderr, []byte("Exit code")) {
			t.Errorf("log without end was read as %v", parsed)
		}
		results, err := parseTfsec(stdout, asIs)
		if err != nil {
			return
		}
		for _, found := range tfsecFindings("tfsec", results) {
			if found.Rule == "" || found.Line < 0 || len(found.Witnesses) != 1 {
				t.Errorf("finding %+v", found)
			}
		}
	})
}

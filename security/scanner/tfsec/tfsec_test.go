package tfsec

import (
	"bytes"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
	"example.com/rates/security/scanner/terraform"
)

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
			outcome, err := New().Scan(t.Context(), scannertest.Replay(t, "tfsec/"+canary))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, scannertest.Places(outcome.Findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			if outcome.Examined.Count == 0 {
				t.Error("nothing was examined")
			}
		})
	}
}

// tfsec has no rules about the newer resources.
func TestTfsecNamesTypesWithoutRules(t *testing.T) {
	files := scannertest.Tree(t, "checkov/defect")
	got := withoutRule(files, terraform.Files(files), nil)
	want := []string{"azurerm_network_security_rule", "azurerm_storage_container"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("types without a rule (-want +got):\n%s", diff)
	}
	var seen result
	seen.Location.File, seen.Location.Start = "terraform/main.tf", 4
	got = withoutRule(files, terraform.Files(files), []result{seen})
	if diff := cmp.Diff(want[:1], got); diff != "" {
		t.Errorf("types without a rule (-want +got):\n%s", diff)
	}
}

func TestTfsecErrors(t *testing.T) {
	clean := scannertest.Replay(t, "tfsec/clean")
	unseen := scannertest.Replay(t, "tfsec/clean")
	unseen.Tree.Files = append(unseen.Tree.Files, "more.tf")
	for name, c := range map[string]struct {
		job  scanner.Job
		kind scanner.Kind
	}{
		"a file that is broken": {scannertest.Replay(t, "tfsec/broken"), scanner.BadInput},
		"a missing module":      {scannertest.Replay(t, "tfsec/gone"), scanner.BadInput},
		"a file it did not see": {unseen, scanner.BadInput},
		"no list":               {scannertest.Saying(clean, scanner.Output{Stdout: []byte("{}"), Stderr: []byte("1 cmd  Exit code based on results: 0\n")}), scanner.BadInput},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New().Scan(t.Context(), c.job)
			scannertest.WantKind(t, err, c.kind)
		})
	}
	_, err := parse([]byte("{}"), asIs)
	scannertest.WantKind(t, err, scanner.BadOutput)
}

func FuzzTfsec(f *testing.F) {
	for _, canary := range []string{"defect", "gone", "broken"} {
		f.Add(scannertest.Read(f, "tfsec/"+canary+".stdout"), scannertest.Read(f, "tfsec/"+canary+".stderr"))
	}
	f.Fuzz(func(t *testing.T, stdout, stderr []byte) {
		if parsed, err := parseLog(stderr, "@TREE@/"); err == nil && !bytes.Contains(stderr, []byte("Exit code")) {
			t.Errorf("log without end was read as %v", parsed)
		}
		results, err := parse(stdout, asIs)
		if err != nil {
			return
		}
		for _, found := range findings(results) {
			if found.Rule == "" || found.Line < 0 {
				t.Errorf("finding %+v", found)
			}
		}
	})
}

func asIs(path string) string { return path }

package tflint

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
)

// replay returns a job over a canary, without installed rulesets, in which
// tflint prints version when it is asked for its own.
func replay(t *testing.T, canary string, version []byte) scanner.Job {
	t.Helper()
	t.Setenv("HOME", t.TempDir())
	job := scannertest.Replay(t, "tflint/"+canary)
	run := job.Run
	job.Run = func(ctx context.Context, cmd scanner.Command) (scanner.Output, error) {
		if slices.Contains(cmd.Args, "--version") {
			return scanner.Output{Stdout: version}, nil
		}
		return run(ctx, cmd)
	}
	return job
}

func TestTflintFinds(t *testing.T) {
	version := scannertest.Read(t, "tflint/version.stdout")
	for canary, want := range map[string]string{
		"defect":     "terraform_unused_declarations medium main.tf:5\nterraform_required_providers medium main.tf:10\n",
		"suppressed": "terraform_required_providers medium main.tf:11\ninline-suppression high main.tf:5\n",
		"clean":      "",
	} {
		t.Run(canary, func(t *testing.T) {
			outcome, err := New().Scan(t.Context(), replay(t, canary, version))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, scannertest.Places(outcome.Findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			got := [][]string{outcome.Notes, outcome.Unseen}
			want := [][]string{
				{"ruleset.terraform 0.15.0-bundled"},
				{"the rules of Azure (tflint-ruleset-azurerm 0.32.0) are not installed, so none was used; tflint --init installs them"},
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("notes and what was not seen (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTflintErrors(t *testing.T) {
	version := scannertest.Read(t, "tflint/version.stdout")
	clean := replay(t, "clean", version)
	unseen := clean
	unseen.Tree.Files = append(slices.Clone(clean.Tree.Files), "module/more.tf")
	for name, c := range map[string]struct {
		job  scanner.Job
		kind scanner.Kind
	}{
		"a file that is broken":    {replay(t, "broken", version), scanner.BadInput},
		"a missing module":         {replay(t, "gone", version), scanner.BadInput},
		"a folder it did not see":  {unseen, scanner.BadInput},
		"rules of another version": {replay(t, "clean", bytes.ReplaceAll(version, []byte("-bundled"), nil)), scanner.WrongVersion},
		"no rules":                 {replay(t, "clean", []byte(`{"plugins":[]}`)), scanner.WrongVersion},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New().Scan(t.Context(), c.job)
			scannertest.WantKind(t, err, c.kind)
		})
	}
	_, err := parse(scanner.Output{Stdout: []byte("{}")})
	scannertest.WantKind(t, err, scanner.BadOutput)
	_, err = parse(scanner.Output{Stdout: scannertest.Read(t, "tflint/clean.stdout"), Exit: 1})
	scannertest.WantKind(t, err, scanner.ToolFailed)
}

func TestTflintAssertsTheRulesOfAzure(t *testing.T) {
	with := []byte(`{"plugins":[{"name":"ruleset.terraform","version":"0.15.0-bundled"},{"name":"ruleset.azurerm","version":"0.32.0"}]}`)
	if _, err := rulesets(with, true); err != nil {
		t.Error(err)
	}
	_, err := rulesets(bytes.ReplaceAll(with, []byte("0.32.0"), []byte("0.1.0")), true)
	scannertest.WantKind(t, err, scanner.WrongVersion)
	_, err = rulesets(scannertest.Read(t, "tflint/version.stdout"), true)
	scannertest.WantKind(t, err, scanner.WrongVersion)
}

func FuzzTflint(f *testing.F) {
	for _, canary := range []string{"defect", "clean", "broken"} {
		f.Add(scannertest.Read(f, "tflint/"+canary+".stdout"))
	}
	f.Fuzz(func(t *testing.T, out []byte) {
		issues, err := parse(scanner.Output{Stdout: out})
		if err != nil {
			return
		}
		for _, found := range findings(issues) {
			if found.Rule == "" || found.Line < 0 {
				t.Errorf("finding %+v", found)
			}
		}
	})
}

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

// tflintReplay returns a job in which tflint prints what was recorded on a
// canary, and version when it is asked for its own.
func tflintReplay(t *testing.T, canary string, version []byte) scanner.Job {
	t.Helper()
	t.Setenv("HOME", t.TempDir()) // where no ruleset is installed
	out := scanner.Output{Stdout: scannertest.Read(t, "tflint/"+canary+".stdout"), Stderr: scannertest.Read(t, "tflint/"+canary+".stderr")}
	job := scannertest.Job(t, "tflint/"+canary, scanner.Output{})
	job.Run = func(_ context.Context, cmd scanner.Command) (scanner.Output, error) {
		if slices.Contains(cmd.Args, "--version") {
			return scanner.Output{Stdout: version}, nil
		}
		return out, nil
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
			outcome, err := New().Scan(t.Context(), tflintReplay(t, canary, version))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, scannertest.Places(outcome.Findings)); diff != "" {
				t.Errorf("findings (-want +got):\n%s", diff)
			}
			notes := []string{
				"ruleset.terraform 0.15.0-bundled",
				"the rules of Azure (tflint-ruleset-azurerm 0.32.0) are not installed, so none was applied",
			}
			if diff := cmp.Diff(notes, outcome.Notes); diff != "" {
				t.Errorf("notes (-want +got):\n%s", diff)
			}
		})
	}
}

func TestTflintErrors(t *testing.T) {
	version := scannertest.Read(t, "tflint/version.stdout")
	clean := tflintReplay(t, "clean", version)
	unseen := clean
	unseen.Tree.Files = append(slices.Clone(clean.Tree.Files), "module/more.tf")
	for name, c := range map[string]struct {
		job  scanner.Job
		kind scanner.Kind
	}{
		"no Terraform":             {scannertest.Job(t, "", scanner.Output{}), scanner.NothingExamined},
		"no tool":                  {scannertest.BrokenTool(clean, scanner.ToolMissing), scanner.ToolMissing},
		"killed":                   {scannertest.BrokenRun(clean, scanner.Killed), scanner.Killed},
		"a file that is broken":    {tflintReplay(t, "broken", version), scanner.BadInput},
		"a module that is gone":    {tflintReplay(t, "gone", version), scanner.BadInput},
		"a folder it did not see":  {unseen, scanner.BadInput},
		"prints none":              {scannertest.Saying(clean, scanner.Output{}), scanner.BadOutput},
		"rules of another version": {tflintReplay(t, "clean", bytes.ReplaceAll(version, []byte("-bundled"), nil)), scanner.WrongVersion},
		"no rules":                 {tflintReplay(t, "clean", []byte(`{"plugins":[]}`)), scanner.WrongVersion},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New().Scan(t.Context(), c.job)
			scannertest.WantKind(t, err, c.kind)
		})
	}
	_, err := parseTflint(scanner.Output{Stdout: []byte("{}")})
	scannertest.WantKind(t, err, scanner.BadOutput)
	_, err = parseTflint(scanner.Output{Stdout: scannertest.Read(t, "tflint/clean.stdout"), Exit: 1})
	scannertest.WantKind(t, err, scanner.ToolFailed)
}

func TestTflintAssertsTheRulesOfAzure(t *testing.T) {
	with := []byte(`{"plugins":[{"name":"ruleset.terraform","version":"0.15.0-bundled"},{"name":"ruleset.azurerm","version":"0.32.0"}]}`)
	if _, err := tflintRulesets(with, true); err != nil {
		t.Error(err)
	}
	_, err := tflintRulesets(bytes.ReplaceAll(with, []byte("0.32.0"), []byte("0.1.0")), true)
	scannertest.WantKind(t, err, scanner.WrongVersion)
	_, err = tflintRulesets(scannertest.Read(t, "tflint/version.stdout"), true)
	scannertest.WantKind(t, err, scanner.WrongVersion)
}

func TestTflintCutOff(t *testing.T) {
	stdout, stderr := scannertest.Read(t, "tflint/defect.stdout"), scannertest.Read(t, "tflint/defect.stderr")
	for n := range len(bytes.TrimSpace(stdout)) {
		if _, err := parseTflint(scanner.Output{Stdout: stdout[:n]}); err == nil {
			t.Fatalf("%d bytes of the report were taken for all %d", n, len(stdout))
		}
	}
	if err := tflintSaw(stderr, []string{"main.tf"}); err != nil {
		t.Error(err)
	}
	before, _, _ := bytes.Cut(stderr, []byte("found in"))
	scannertest.WantKind(t, tflintSaw(before, []string{"main.tf"}), scanner.BadInput)
}

func FuzzTflint(f *testing.F) {
	for _, canary := range []string{"defect", "clean", "broken"} {
		f.Add(scannertest.Read(f, "tflint/"+canary+".stdout"))
	}
	f.Fuzz(func(t *testing.T, out []byte) {
		issues, err := parseTflint(scanner.Output{Stdout: out})
		if err != nil {
			return
		}
		for _, found := range tflintFindings("tflint", issues) {
			if found.Rule == "" || found.Line < 0 || len(found.Witnesses) != 1 {
				t.Errorf("finding %+v", found)
			}
		}
	})
}

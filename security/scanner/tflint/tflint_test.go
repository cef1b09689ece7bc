package scanner

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// tflintReplay returns a job in which tflint prints what was recorded on a
// canary, and version when it is asked for its own.
func tflintReplay(t *testing.T, canary string, version []byte) Job {
	t.Helper()
	t.Setenv("HOME", t.TempDir()) // where no ruleset is installed
	out := Output{Stdout: recorded(t, "tflint/"+canary+".stdout"), Stderr: recorded(t, "tflint/"+canary+".stderr")}
	job := replay(t, "tflint/"+canary, nil, nil)
	job.Run = func(_ context.Context, cmd Command) (Output, error) {
		if slices.Contains(cmd.Args, "--version") {
			return Output{Stdout: version}, nil
		}
		return out, nil
	}
	return job
}

func TestTflintFinds(t *testing.T) {
	version := recorded(t, "tflint/version.stdout")
	for canary, want := range map[string]string{
		"defect":     "terraform_unused_declarations medium main.tf:5\nterraform_required_providers medium main.tf:10\n",
		"suppressed": "terraform_required_providers medium main.tf:11\ninline-suppression high main.tf:5\n",
		"clean":      "",
	} {
		t.Run(canary, func(t *testing.T) {
			outcome, err := Tflint{}.Scan(t.Context(), tflintReplay(t, canary, version))
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, places(outcome.Findings)); diff != "" {
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
	version := recorded(t, "tflint/version.stdout")
	clean := tflintReplay(t, "clean", version)
	unseen := clean
	unseen.Tree.Files = append(slices.Clone(clean.Tree.Files), "module/more.tf")
	for name, c := range map[string]struct {
		job  Job
		kind Kind
	}{
		"no Terraform":             {replay(t, "", nil, nil), NothingExamined},
		"no tool":                  {brokenTool(clean, ToolMissing), ToolMissing},
		"killed":                   {brokenRun(clean, Killed), Killed},
		"a file that is broken":    {tflintReplay(t, "broken", version), BadInput},
		"a module that is gone":    {tflintReplay(t, "gone", version), BadInput},
		"a folder it did not see":  {unseen, BadInput},
		"prints none":              {saying(clean, Output{}), BadOutput},
		"rules of another version": {tflintReplay(t, "clean", bytes.ReplaceAll(version, []byte("-bundled"), nil)), WrongVersion},
		"no rules":                 {tflintReplay(t, "clean", []byte(`{"plugins":[]}`)), WrongVersion},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Tflint{}.Scan(t.Context(), c.job)
			wantKind(t, err, c.kind)
		})
	}
	_, err := parseTflint(Output{Stdout: []byte("{}")})
	wantKind(t, err, BadOutput)
	_, err = parseTflint(Output{Stdout: recorded(t, "tflint/clean.stdout"), Exit: 1})
	wantKind(t, err, ToolFailed)
}

func TestTflintAssertsTheRulesOfAzure(t *testing.T) {
	with := []byte(`{"plugins":[{"name":"ruleset.terraform","version":"0.15.0-bundled"},{"name":"ruleset.azurerm","version":"0.32.0"}]}`)
	if _, err := tflintRulesets(with, true); err != nil {
		t.Error(err)
	}
	_, err := tflintRulesets(bytes.ReplaceAll(with, []byte("0.32.0"), []byte("0.1.0")), true)
	wantKind(t, err, WrongVersion)
	_, err = tflintRulesets(recorded(t, "tflint/version.stdout"), true)
	wantKind(t, err, WrongVersion)
}

func TestTflintCutOff(t *testing.T) {
	stdout, stderr := recorded(t, "tflint/defect.stdout"), recorded(t, "tflint/defect.stderr")
	for n := range len(bytes.TrimSpace(stdout)) {
		if _, err := parseTflint(Output{Stdout: stdout[:n]}); err == nil {
			t.Fatalf("%d bytes of the report were taken for all %d", n, len(stdout))
		}
	}
	if err := tflintSaw(stderr, []string{"main.tf"}); err != nil {
		t.Error(err)
	}
	before, _, _ := bytes.Cut(stderr, []byte("found in"))
	wantKind(t, tflintSaw(before, []string{"main.tf"}), BadInput)
}

func FuzzTflint(f *testing.F) {
	for _, canary := range []string{"defect", "clean", "broken"} {
		f.Add(recorded(f, "tflint/"+canary+".stdout"))
	}
	f.Fuzz(func(t *testing.T, out []byte) {
		issues, err := parseTflint(Output{Stdout: out})
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

package scanner

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"
)

// answers returns a job over a canary in which terraform says what answer
// returns for its arguments.
func answers(t *testing.T, canary string, answer func(args []string) Output) Job {
	t.Helper()
	job := replay(t, canary, nil, nil)
	job.Run = func(_ context.Context, cmd Command) (Output, error) {
		out := answer(cmd.Args)
		if !slices.Contains(append(cmd.Exits, 0), out.Exit) {
			return out, Errorf(ToolFailed, "code %d", out.Exit)
		}
		return out, nil
	}
	return job
}

// good returns what terraform says of the clean canary.
func good(t *testing.T) func(args []string) Output {
	t.Helper()
	said := map[string]Output{
		"validate": {Stdout: recorded(t, "terraform-test/clean.validate.json")},
		"test":     {Stdout: recorded(t, "terraform-test/clean.test.jsonl")},
	}
	return func(args []string) Output { return said[args[0]] }
}

func TestTerraformTestCountsWhatRan(t *testing.T) {
	outcome, err := TerraformTest{}.Scan(t.Context(), answers(t, "terraform-test/clean", good(t)))
	if err != nil {
		t.Fatal(err)
	}
	if outcome.Examined != (Examined{2, "runs"}) || len(outcome.Findings) != 0 || len(outcome.Commands) != 4 {
		t.Errorf("outcome %+v, want 2 runs by init, fmt, validate and test", outcome)
	}
}

// What Terraform says and does not fit together, or is not whole, is no evidence.
func TestTerraformTestErrors(t *testing.T) {
	good := good(t)
	whole := good([]string{"test"}).Stdout
	for title, tt := range map[string]struct {
		command string
		out     Output
		kind    Kind
	}{
		"the tests are run and nothing is said": {"test", Output{}, BadOutput},
		"success without a run":                 {"test", Output{Stdout: []byte(`{"type":"version","terraform":"1.11.4"}` + "\n" + `{"type":"test_abstract","test_abstract":{}}` + "\n" + `{"type":"test_summary","test_summary":{"status":"pass"}}` + "\n")}, TooFewExamined},
		"another exit code":                     {"test", Output{Stdout: whole, Exit: 1}, BadOutput},
		"a failure without a reason":            {"test", Output{Stdout: withoutDiagnostics(recorded(t, "terraform-test/defect.test.jsonl")), Exit: 1}, BadOutput},
		"validate says nothing":                 {"validate", Output{}, BadOutput},
		"validate says half":                    {"validate", Output{Stdout: []byte(`{"valid":tr`)}, BadOutput},
		"validate contradicts itself":           {"validate", Output{Stdout: []byte(`{"valid":true}`), Exit: 1}, BadOutput},
		"invalid without a reason":              {"validate", Output{Stdout: []byte(`{"valid":false}`), Exit: 1}, BadInput},
		"fmt names nothing":                     {"fmt", Output{Exit: 3}, BadOutput},
		"fmt names a file and says all is well": {"fmt", Output{Stdout: []byte("terraform/store/main.tf\n")}, BadOutput},
		"init fails":                            {"init", Output{Stderr: []byte("Error: Unsupported Terraform Core version"), Exit: 1}, BadInput},
		"init fails and says nothing":           {"init", Output{Exit: 1}, ToolFailed},
		"the registry is closed, nothing built": {"init", Output{Stderr: []byte("could not connect to registry.terraform.io"), Exit: 1}, ToolMissing},
	} {
		t.Run(title, func(t *testing.T) {
			_, err := TerraformTest{}.Scan(t.Context(), answers(t, "terraform-test/clean", func(args []string) Output {
				if args[0] == tt.command {
					return tt.out
				}
				return good(args)
			}))
			wantKind(t, err, tt.kind)
		})
	}
}

// withoutDiagnostics leaves out why a run failed.
func withoutDiagnostics(said []byte) []byte {
	lines := slices.Collect(bytes.Lines(said))
	return bytes.Join(slices.DeleteFunc(lines, func(line []byte) bool { return bytes.Contains(line, []byte(`"type":"diagnostic"`)) }), nil)
}

func TestTerraformTestMakesAFindingOfAFailure(t *testing.T) {
	good := good(t)
	outcome, err := TerraformTest{}.Scan(t.Context(), answers(t, "terraform-test/defect", func(args []string) Output {
		if args[0] == "test" {
			return Output{Stdout: recorded(t, "terraform-test/defect.test.jsonl"), Exit: 1}
		}
		return good(args)
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := "the_store_is_encrypted high terraform/store/tests/store.tftest.hcl:5\n"
	if got := places(outcome.Findings); got != want {
		t.Errorf("findings %q, want %q", got, want)
	}
}

// A test file that Terraform is not told of tests nothing.
func TestTerraformTestRefusesATestThatIsNeverRun(t *testing.T) {
	for _, file := range []string{
		"terraform/store/more.tftest.hcl", "terraform/store/tests/deep/more.tftest.hcl",
		"terraform/store/tests/more.tftest.json", "terraform/tests/more.tftest.hcl", "tests/more.tftest.hcl",
	} {
		job := answers(t, "terraform-test/clean", good(t))
		tf := &terraform{job: job, roots: terraformRoots(job.Tree)}
		if err := tf.strayTest(); err != nil {
			t.Fatal(err)
		}
		tf.job.Tree.Files = append(tf.job.Tree.Files, file)
		wantKind(t, tf.strayTest(), TooFewExamined)
	}
}

func TestParseValidation(t *testing.T) {
	valid, invalid := recorded(t, "terraform-test/clean.validate.json"), recorded(t, "terraform-test/broken.validate.json")
	if err := parseValidation(Output{Stdout: valid}, "terraform/store"); err != nil {
		t.Error(err)
	}
	err := parseValidation(Output{Stdout: invalid, Exit: 1}, "terraform/store")
	wantKind(t, err, BadInput)
	if err == nil || !strings.Contains(err.Error(), "terraform/store/main.tf:1: Invalid block definition: ") {
		t.Errorf("error %v, want the place and what is wrong", err)
	}
	for cut := range len(bytes.TrimSpace(valid)) - 1 {
		if parseValidation(Output{Stdout: valid[:cut]}, "terraform/store") == nil {
			t.Fatalf("no error when cut off after %d bytes", cut)
		}
	}
}

func FuzzParseValidation(f *testing.F) {
	f.Add(recorded(f, "terraform-test/clean.validate.json"), 0)
	f.Add(recorded(f, "terraform-test/broken.validate.json"), 1)
	f.Fuzz(func(t *testing.T, stdout []byte, exit int) {
		if err := parseValidation(Output{Stdout: stdout, Exit: exit}, "root"); err == nil && exit != 0 {
			t.Errorf("code %d was taken for valid", exit)
		}
	})
}

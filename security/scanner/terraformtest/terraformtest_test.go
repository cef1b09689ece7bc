package terraformtest

import (
	"bytes"
	"context"
	"slices"
	"strings"
	"testing"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
)

// answers returns a job over a canary in which terraform says what answer
// returns for its arguments.
func answers(t *testing.T, canary string, answer func(args []string) scanner.Output) scanner.Job {
	t.Helper()
	job := scannertest.Job(t, canary, scanner.Output{})
	job.Run = func(_ context.Context, cmd scanner.Command) (scanner.Output, error) {
		out := answer(cmd.Args)
		if !slices.Contains(append(cmd.Exits, 0), out.Exit) {
			return out, scanner.Errorf(scanner.ToolFailed, "code %d", out.Exit)
		}
		return out, nil
	}
	return job
}

// good returns what terraform says of the clean canary.
func good(t *testing.T) func(args []string) scanner.Output {
	t.Helper()
	said := map[string]scanner.Output{
		"validate": {Stdout: scannertest.Read(t, "terraform-test/clean.validate.json")},
		"test":     {Stdout: scannertest.Read(t, "terraform-test/clean.test.jsonl")},
	}
	return func(args []string) scanner.Output { return said[args[0]] }
}

func TestTerraformTestCountsWhatRan(t *testing.T) {
	outcome, err := New().Scan(t.Context(), answers(t, "terraform-test/clean", good(t)))
	if err != nil {
		t.Fatal(err)
	}
	if outcome.Examined != (scanner.Examined{2, "runs"}) || len(outcome.Findings) != 0 || len(outcome.Commands) != 4 {
		t.Errorf("outcome %+v, want 2 runs by init, fmt, validate and test", outcome)
	}
}

// What Terraform says and does not fit together, or is not whole, is no evidence.
func TestTerraformTestErrors(t *testing.T) {
	good := good(t)
	whole := good([]string{"test"}).Stdout
	for title, tt := range map[string]struct {
		command string
		out     scanner.Output
		kind    scanner.Kind
	}{
		"the tests are run and nothing is said": {"test", scanner.Output{}, scanner.BadOutput},
		"success without a run":                 {"test", scanner.Output{Stdout: []byte(`{"type":"version","terraform":"1.11.4"}` + "\n" + `{"type":"test_abstract","test_abstract":{}}` + "\n" + `{"type":"test_summary","test_summary":{"status":"pass"}}` + "\n")}, scanner.TooFewExamined},
		"another exit code":                     {"test", scanner.Output{Stdout: whole, Exit: 1}, scanner.BadOutput},
		"a failure without a reason":            {"test", scanner.Output{Stdout: withoutDiagnostics(scannertest.Read(t, "terraform-test/defect.test.jsonl")), Exit: 1}, scanner.BadOutput},
		"validate says nothing":                 {"validate", scanner.Output{}, scanner.BadOutput},
		"validate says half":                    {"validate", scanner.Output{Stdout: []byte(`{"valid":tr`)}, scanner.BadOutput},
		"validate contradicts itself":           {"validate", scanner.Output{Stdout: []byte(`{"valid":true}`), Exit: 1}, scanner.BadOutput},
		"invalid without a reason":              {"validate", scanner.Output{Stdout: []byte(`{"valid":false}`), Exit: 1}, scanner.BadInput},
		"fmt names nothing":                     {"fmt", scanner.Output{Exit: 3}, scanner.BadOutput},
		"fmt names a file and says all is well": {"fmt", scanner.Output{Stdout: []byte("terraform/store/main.tf\n")}, scanner.BadOutput},
		"init fails":                            {"init", scanner.Output{Stderr: []byte("Error: Unsupported Terraform Core version"), Exit: 1}, scanner.BadInput},
		"init fails and says nothing":           {"init", scanner.Output{Exit: 1}, scanner.ToolFailed},
		"the registry is closed, nothing built": {"init", scanner.Output{Stderr: []byte("could not connect to registry.terraform.io"), Exit: 1}, scanner.ToolMissing},
	} {
		t.Run(title, func(t *testing.T) {
			_, err := New().Scan(t.Context(), answers(t, "terraform-test/clean", func(args []string) scanner.Output {
				if args[0] == tt.command {
					return tt.out
				}
				return good(args)
			}))
			scannertest.WantKind(t, err, tt.kind)
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
	outcome, err := New().Scan(t.Context(), answers(t, "terraform-test/defect", func(args []string) scanner.Output {
		if args[0] == "test" {
			return scanner.Output{Stdout: scannertest.Read(t, "terraform-test/defect.test.jsonl"), Exit: 1}
		}
		return good(args)
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := "the_store_is_encrypted high terraform/store/tests/store.tftest.hcl:5\n"
	if got := scannertest.Places(outcome.Findings); got != want {
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
		scannertest.WantKind(t, tf.strayTest(), scanner.TooFewExamined)
	}
}

func TestParseValidation(t *testing.T) {
	valid, invalid := scannertest.Read(t, "terraform-test/clean.validate.json"), scannertest.Read(t, "terraform-test/broken.validate.json")
	if err := parseValidation(scanner.Output{Stdout: valid}, "terraform/store"); err != nil {
		t.Error(err)
	}
	err := parseValidation(scanner.Output{Stdout: invalid, Exit: 1}, "terraform/store")
	scannertest.WantKind(t, err, scanner.BadInput)
	if err == nil || !strings.Contains(err.Error(), "terraform/store/main.tf:1: Invalid block definition: ") {
		t.Errorf("error %v, want the place and what is wrong", err)
	}
	for cut := range len(bytes.TrimSpace(valid)) - 1 {
		if parseValidation(scanner.Output{Stdout: valid[:cut]}, "terraform/store") == nil {
			t.Fatalf("no error when cut off after %d bytes", cut)
		}
	}
}

func FuzzParseValidation(f *testing.F) {
	f.Add(scannertest.Read(f, "terraform-test/clean.validate.json"), 0)
	f.Add(scannertest.Read(f, "terraform-test/broken.validate.json"), 1)
	f.Fuzz(func(t *testing.T, stdout []byte, exit int) {
		if err := parseValidation(scanner.Output{Stdout: stdout, Exit: exit}, "root"); err == nil && exit != 0 {
			t.Errorf("code %d was taken for valid", exit)
		}
	})
}

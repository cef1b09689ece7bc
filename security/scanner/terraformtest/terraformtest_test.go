package terraformtest

import (
	"bytes"
	"context"
	"slices"
	"testing"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
	"example.com/rates/security/scanner/terraform"
)

func TestTerraformTestCountsWhatRan(t *testing.T) {
	outcome, err := New().Scan(t.Context(), scannertest.Replay(t, "terraform-test/clean"))
	if err != nil {
		t.Fatal(err)
	}
	if outcome.Examined != (scanner.Examined{Count: 2, Unit: "runs"}) || len(outcome.Findings) != 0 || len(outcome.Commands) != 4 {
		t.Errorf("outcome %+v, want 2 runs by init, fmt, validate and test", outcome)
	}
}

// Contradictory or incomplete output is an error.
func TestTerraformTestErrors(t *testing.T) {
	whole := scannertest.Read(t, "terraform-test/clean/test.stdout")
	for title, tt := range map[string]struct {
		command string
		out     scanner.Output
		kind    scanner.Kind
	}{
		"the tests are run and nothing is said": {"test", scanner.Output{}, scanner.BadOutput},
		"success without a run":                 {"test", scanner.Output{Stdout: []byte(`{"type":"version","terraform":"1.11.4"}` + "\n" + `{"type":"test_abstract","test_abstract":{}}` + "\n" + `{"type":"test_summary","test_summary":{"status":"pass"}}` + "\n")}, scanner.TooFewExamined},
		"another exit code":                     {"test", scanner.Output{Stdout: whole, Exit: 1}, scanner.BadOutput},
		"a failure without a reason":            {"test", scanner.Output{Stdout: withoutDiagnostics(scannertest.Read(t, "terraform-test/defect/test.stdout")), Exit: 1}, scanner.BadOutput},
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
			job := scannertest.Replay(t, "terraform-test/clean")
			run := job.Run
			job.Run = func(ctx context.Context, cmd scanner.Command) (scanner.Output, error) {
				switch {
				case cmd.Args[0] != tt.command:
					return run(ctx, cmd)
				case !slices.Contains(cmd.Exits, tt.out.Exit):
					return tt.out, scanner.Errorf(scanner.ToolFailed, "code %d", tt.out.Exit)
				}
				return tt.out, nil
			}
			_, err := New().Scan(t.Context(), job)
			scannertest.WantKind(t, err, tt.kind)
		})
	}
}

// withoutDiagnostics removes the reasons why runs failed.
func withoutDiagnostics(said []byte) []byte {
	lines := slices.Collect(bytes.Lines(said))
	return bytes.Join(slices.DeleteFunc(lines, func(line []byte) bool { return bytes.Contains(line, []byte(`"type":"diagnostic"`)) }), nil)
}

func TestTerraformTestFindsAFailure(t *testing.T) {
	outcome, err := New().Scan(t.Context(), scannertest.Replay(t, "terraform-test/defect"))
	if err != nil {
		t.Fatal(err)
	}
	want := "the_store_is_encrypted high terraform/store/tests/store.tftest.hcl:5\n"
	if got := scannertest.Places(outcome.Findings); got != want {
		t.Errorf("findings %q, want %q", got, want)
	}
}

// A test file in another folder never runs.
func TestTerraformTestRefusesATestThatIsNeverRun(t *testing.T) {
	for _, file := range []string{
		"terraform/store/more.tftest.hcl", "terraform/store/tests/deep/more.tftest.hcl",
		"terraform/store/tests/more.tftest.json", "terraform/tests/more.tftest.hcl", "tests/more.tftest.hcl",
	} {
		job := scannertest.Replay(t, "terraform-test/clean")
		roots := terraform.Roots(job.Tree)
		if err := strayTest(job.Tree, roots); err != nil {
			t.Fatal(err)
		}
		job.Tree.Files = append(job.Tree.Files, file)
		scannertest.WantKind(t, strayTest(job.Tree, roots), scanner.TooFewExamined)
	}
}

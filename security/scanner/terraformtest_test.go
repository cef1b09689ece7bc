package scanner

import (
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/rates/security/tree"
)

// treeAt is a tree with the folder as it lies there.
func treeAt(dir string) tree.Tree { return tree.Tree{Dir: dir, Repository: dir} }

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

// good is what terraform says of the clean canary.
func good(args []string) Output {
	const whole = `{"type":"version","terraform":"1.11.4"}
{"type":"test_abstract","test_abstract":{"tests/store.tftest.hcl":["the_store_is_encrypted","the_store_keeps_what_was_deleted"]}}
{"type":"test_run","test_run":{"path":"tests/store.tftest.hcl","run":"the_store_is_encrypted","progress":"complete","status":"pass"}}
{"type":"test_run","test_run":{"path":"tests/store.tftest.hcl","run":"the_store_keeps_what_was_deleted","progress":"complete","status":"pass"}}
{"type":"test_summary","test_summary":{"status":"pass","passed":2,"failed":0,"errored":0,"skipped":0}}
`
	switch args[0] {
	case "validate":
		return Output{Stdout: []byte(`{"valid":true,"diagnostics":[]}`)}
	case "test":
		return Output{Stdout: []byte(whole)}
	default:
		return Output{}
	}
}

func TestTerraformTestCountsWhatRan(t *testing.T) {
	outcome, err := TerraformTest{}.Scan(t.Context(), answers(t, "terraform-test/clean", good))
	if err != nil {
		t.Fatal(err)
	}
	if outcome.Examined != (Examined{2, "runs"}) || len(outcome.Findings) != 0 || len(outcome.Commands) != 4 {
		t.Errorf("outcome %+v, want 2 runs by init, fmt, validate and test", outcome)
	}
}

// What Terraform says and does not fit together, or is not whole, is no evidence.
func TestTerraformTestErrors(t *testing.T) {
	for title, tt := range map[string]struct {
		command string
		out     Output
		kind    Kind
	}{
		"the tests are run and nothing is said": {"test", Output{}, BadOutput},
		"success without a run":                 {"test", Output{Stdout: []byte(`{"type":"version","terraform":"1.11.4"}` + "\n" + `{"type":"test_abstract","test_abstract":{}}` + "\n" + `{"type":"test_summary","test_summary":{"status":"pass"}}` + "\n")}, TooFewExamined},
		"another exit code":                     {"test", Output{Stdout: good([]string{"test"}).Stdout, Exit: 1}, BadOutput},
		"a failure without a reason":            {"test", Output{Stdout: []byte(strings.NewReplacer(`"status":"pass"}}`+"\n"+`{"type":"test_run"`, `"status":"fail"}}`+"\n"+`{"type":"test_run"`, `"passed":2,"failed":0`, `"passed":1,"failed":1`).Replace(string(good([]string{"test"}).Stdout))), Exit: 1}, BadOutput},
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

// A provider that was not made from the pinned source is not used.
func TestABuiltProviderMustBeThePinnedOne(t *testing.T) {
	cache, pins := t.TempDir(), t.TempDir()
	t.Setenv("XDG_CACHE_HOME", cache)
	place := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	tf := &terraform{job: Job{Tree: treeAt(pins), Scratch: t.TempDir()}}
	wantKind(t, tf.useBuiltProvider(), ToolMissing) // it is pinned nowhere
	place(filepath.Join(pins, "terraform/provider/go.mod"), "module x\n\nrequire "+azurerm+" v1.2.3\n")
	place(filepath.Join(pins, "terraform/provider/go.sum"), azurerm+" v1.2.3 h1:x=\n")
	err := tf.useBuiltProvider()
	wantKind(t, err, ToolMissing)
	if !strings.Contains(err.Error(), "make terraform-provider") {
		t.Errorf("error %v, want what to do", err)
	}
	program := filepath.Join(cache, "rates/terraform-provider-azurerm/v1.2.3/terraform-provider-azurerm")
	place(program, "#!/bin/sh\n")
	wantKind(t, tf.useBuiltProvider(), WrongVersion)
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(program); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(self, program); err != nil {
		t.Fatal(err)
	}
	wantKind(t, tf.useBuiltProvider(), WrongVersion)
}

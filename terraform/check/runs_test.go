package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// write makes a root with files, by their paths below it.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	root := t.TempDir()
	for path, text := range files {
		path = filepath.Join(root, path)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func TestInventoryCountsRunsAndAssertions(t *testing.T) {
	root := write(t, map[string]string{
		"tests/a.tftest.hcl": "# run \"commented\" {\nrun \"one\" {\n  assert {\n  }\n  assert {\n  }\n}\n\nrun  \"two\" {\n  expect_failures = [var.x]\n}\n",
		"tests/b.tftest.hcl": "run \"one\" {\n}\n",
	})
	held, found, err := inventory(root)
	if err != nil {
		t.Fatal(err)
	}
	want := []name{{"tests/a.tftest.hcl", "one"}, {"tests/a.tftest.hcl", "two"}, {"tests/b.tftest.hcl", "one"}}
	if diff := cmp.Diff(want, held, cmp.AllowUnexported(name{})); diff != "" {
		t.Error(diff)
	}
	if found.files != 2 || found.runs != 3 || found.assertions != 3 {
		t.Errorf("found %+v; want 2 files, 3 runs, 3 assertions", found)
	}
}

func TestInventoryRefusesWhatHoldsNoTest(t *testing.T) {
	for title, files := range map[string]map[string]string{
		"no file":                {"main.tf": ""},
		"a file without any run": {"tests/a.tftest.hcl": "run \"one\" {\n}\n", "tests/b.tftest.hcl": "variables {\n}\n"},
	} {
		t.Run(title, func(t *testing.T) {
			if _, _, err := inventory(write(t, files)); err == nil {
				t.Error("no error")
			}
		})
	}
}

func TestAFileCalledLikeAnEnvironmentGetsItsVariables(t *testing.T) {
	root := write(t, map[string]string{"environments/prod.tfvars": ""})
	held := []name{{"tests/prod.tftest.hcl", "x"}, {"tests/b.tftest.hcl", "x"}, {"tests/b.tftest.hcl", "y"}, {"tests/a.tftest.hcl", "x"}}
	want := [][]string{
		{"test", "-json", "-filter=tests/prod.tftest.hcl", "-var-file=environments/prod.tfvars"},
		{"test", "-json", "-filter=tests/a.tftest.hcl", "-filter=tests/b.tftest.hcl"},
	}
	if diff := cmp.Diff(want, invocations(root, held)); diff != "" {
		t.Error(diff)
	}
}

func TestStatusesAreReadFromTheOutput(t *testing.T) {
	const output = `
{"@level":"info","type":"test_run","test_run":{"path":"tests/a.tftest.hcl","run":"one","progress":"starting"}}
{"@level":"info","type":"test_run","test_run":{"path":"tests/a.tftest.hcl","run":"one","progress":"complete","status":"pass"}}
{"@level":"info","type":"test_run","test_run":{"path":"tests/a.tftest.hcl","run":"two","progress":"complete","status":"fail"}}
{"@level":"error","type":"diagnostic","diagnostic":{"severity":"error","summary":"Test assertion failed","detail":"It must.","range":{"filename":"tests/a.tftest.hcl","start":{"line":7}}}}
{"@level":"warn","type":"diagnostic","diagnostic":{"severity":"warning","summary":"Provider development overrides are in effect","detail":""}}
`
	ran := make(map[name]string)
	said := statuses([]byte(strings.TrimSpace(output)+"\nnot JSON\n"), ran)
	want := map[name]string{{"tests/a.tftest.hcl", "one"}: "pass", {"tests/a.tftest.hcl", "two"}: "fail"}
	if diff := cmp.Diff(want, ran); diff != "" {
		t.Error(diff)
	}
	if said != "tests/a.tftest.hcl:7: Test assertion failed: It must.\nnot JSON\n" {
		t.Errorf("said %q", said)
	}
}

func TestCompareFailsUnlessExactlyWhatIsHeldHasPassed(t *testing.T) {
	one, two := name{"tests/a.tftest.hcl", "one"}, name{"tests/a.tftest.hcl", "two"}
	for title, tt := range map[string]struct {
		held []name
		ran  map[name]string
		want string // part of the error; empty: none
	}{
		"all passed":    {[]name{one, two}, map[name]string{one: "pass", two: "pass"}, ""},
		"nothing ran":   {[]name{one}, nil, "run one did not run"},
		"one missing":   {[]name{one, two}, map[name]string{one: "pass"}, "run two did not run"},
		"one failed":    {[]name{one}, map[name]string{one: "fail"}, "run one ended with fail"},
		"one skipped":   {[]name{one}, map[name]string{one: "skip"}, "run one ended with skip"},
		"one not found": {[]name{one}, map[name]string{one: "pass", two: "pass"}, "run two ran, but was not found"},
		"same name":     {[]name{one, one}, map[name]string{one: "pass"}, "two runs are called one"},
	} {
		t.Run(title, func(t *testing.T) {
			failures := compare("root", tt.held, tt.ran)
			switch {
			case tt.want == "" && len(failures) > 0:
				t.Errorf("failures %v; want none", failures)
			case tt.want != "" && (len(failures) != 1 || !strings.Contains(failures[0].Error(), tt.want)):
				t.Errorf("failures %v; want one with %q", failures, tt.want)
			}
		})
	}
}

func TestOnlyAClosedRegistryIsAReasonToBuildTheProvider(t *testing.T) {
	for answer, want := range map[string]bool{
		"Error: Failed to query available provider packages\n\nhashicorp/azurerm: could not connect to\nregistry.terraform.io: failed to request": true,
		"Get \"https://releases.hashicorp.com/x\": dial tcp: lookup releases.hashicorp.com: no such host":                                         true,
		"Error: Failed to query available provider packages\n\nno available releases match the given constraints ~> 6.0":                          false,
		"Error: Unsupported block type": false,
	} {
		if got := closed([]byte(answer)); got != want {
			t.Errorf("closed(%q) = %v, want %v", answer, got, want)
		}
	}
}

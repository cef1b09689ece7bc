package terraform

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func root(files map[string]string) fstest.MapFS {
	tree := fstest.MapFS{}
	for name, text := range files {
		tree[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return tree
}

func TestReadTestsCountsRunsAndAssertions(t *testing.T) {
	tests, err := ReadTests(root(map[string]string{
		"tests/a.tftest.hcl": "# run \"commented\" {\nrun \"one\" {\n  assert {\n  }\n  assert {\n  }\n}\n\nrun  \"two\" {\n  expect_failures = [var.x]\n}\n",
		"tests/b.tftest.hcl": "run \"one\" {\n}\n",
	}))
	if err != nil {
		t.Fatal(err)
	}
	want := Tests{
		Files:      []string{"tests/a.tftest.hcl", "tests/b.tftest.hcl"},
		Runs:       []Run{{"tests/a.tftest.hcl", "one"}, {"tests/a.tftest.hcl", "two"}, {"tests/b.tftest.hcl", "one"}},
		Assertions: 3,
	}
	if diff := cmp.Diff(want, tests); diff != "" {
		t.Error(diff)
	}
}

func TestReadTestsRefusesFilesWithoutRuns(t *testing.T) {
	if _, err := ReadTests(root(map[string]string{"main.tf": ""})); !errors.Is(err, ErrNoTests) {
		t.Errorf("error %v, want %v", err, ErrNoTests)
	}
	_, err := ReadTests(root(map[string]string{"tests/a.tftest.hcl": "run \"one\" {\n}\n", "tests/b.tftest.hcl": "variables {\n}\n"}))
	if err == nil || !strings.Contains(err.Error(), "tests/b.tftest.hcl holds no run block") {
		t.Errorf("error %v, want the file without a run", err)
	}
}

func TestCommandsPassTheVariablesOfTheEnvironment(t *testing.T) {
	files := root(map[string]string{"environments/prod.tfvars": ""})
	tests := Tests{Files: []string{"tests/a.tftest.hcl", "tests/b.tftest.hcl", "tests/prod.tftest.hcl"}}
	want := [][]string{
		{"test", "-json", "-filter=tests/prod.tftest.hcl", "-var-file=environments/prod.tfvars"},
		{"test", "-json", "-filter=tests/a.tftest.hcl", "-filter=tests/b.tftest.hcl"},
	}
	if diff := cmp.Diff(want, tests.Commands(files)); diff != "" {
		t.Error(diff)
	}
}

func TestReadTestsRefusesOverriddenVariables(t *testing.T) {
	files := map[string]string{
		"environments/prod.tfvars": "locked   = true\nreplicas = 3\n",
		"tests/prod.tftest.hcl":    "variables {\n  digest = \"x\"\n}\n\nrun \"one\" {\n  assert {\n    condition =\n      var.locked == true\n  }\n}\n",
		"tests/a.tftest.hcl":       "variables {\n  locked = false\n}\n\nrun \"one\" {\n}\n",
	}
	if _, err := ReadTests(root(files)); err != nil {
		t.Errorf("error %v, want none", err)
	}
	for _, text := range []string{
		"variables {\n  locked = false\n}\n\nrun \"one\" {\n}\n",
		"run \"one\" {\n  variables {\n    locked=false\n  }\n}\n",
	} {
		files["tests/prod.tftest.hcl"] = text
		_, err := ReadTests(root(files))
		if err == nil || !strings.Contains(err.Error(), "tests/prod.tftest.hcl sets locked, which environments/prod.tfvars sets") {
			t.Errorf("%s: error %v, want the variable that both set", text, err)
		}
	}
}

func TestCompare(t *testing.T) {
	one, two := Run{"tests/a.tftest.hcl", "one"}, Run{"tests/a.tftest.hcl", "two"}
	for title, tt := range map[string]struct {
		held []Run
		ran  []Run
		want string // part of the error; empty: none
	}{
		"all ran":       {[]Run{one, two}, []Run{two, one}, ""},
		"nothing ran":   {[]Run{one}, nil, "run one: it did not run"},
		"one missing":   {[]Run{one, two}, []Run{one}, "run two: it did not run"},
		"one not found": {[]Run{one}, []Run{one, two}, "run two: it ran, but was not found"},
		"same name":     {[]Run{one, one}, []Run{one}, "two runs have this name"},
	} {
		t.Run(title, func(t *testing.T) {
			var ran []Result
			for _, r := range tt.ran {
				ran = append(ran, Result{r, "fail"})
			}
			failures := Tests{Runs: tt.held}.Compare(ran)
			switch {
			case tt.want == "" && len(failures) > 0:
				t.Errorf("failures %v; want none", failures)
			case tt.want != "" && (len(failures) != 1 || !strings.Contains(failures[0].Error(), tt.want)):
				t.Errorf("failures %v; want one with %q", failures, tt.want)
			}
		})
	}
}

package terraformcompliance

import (
	"encoding/json"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner/scannertest"
	"example.com/rates/security/scanner/terraform"
)

// recorded is the message of a plan with three resources, one of them twice, as
// terraform test printed it.
func recorded(tb testing.TB) json.RawMessage {
	tb.Helper()
	output, err := os.ReadFile("testdata/plan/test.jsonl")
	if err != nil {
		tb.Fatal(err)
	}
	report, err := terraform.ParseTest(output)
	if err != nil {
		tb.Fatal(err)
	}
	return report.Plans[terraform.Run{File: "tests/a.tftest.hcl", Name: "plans"}]
}

// The plan is what terraform show -json printed of the same configuration, except
// for expressions and the types of outputs, which terraform test does not print.
func TestPlanMatchesTerraformShow(t *testing.T) {
	made, err := FromTest(recorded(t), "1.11.4")
	if err != nil {
		t.Fatal(err)
	}
	got, err := made.JSON()
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(got), "\n") {
		t.Error("the plan has more lines than the one that terraform-compliance reads")
	}
	shown, err := os.ReadFile("testdata/plan/show.json")
	if err != nil {
		t.Fatal(err)
	}
	want := decoded(t, shown)
	outputs := at(want, "planned_values", "outputs")
	for name := range outputs {
		delete(at(outputs, name), "type")
	}
	root := at(want, "configuration", "root_module")
	for name := range at(root, "outputs") {
		output := at(root, "outputs", name)
		delete(output, "expression")
		output["sensitive"] = output["sensitive"] == true
	}
	for _, resource := range root["resources"].([]any) {
		delete(resource.(map[string]any), "expressions")
		delete(resource.(map[string]any), "for_each_expression")
	}
	for _, part := range []string{"format_version", "terraform_version", "planned_values", "resource_changes", "output_changes", "configuration"} {
		if diff := cmp.Diff(want[part], decoded(t, got)[part]); diff != "" {
			t.Errorf("%s (-terraform show +adapter):\n%s", part, diff)
		}
	}
}

// at follows the keys.
func at(in map[string]any, keys ...string) map[string]any {
	for _, key := range keys {
		in = in[key].(map[string]any)
	}
	return in
}

func decoded(t *testing.T, text []byte) map[string]any {
	t.Helper()
	var all map[string]any
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// Cut off anywhere, a message is an error.
func TestFromTestRefusesMessagesThatAreCutOff(t *testing.T) {
	whole := recorded(t)
	for _, cut := range scannertest.Cuts(whole, 200) {
		if _, err := FromTest(whole[:cut], "1.11.4"); err == nil {
			t.Fatalf("no error when cut off after %d bytes of %d", cut, len(whole))
		}
	}
}

func TestFromTestRefusesOtherMessages(t *testing.T) {
	whole := string(recorded(t))
	change := func(old, with string) string {
		if !strings.Contains(whole, old) {
			t.Fatalf("the recording has no %s", old)
		}
		return strings.Replace(whole, old, with, 1)
	}
	for title, tt := range map[string]struct{ message, terraform, want string }{
		"another format":       {change(`"plan_format_version":"1.2"`, `"plan_format_version":"2.0"`), "1.11.4", `the format "2.0"`},
		"no format":            {change(`"plan_format_version"`, `"x"`), "1.11.4", `the format ""`},
		"no version":           {whole, "", "version of terraform"},
		"no resources":         {change(`"resource_changes"`, `"x"`), "1.11.4", "no resources"},
		"no address":           {change(`"address":"terraform_data.store"`, `"address":""`), "1.11.4", "no address"},
		"no type":              {change(`"type":"terraform_data"`, `"type":""`), "1.11.4", "no type"},
		"no actions":           {change(`"actions":["create"],"before":null,"after":{`, `"actions":[],"before":null,"after":{`), "1.11.4", "no actions"},
		"no values":            {change(`"after":{`, `"after":null,"x":{`), "1.11.4", "no values"},
		"twice the same":       {change(`"address":"terraform_data.twice[\"b\"]"`, `"address":"terraform_data.twice[\"a\"]"`), "1.11.4", `has terraform_data.twice["a"] twice`},
		"more after the plan":  {whole + "{}", "1.11.4", "more follows"},
		"a list, not a plan":   {"[]", "1.11.4", "read the plan"},
		"nothing":              {"", "1.11.4", "read the plan"},
		"null":                 {"null", "1.11.4", `the format ""`},
		"values of other type": {change(`"after":{`, `"after":[],"x":{`), "1.11.4", "no values"},
	} {
		t.Run(title, func(t *testing.T) {
			if _, err := FromTest(json.RawMessage(tt.message), tt.terraform); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
		})
	}
}

func FuzzFromTest(f *testing.F) {
	f.Add([]byte(recorded(f)))
	f.Add([]byte(`{"plan_format_version":"1.2","resource_changes":[{"address":"a.b[0]","mode":"managed","type":"a","name":"b","index":0,"provider_name":"p","change":{"actions":["delete"]}}]}`))
	f.Fuzz(func(t *testing.T, message []byte) {
		made, err := FromTest(message, "1.11.4")
		if err != nil {
			return
		}
		text, err := made.JSON()
		if err != nil || !json.Valid(text) {
			t.Errorf("a plan that was read makes no JSON: %v", err)
		}
	})
}

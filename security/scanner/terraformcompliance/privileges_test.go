package terraformcompliance

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner/scannertest"
	"example.com/rates/security/tree"
)

const (
	owner       = "/subscriptions/s/providers/Microsoft.Authorization/roleDefinitions/8E3AF657-a8ff-443c-a75c-2fe8c4bcb635"
	contributor = "/providers/Microsoft.Authorization/roleDefinitions/b24988ac-6180-42a0-ab88-20f7382dd24c"
	group       = "/subscriptions/s/resourceGroups/g"
)

// resource returns one with these values.
func resource(address string, values map[string]any) Resource {
	kind, name, _ := strings.Cut(address[strings.LastIndex(address, "module.")+1:], ".")
	if _, rest, ok := strings.Cut(address, "module.inner."); ok {
		kind, name, _ = strings.Cut(rest, ".")
	}
	return Resource{Address: address, Type: kind, Name: name, Change: Change{After: values}}
}

func TestPrivileges(t *testing.T) {
	type v = map[string]any
	permissions := func(key string, actions ...any) v { return v{"permissions": []any{v{key: actions}}} }
	for title, tt := range map[string]struct {
		kind   string
		values v
		want   string
	}{
		"Owner by name":                   {"azurerm_role_assignment", v{"role_definition_name": "owner", "scope": group}, "plan/role"},
		"Owner by id":                     {"azurerm_role_assignment", v{"role_definition_id": owner, "scope": group}, "plan/role"},
		"Owner by id, in time":            {"azurerm_pim_eligible_role_assignment", v{"role_definition_id": owner}, "plan/role"},
		"Owner for another tenant":        {"azurerm_lighthouse_definition", v{"authorization": []any{v{"role_definition_id": filepath.Base(owner)}}}, "plan/role"},
		"Owner in a template":             {"azurerm_policy_definition", v{"policy_rule": `{"roleDefinitionIds":["` + owner + `"]}`}, "plan/role"},
		"User Access Administrator":       {"azurerm_role_assignment", v{"role_definition_name": "User Access Administrator", "scope": group}, "plan/role"},
		"Contributor of the subscription": {"azurerm_role_assignment", v{"role_definition_name": "Contributor", "scope": "/subscriptions/s"}, "plan/role"},
		"the same by id":                  {"azurerm_role_assignment", v{"role_definition_id": contributor, "scope": "/subscriptions/s"}, "plan/role"},
		"Contributor of everything":       {"azurerm_role_assignment", v{"role_definition_name": "Contributor", "scope": "/providers/Microsoft.Management/managementGroups/m"}, "plan/role"},
		"grants without a condition":      {"azurerm_role_assignment", v{"role_definition_name": "Role Based Access Control Administrator", "scope": group}, "plan/role"},
		"Contributor of a group":          {"azurerm_role_assignment", v{"role_definition_name": "Contributor", "scope": group}, ""},
		"grants with a condition":         {"azurerm_role_assignment", v{"role_definition_name": "Role Based Access Control Administrator", "scope": group, "condition": "not " + owner}, ""},
		"Reader of the subscription":      {"azurerm_role_assignment", v{"role_definition_name": "Reader", "scope": "/subscriptions/s"}, ""},
		"a tag":                           {"azurerm_resource_group", v{"tags": v{"team": "Owner"}}, ""},
		"a custom role for everything":    {"azurerm_role_definition", permissions("actions", "*"), "plan/role"},
		"a custom role that grants":       {"azurerm_role_definition", permissions("actions", "*/read", "Microsoft.Authorization/*"), "plan/role"},
		"a custom role for all data":      {"azurerm_role_definition", permissions("data_actions", "*"), "plan/role"},
		"a custom role that reads":        {"azurerm_role_definition", permissions("actions", "*/read", "Microsoft.Authorization/locks/write"), ""},
		"every environment is trusted":    {"azurerm_federated_identity_credential", v{"subject": "repo:acme@1/rates@2:environment:*"}, "plan/federation"},
		"every repository is trusted":     {"azurerm_federated_identity_credential", v{"subject": "repo:acme/*"}, "plan/federation"},
		"pull requests are trusted":       {"azuread_application_federated_identity_credential", v{"subject": "repo:acme/rates:pull_request"}, "plan/federation"},
		"every branch is trusted":         {"azurerm_federated_identity_credential", v{"subject": "repo:acme/rates:ref:refs/heads/*"}, "plan/federation"},
		"an expression is trusted":        {"azurerm_federated_identity_credential", v{"claims_matching_expression": []any{v{"value": "x"}}}, "plan/federation"},
		"an environment is trusted":       {"azurerm_federated_identity_credential", v{"subject": "repo:acme@1/rates@2:environment:prod-plan"}, ""},
	} {
		got := ""
		p := judgedPlan{Root: "app", Test: "tests/a.tftest.hcl", Run: "r"}
		for _, f := range p.privileges(Plan{Resources: []Resource{resource(tt.kind+".x", tt.values)}}, places{root: "app"}) {
			got = f.Rule
		}
		if got != tt.want {
			t.Errorf("%s: found %q, want %q", title, got, tt.want)
		}
	}
}

// root writes a root with a module, and a test.
func root(t *testing.T, files map[string]string) tree.Tree {
	t.Helper()
	made := tree.Tree{Dir: t.TempDir()}
	for name, text := range files {
		full := filepath.Join(made.Dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		made.Files = append(made.Files, name)
	}
	slices.Sort(made.Files)
	return made
}

const switched = `variable "on" {
  type = bool
}
variable "digest" {
  type    = string
  default = null
}
variable "size" {
  default = 3
}
resource "a" "always" {
  dynamic "part" {
    for_each = var.parts
    content {
    }
  }
}
resource "a" "sometimes" {
  count = var.on ? 1 : 0
}
module "inner" {
  source = "./inner"
}
`

// Each resource, dynamic block and state of a switch must be in a plan.
func TestUnjudged(t *testing.T) {
	made := root(t, map[string]string{
		"app/main.tf":                  switched,
		"app/inner/main.tf":            "resource \"b\" \"deep\" {\n  for_each = {}\n}\n",
		"app/tests/terraform.tfvars":   "on = true\n",
		"app/environments/prod.tfvars": "on = false\n",
		"app/tests/prod.tftest.hcl":    "variables {\n  digest = null\n}\nrun \"one\" {\n}\nrun \"two\" {\n  variables {\n    digest = \"x\"\n    on = true\n  }\n}\n",
	})
	at, err := readPlaces(made, "app")
	if err != nil {
		t.Fatal(err)
	}
	plan := func(run string, resources ...Resource) planned {
		values, err := judgedPlan{Root: "app", Test: "tests/prod.tftest.hcl", Run: run}.values(made)
		if err != nil {
			t.Fatal(err)
		}
		return planned{Plan{Resources: resources}, values}
	}
	always := resource("a.always", map[string]any{"part": []any{}})
	first := plan("one", always)
	want := `plan/unjudged high app/inner/main.tf:1 (b.deep)
plan/unjudged high app/main.tf:1 (var.on)
plan/unjudged high app/main.tf:4 (var.digest)
plan/unjudged high app/main.tf:12 (a.always)
plan/unjudged high app/main.tf:18 (a.sometimes)
`
	if got := sortedPlaces(at.unjudged([]planned{first})); got != sortedText(want) {
		t.Errorf("with the one plan:\n%swant:\n%s", got, want)
	}
	second := plan("two", resource("a.always", map[string]any{"x": map[string]any{"part": []any{1}}}), resource("a.sometimes[0]", nil), resource(`module.inner.b.deep["k"]`, nil))
	if got := at.unjudged([]planned{first, second}); len(got) > 0 {
		t.Errorf("with both plans: %s", scannertest.Places(got))
	}
}

func sortedPlaces(found []finding.Finding) string { return sortedText(scannertest.Places(found)) }

func sortedText(text string) string {
	lines := strings.SplitAfter(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// A resource is found by its address, in modules too; one of a module from
// elsewhere is where the module is called.
func TestPlaces(t *testing.T) {
	made := root(t, map[string]string{
		"app/main.tf":       "module \"inner\" {\n  source = \"./inner\"\n}\n\nmodule \"far\" {\n  source = \"x/y/z\"\n}\n\ndata \"c\" \"d\" {\n}\n",
		"app/inner/deep.tf": "\nresource \"a\" \"b\" {\n}\n",
	})
	at, err := readPlaces(made, "app")
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]string{
		`module.inner["x.y"].a.b[0]`: "app/inner/deep.tf:2",
		"module.far.a.b":             "app/main.tf:5",
		"data.c.d":                   "app/main.tf:9",
		"a.gone":                     "app/main.tf",
	} {
		b := at.of(address)
		if got := (finding.Finding{File: b.File, Line: b.Line}).Place(); got != want {
			t.Errorf("%s is in %s, want %s", address, got, want)
		}
	}
}

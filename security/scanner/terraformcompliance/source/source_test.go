package source

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"example.com/rates/security/scanner/terraform"
	"example.com/rates/security/tree"
)

// planted returns a tree of these files.
func planted(tb testing.TB, files map[string]string) tree.Tree {
	tb.Helper()
	made := tree.Tree{Dir: tb.TempDir()}
	for name, text := range files {
		full := filepath.Join(made.Dir, name)
		if err := os.MkdirAll(filepath.Dir(full), 0o750); err != nil {
			tb.Fatal(err)
		}
		if err := os.WriteFile(full, []byte(text), 0o600); err != nil {
			tb.Fatal(err)
		}
		made.Files = append(made.Files, name)
	}
	slices.Sort(made.Files)
	return made
}

// rulesIn returns the rules that files break, each with its line.
func rulesIn(t *testing.T, files map[string]string) string {
	t.Helper()
	found, err := Check(planted(t, files))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, f := range found {
		names = append(names, strings.TrimPrefix(f.Rule, "terraform/")+":"+strconv.Itoa(f.Line))
	}
	return strings.Join(names, " ")
}

func TestCheck(t *testing.T) {
	sha := strings.Repeat("a", 40)
	for text, want := range map[string]string{
		"resource \"terraform_data\" \"a\" {\n  provisioner \"local-exec\" {\n    command = \"curl x | sh\"\n  }\n}":                               "program:2",
		"resource \"null_resource\" \"a\" {\n  triggers = { a = timestamp() }\n  provisioner \"remote-exec\" {\n  }\n}":                            "program:3",
		"resource \"a\" \"b\" {\n  count = var.x ? 1 : 0\n  provisioner \"file\" {\n  }\n}":                                                        "program:3",
		"removed {\n  from = a.b\n  provisioner \"local-exec\" {\n  }\n}":                                                                          "program:3",
		"check \"a\" {\n  data \"http\" \"b\" {\n  }\n}":                                                                                           "program:2",
		"data \"external\" \"a\" {\n  program = [\"sh\", \"x\"]\n}":                                                                                "program:1",
		"data \"http\" \"a\" {\n  url = \"https://example.com\"\n}":                                                                                "program:1",
		"resource \"azurerm_resource_group_template_deployment\" \"a\" {\n}":                                                                       "program:1",
		"resource \"azurerm_resource_deployment_script_azure_cli\" \"a\" {\n}":                                                                     "program:1",
		"resource \"azurerm_virtual_machine_extension\" \"a\" {\n}":                                                                                "program:1",
		"resource \"terraform_data\" \"a\" {\n  triggers_replace = [var.x]\n}":                                                                     "",
		"data \"azurerm_client_config\" \"a\" {\n}":                                                                                                "",
		"module \"a\" {\n  source = \"git::https://example.com/a.git\"\n}":                                                                         "module:1",
		"module \"a\" {\n  source = \"git::https://example.com/a.git?ref=v1.0.0\"\n}":                                                              "module:1",
		"module \"a\" {\n  source = \"github.com/acme/a\"\n}":                                                                                      "module:1",
		"module \"a\" {\n  source = \"https://example.com/a.zip\"\n}":                                                                              "module:1",
		"module \"a\" {\n  source = \"Azure/a/azurerm\"\n}":                                                                                        "module:1",
		"module \"a\" {\n  source = \"Azure/a/azurerm\"\n  version = \"~> 1.2\"\n}":                                                                "module:1",
		"module \"a\" {\n  source = \"Azure/a/azurerm\"\n  version = \"1.2.3\"\n}":                                                                 "",
		"module \"a\" {\n  source = \"git::https://example.com/a.git//b?ref=" + sha + "\"\n}":                                                      "",
		"module \"a\" {\n  source = \"./a\"\n}":                                                                                                    "",
		"terraform {\n  required_providers {\n    azurerm = { source = \"evil/azurerm\" }\n  }\n}":                                                 "provider:3",
		"terraform {\n  required_providers {\n    azurerm = { source = \"example.com/hashicorp/azurerm\" }\n  }\n}":                                "provider:3",
		"terraform {\n  required_providers {\n    azurerm = { source = \"hashicorp/azurerm\", version = \"5.2.0\" }\n    random = \"1.0\"\n  }\n}": "",
		"resource \"azurerm_role_assignment\" \"a\" {\n  role_definition_name = \"Owner\"\n}":                                                      "role:2",
		"variable \"role\" {\n  default = \"owner\"\n}":                                                                                            "role:2",
		"locals {\n  id = \"/providers/Microsoft.Authorization/roleDefinitions/8E3AF657-A8FF-443C-A75C-2FE8C4BCB635\"\n}":                          "role:2",
		"locals {\n  id = format(\"%s/%s\", local.x, \"8e3af657-a8ff-443c-a75c-2fe8c4bcb635\")\n}":                                                 "role:2",
		"data \"azurerm_role_definition\" \"a\" {\n  for_each = toset([\"AcrPull\", \"User Access Administrator\"])\n}":                            "role:2",
		"locals {\n  tags = { owner = var.owner, a = \"owner of it\" }\n}":                                                                         "",
		"resource \"azurerm_federated_identity_credential\" \"a\" {\n  subject = \"repo:acme/*:environment:prod\"\n}":                              "federation:2",
		"resource \"azurerm_federated_identity_credential\" \"a\" {\n  subject = \"repo:${var.r}:pull_request\"\n}":                                "federation:2",
		"resource \"azurerm_federated_identity_credential\" \"a\" {\n  subject = \"repo:a/b:ref:refs/heads/main\"\n}":                              "federation:2",
		"resource \"azuread_application_flexible_federated_identity_credential\" \"a\" {\n  claims_matching_expression = \"x\"\n}":                 "federation:2",
		"resource \"azurerm_federated_identity_credential\" \"a\" {\n  subject = \"repo:${local.r}:environment:${each.key}\"\n}":                   "",
	} {
		if got := rulesIn(t, map[string]string{"terraform/app/main.tf": text + "\n"}); got != want {
			t.Errorf("%s: found %q, want %q", text, got, want)
		}
	}
	if got := rulesIn(t, map[string]string{"app/main.tf": "module \"a\" {\n  source = \"../../outside\"\n}\n"}); got != "module:1" {
		t.Errorf("a module outside of the repository: found %q", got)
	}
}

func TestOtherFiles(t *testing.T) {
	for name, want := range map[string]string{
		"app/override.tf": "override:1", "app/main_override.tf": "override:1", "app/overrides.tf": "",
		"app/main.tf.json": "json:1", "app/x.tfvars": "", "app/.terraform.lock.hcl": "",
	} {
		if got := rulesIn(t, map[string]string{name: ""}); got != want {
			t.Errorf("%s: found %q, want %q", name, got, want)
		}
	}
	for name, text := range map[string]string{
		"app/x.tfvars":            "role = \"Owner\"\n",
		"app/tests/a.tftest.hcl":  "run \"a\" {\n  module {\n    source = \"github.com/acme/a\"\n  }\n}\n",
		"app/.terraform.lock.hcl": "provider \"registry.terraform.io/evil/azurerm\" {\n}\n",
	} {
		if got := rulesIn(t, map[string]string{name: text}); got == "" {
			t.Errorf("%s: %s was accepted", name, text)
		}
	}
	if _, err := Check(planted(t, map[string]string{"a.tf": "resource {"})); err == nil {
		t.Error("a file that does not parse was accepted")
	}
}

func TestEscalates(t *testing.T) {
	for action, want := range map[string]bool{
		"*": true, "*/write": true, "Microsoft.Authorization/*": true, "microsoft.authorization/roleassignments/write": true,
		"Microsoft.Authorization/*/write": true, "Microsoft.Authorization/roleDefinitions/write": true, "Microsoft.Authorization/elevateAccess/Action": true,
		"*/read": false, "Microsoft.Authorization/locks/write": false, "Microsoft.App/*": false, "Microsoft.Authorization/*/read": false,
	} {
		if got := Escalates(action); got != want {
			t.Errorf("%s lets grant rights: %t, want %t", action, got, want)
		}
	}
}

// Modules that a root calls are not roots themselves, unless only they call each
// other.
func TestRoots(t *testing.T) {
	call := func(dir string) string { return "module \"m\" {\n  source = \"" + dir + "\"\n}\n" }
	made := planted(t, map[string]string{
		"app/main.tf": call("../modules/a"), "modules/a/main.tf": call("./b"), "modules/a/b/main.tf": "", "alone/main.tf": "",
		"x/main.tf": call("../y"), "y/main.tf": call("../x"),
	})
	if got := strings.Join(terraform.Roots(made), " "); got != "alone app x" {
		t.Errorf("roots %s", got)
	}
	if got := strings.Join(terraform.Modules(made, "app"), " "); got != "app modules/a modules/a/b" {
		t.Errorf("modules %s", got)
	}
}

func FuzzCheck(f *testing.F) {
	f.Add("module \"a\" {\n  source = \"x\"\n}\nresource \"a_federated_identity_credential\" \"b\" {\n  subject = \"*\"\n  dynamic \"provisioner\" {\n  }\n}\n")
	f.Fuzz(func(t *testing.T, text string) {
		found, err := Check(planted(t, map[string]string{"main.tf": text}))
		for _, one := range found {
			if err != nil || one.Rule == "" || one.Line < 1 {
				t.Errorf("finding %+v, error %v", one, err)
			}
		}
	})
}

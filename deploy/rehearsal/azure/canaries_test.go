//go:build linux

package azure

import (
	"net/http"
	"strings"
	"testing"
)

// edit replaces a text of a file of terraform/app, everywhere.
type edit struct{ file, old, new string }

// canary is a mistake that the rehearsal must find, by name.
type canary struct {
	name  string
	edits []edit
	// find does what shows the mistake, and returns what the rehearsal says.
	find func(t *testing.T, w *world, s stack) string
	want []string
}

// noRefresh saves asking for what nobody changed: the mistakes are in the configuration.
const noRefresh = "-refresh=false"

func applied(t *testing.T, _ *world, s stack) string {
	t.Helper()
	out, code := s.tryApply(t, noRefresh)
	if code == 0 {
		return "it was applied"
	}
	return out
}

// ran applies a change and starts a job.
func ran(job string) func(*testing.T, *world, stack) string {
	return func(t *testing.T, w *world, s stack) string {
		t.Helper()
		s.apply(t, noRefresh)
		return w.finish(t, "rg-rates-dev", "job-rates-dev-"+job)
	}
}

func canaries() []canary {
	const group = "/subscriptions/" + subscriptionID + "/resourceGroups/rg-rates-dev/providers/Microsoft.Insights/actionGroups/ag-rates-dev"
	return []canary{
		{
			name: "a job with the identity of another job",
			edits: []edit{
				{"jobs.tf", `= azurerm_user_assigned_identity.this["migrate"].id`, `= azurerm_user_assigned_identity.this["seed"].id`},
				{"jobs.tf", `[azurerm_user_assigned_identity.this["migrate"].id]`, `[azurerm_user_assigned_identity.this["seed"].id]`},
				{"jobs.tf", `value = azurerm_user_assigned_identity.this["migrate"].client_id`, `value = azurerm_user_assigned_identity.this["seed"].client_id`},
			},
			find: ran("migrate"),
			want: []string{"Failed", "rates_migrate"},
		},
		{
			name:  "a job that asks for tokens of an identity that it does not have",
			edits: []edit{{"jobs.tf", `value = azurerm_user_assigned_identity.this["seed"].client_id`, `value = azurerm_user_assigned_identity.this["migrate"].client_id`}},
			find:  ran("seed"),
			want:  []string{"Failed", "No User Assigned or Delegated Managed Identity"},
		},
		{
			name:  "a login that was made for another identity",
			edits: []edit{{"jobs.tf", "postgres://rates_seed@", "postgres://rates_migrate@"}},
			find:  ran("seed"),
			want:  []string{"Failed", "rates_migrate"},
		},
		{
			name:  "a setting that is missing",
			edits: []edit{{"jobs.tf", `name  = "RATES_DATABASE_LOGIN"`, `name  = "RATES_DATABASE_LOGINS"`}},
			find:  ran("seed"),
			want:  []string{"Failed", "empty password returned by client"},
		},
		{
			name:  "a probe of a path that does not exist",
			edits: []edit{{"app.tf", `"/readyz"`, `"/ready"`}},
			find:  applied,
			want:  []string{"the probe Readiness", "/ready failed: 404"},
		},
		{
			name:  "a setting that differs with every plan",
			edits: []edit{{"identities.tf", "purpose = each.value", "purpose = timestamp()"}},
			find: func(t *testing.T, _ *world, s stack) string {
				t.Helper()
				s.apply(t, noRefresh)
				if out, code := s.plan(t); code != 0 {
					return out
				}
				return "the second plan is empty"
			},
			want: []string{"azurerm_user_assigned_identity.this[\"smoke\"] will be updated in-place"},
		},
		{
			name:  "a host that nobody expected",
			edits: []edit{{"terraform.tf", "storage_use_azuread             = true", "storage_use_azuread             = true\n  metadata_host = \"metadata.example.com\""}},
			find: func(t *testing.T, w *world, s stack) string {
				t.Helper()
				_, _ = s.plan(t)
				return strings.Join(w.cloud.Faults(), "\n")
			},
			want: []string{"asked for metadata.example.com:443, which no deployment needs"},
		},
		{
			name: "a resource that goes before what uses it",
			edits: []edit{
				{"alerts.tf", "azurerm_monitor_action_group.this.id", `"` + group + `"`},
				{"alerts_logins.tf", "azurerm_monitor_action_group.this.id", `"` + group + `"`},
				{"availability.tf", "azurerm_monitor_action_group.this.id", `"` + group + `"`},
				{"alerts.tf", `resource "azurerm_monitor_action_group" "this" {`, "resource \"azurerm_monitor_action_group\" \"this\" {\n  count = 0"},
			},
			find: func(t *testing.T, w *world, s stack) string {
				t.Helper()
				out := applied(t, w, s)
				return out + strings.Join(w.cloud.Faults(), "\n")
			},
			want: []string{"InUse", "metricalerts/", "still uses it"},
		},
		{
			name: "a state that somebody else has locked",
			find: func(t *testing.T, w *world, s stack) string {
				t.Helper()
				const lease = "https://stratesstateacme1" + blobSuffix + "/dev/app.tfstate?comp=lease"
				held := w.send(t, http.MethodPut, lease, http.Header{"X-Ms-Lease-Action": {"acquire"}}).Get("X-Ms-Lease-Id")
				out := applied(t, w, s)
				w.send(t, http.MethodPut, lease, http.Header{"X-Ms-Lease-Action": {"release"}, "X-Ms-Lease-Id": {held}})
				return out
			},
			want: []string{"Error acquiring the state lock"},
		},
		{
			name:  "a role assignment that is missing",
			edits: []edit{{"identities.tf", "resource \"azurerm_role_assignment\" \"pull\" {\n  for_each = local.programs", "resource \"azurerm_role_assignment\" \"pull\" {\n  for_each = { for k, v in local.programs : k => v if k != \"seed\" }"}},
			find:  ran("seed"),
			want:  []string{"Failed", "has no role AcrPull"},
		},
	}
}

// try plants a mistake, and wants it found. What was right is back afterwards, and
// applied with the next mistake.
func (c canary) try(t *testing.T, w *world, s stack) {
	t.Helper()
	kept := map[string]string{}
	for _, e := range c.edits {
		path := "repository/terraform/app/" + e.file
		text := w.read(t, path)
		if _, ok := kept[path]; !ok {
			kept[path] = text
		}
		if !strings.Contains(text, e.old) {
			t.Fatalf("%s does not say %q any more", e.file, e.old)
		}
		w.write(t, path, strings.ReplaceAll(text, e.old, e.new))
	}
	said := c.find(t, w, s)
	for path, text := range kept {
		w.write(t, path, text)
	}
	// Terraform and the page of az break lines where they like.
	flat := strings.Join(strings.Fields(strings.NewReplacer("│", "", "\n", " ").Replace(said)), " ")
	for _, want := range c.want {
		if !strings.Contains(flat, want) {
			t.Errorf("the rehearsal does not say %q but\n%s", want, said)
		}
	}
	w.faultless(t)
}

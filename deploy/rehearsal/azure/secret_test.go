//go:build linux

package azure

import (
	"strings"
	"testing"
)

// A secret is read from its vault, by an identity that has a role there.
func TestSecretsComeFromTheirVault(t *testing.T) {
	const (
		vaultID = groupID + "/providers/Microsoft.KeyVault/vaults/kv"
		address = "https://kv" + vaultSuffix + "/secrets/database-url"
		role    = vaultID + "/providers/Microsoft.Authorization/roleAssignments/r"
	)
	for name, test := range map[string]struct {
		kept, role string
		identity   string
		want       string
	}{
		"good":                  {address, "Key Vault Secrets User", identityID, ""},
		"another secret":        {address + "2", "Key Vault Secrets User", identityID, "is not in the vault"},
		"another role":          {address, "Reader", identityID, "has no role on the vault"},
		"an identity of others": {address, "Key Vault Secrets User", identityID + "2", "does not have the identity"},
	} {
		c, m, job := newJob(t)
		c.put(vaultID, `{"location":"westeurope"}`)
		c.put(role, `{"properties":{"principalId":"`+c.cloud.get(identityID).text("properties", "principalId")+`","roleDefinitionId":"/x/`+builtInRoles[test.role]+`"}}`)
		m.keep(test.kept, "postgres://…")
		job["id"] = groupID + "/providers/Microsoft.App/jobs/job"
		job.object("properties", "configuration")["secrets"] = []any{map[string]any{"name": "database-url", "identity": test.identity, "keyVaultUrl": address}}
		containerOf(job)["env"] = []any{map[string]any{"name": "DATABASE_URL", "secretRef": "database-url"}}
		err := m.execute(t.Context(), job)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

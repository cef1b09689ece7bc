//go:build linux

package azure

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"example.com/rates/service/login/logintest"
)

const (
	digest = "sha256:1111111111111111111111111111111111111111111111111111111111111111"
	pushed = "sha256:3333333333333333333333333333333333333333333333333333333333333333" // and never imported
)

// newJob returns machines with one registry, one identity and a job of it.
func newJob(t *testing.T) (*caller, *machines, document) {
	t.Helper()
	c := newCaller(t)
	ca, err := NewAuthority()
	check(t, err)
	m, err := newMachines(c.cloud, ca, "", &hosts{path: filepath.Join(t.TempDir(), "hosts")}, map[string]image{
		digest: {Name: "rates", Command: []string{"/bin/true"}}, pushed: {Name: "rates", Command: []string{"/bin/true"}},
	})
	check(t, err)
	t.Cleanup(func() { check(t, m.close()) })
	c.put(groupID, "{}")
	c.put(registryID, `{"location":"westeurope"}`)
	identity := c.put(identityID, "{}")
	c.put(registryID+"/providers/Microsoft.Authorization/roleAssignments/r", fmt.Sprintf(`{"properties":{"principalId":%q,"roleDefinitionId":"/x/%s"}}`,
		identity.text("properties", "principalId"), builtInRoles["AcrPull"]))
	if status, said := c.arm(http.MethodPost, registryID+"/importImage", `{"source":{"sourceImage":"ghcr.io/acme/rates@`+digest+`"}}`); status != http.StatusAccepted {
		t.Fatalf("import: %d %v", status, said)
	}
	var job document
	check(t, json.Unmarshal(fmt.Appendf(nil, `{"name":"job","identity":{"userAssignedIdentities":{%q:{}}},"properties":{
		"configuration":{"replicaTimeout":10,"registries":[{"server":"crrates.azurecr.io","identity":%q}]},
		"template":{"containers":[{"image":"crrates.azurecr.io/rates@%s","env":[{"name":"A","value":"b"}]}]}}}`, identityID, identityID, digest), &job))
	return c, m, job
}

func TestAContainerRunsAsItsDocumentSays(t *testing.T) {
	_, m, job := newJob(t)
	out := filepath.Join(t.TempDir(), "out")
	containerOf(job)["command"] = []any{"bash", "-c", `echo "$A $0 $1" >` + out}
	containerOf(job)["args"] = []any{"zero", "one"}
	check(t, m.execute(t.Context(), job))
	if got, err := os.ReadFile(out); err != nil || string(got) != "b zero one\n" {
		t.Errorf("it wrote %q, %v", got, err)
	}
	containerOf(job)["command"] = []any{"bash", "-c", "echo no such table >&2; exit 3"}
	if err := m.execute(t.Context(), job); err == nil || !strings.Contains(err.Error(), "no such table") {
		t.Errorf("a failure is %v, want one with its output", err)
	}
}

// An image runs only if its registry has it, and an identity of the job may pull it.
func TestImagesThatCannotBePulled(t *testing.T) {
	for name, test := range map[string]struct {
		change func(c *caller, job document)
		want   string
	}{
		"good": {func(*caller, document) {}, ""},
		"another digest": {func(_ *caller, job document) {
			containerOf(job)["image"] = "crrates.azurecr.io/rates@sha256:" + strings.Repeat("2", 64)
		}, "MANIFEST_UNKNOWN"},
		"another name": {func(_ *caller, job document) { containerOf(job)["image"] = "crrates.azurecr.io/other@" + digest }, "MANIFEST_UNKNOWN"},
		"no digest":    {func(_ *caller, job document) { containerOf(job)["image"] = "crrates.azurecr.io/rates:latest" }, "has no digest"},
		"another registry": {func(_ *caller, job document) {
			containerOf(job)["image"] = "other.azurecr.io/rates@" + digest
		}, "no login for the registry"},
		"an identity of another": {func(_ *caller, job document) {
			delete(job.object("identity", "userAssignedIdentities"), identityID)
		}, "does not have the identity"},
		"another's identity to log in": {func(c *caller, job document) {
			c.put(identityID+"2", "{}")
			job.object("identity")["userAssignedIdentities"] = map[string]any{identityID + "2": map[string]any{}}
		}, "does not have the identity"},
		"a role of another": {func(c *caller, _ document) {
			c.put(registryID+"/providers/Microsoft.Authorization/roleAssignments/r", `{"properties":{"principalId":"another","roleDefinitionId":"/x/`+builtInRoles["AcrPull"]+`"}}`)
		}, "no role AcrPull"},
		"another role": {func(c *caller, _ document) {
			c.put(registryID+"/providers/Microsoft.Authorization/roleAssignments/r", `{"properties":{"principalId":"`+c.cloud.get(identityID).text("properties", "principalId")+`","roleDefinitionId":"/x/`+builtInRoles["Reader"]+`"}}`)
		}, "no role AcrPull"},
		"never imported":                         {func(_ *caller, job document) { containerOf(job)["image"] = "crrates.azurecr.io/rates@" + pushed }, "MANIFEST_UNKNOWN"},
		"imported, and the registry has changed": {func(c *caller, _ document) { c.put(registryID, `{"location":"westeurope","tags":{"a":"b"}}`) }, ""},
		"no role": {func(c *caller, _ document) {
			c.arm(http.MethodDelete, registryID+"/providers/Microsoft.Authorization/roleAssignments/r", "")
		}, "no role AcrPull"},
		"a secret": {func(_ *caller, job document) {
			containerOf(job)["env"] = []any{map[string]any{"name": "DATABASE_URL", "secretRef": "database-url"}}
		}, "there is no secret database-url"},
	} {
		c, m, job := newJob(t)
		test.change(c, job)
		err := m.execute(t.Context(), job)
		if (err == nil) != (test.want == "") || err != nil && !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// The endpoint of a container hands out tokens of its own identities only.
func TestTokensOfAContainer(t *testing.T) {
	c, m, job := newJob(t)
	other := c.put(strings.Replace(identityID, "id-a", "id-b", 1), "{}").text("properties", "clientId")
	ours := m.cloud.get(identityID).text("properties", "clientId")
	for name, test := range map[string]struct {
		client, resource, secret string
		status                   int
	}{
		"own":              {ours, logintest.Audience, "secret", http.StatusOK},
		"of another":       {other, logintest.Audience, "secret", http.StatusBadRequest},
		"none":             {"", logintest.Audience, "secret", http.StatusBadRequest},
		"another resource": {ours, "https://vault.azure.net", "secret", http.StatusBadRequest},
		"another secret":   {ours, logintest.Audience, "guess", http.StatusBadRequest},
	} {
		query := url.Values{"api-version": {"2019-08-01"}, "resource": {test.resource}, "client_id": {test.client}}
		r := httptest.NewRequest(http.MethodGet, "/msi/token?"+query.Encode(), nil)
		r.Header.Set("X-Identity-Header", test.secret)
		w := httptest.NewRecorder()
		m.tokensFor(job, "secret").ServeHTTP(w, r)
		if w.Code != test.status {
			t.Errorf("%s: %d, want %d", name, w.Code, test.status)
		}
	}
}

func TestLiftedBeside(t *testing.T) {
	var all state
	check(t, json.Unmarshal([]byte(`{"Resources":[
		{"mode":"managed","type":"azurerm_storage_account","name":"s","instances":[{"attributes":{"id":"/a/S"}}]},
		{"mode":"managed","type":"azurerm_role_assignment","name":"r","instances":[{"attributes":{"id":"/a/s/providers/r"}},{"attributes":{"id":"/a/s/b/providers/r"}}]},
		{"mode":"managed","type":"azurerm_role_assignment","name":"beside","instances":[{"attributes":{"id":"/a/s2/providers/r"}}]},
		{"mode":"data","type":"azurerm_role_definition","name":"d","instances":[{"attributes":{"id":"/a/s/providers/d"}}]},
		{"mode":"managed","type":"azurerm_management_lock","name":"l","instances":[{"attributes":{"id":"/a/s/providers/l","scope":"/a/s"},"dependencies":["azurerm_storage_account.s"]}]}
	]}`), &all))
	if got := strings.Join(liftedBeside(all), "\n"); got != "azurerm_management_lock.l blocks azurerm_role_assignment.r and is not lifted before it goes" {
		t.Errorf("got %q", got)
	}
	lock := &all.Resources[len(all.Resources)-1].Instances[0]
	lock.Dependencies = append(lock.Dependencies, "azurerm_role_assignment.r")
	if got := liftedBeside(all); len(got) > 0 {
		t.Errorf("got %q", got)
	}
}

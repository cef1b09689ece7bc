package azure

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

const (
	groupID    = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-rates-dev"
	identityID = groupID + "/providers/Microsoft.ManagedIdentity/userAssignedIdentities/id-a"
	registryID = groupID + "/providers/Microsoft.ContainerRegistry/registries/crrates"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// caller asks a cloud with a token.
type caller struct {
	t     *testing.T
	cloud *Cloud
	token string
}

func newCaller(t *testing.T) *caller {
	t.Helper()
	return signIn(t, New(t.Context(), func(line string) { t.Log(line) }))
}

func signIn(t *testing.T, cloud *Cloud) *caller {
	t.Helper()
	c := &caller{t: t, cloud: cloud}
	r := httptest.NewRequest(http.MethodPost, "https://"+entraHost+"/"+tenantID+"/oauth2/v2.0/token", nil)
	w := httptest.NewRecorder()
	c.cloud.ServeHTTP(w, r)
	var said map[string]any
	check(t, json.Unmarshal(w.Body.Bytes(), &said))
	c.token, _ = said["access_token"].(string)
	return c
}

func (c *caller) send(method, address string, header http.Header, body string) *httptest.ResponseRecorder {
	c.t.Helper()
	r := httptest.NewRequest(method, address, strings.NewReader(body))
	for name, values := range header {
		r.Header[name] = values
	}
	r.Header.Set("Authorization", "Bearer "+c.token)
	w := httptest.NewRecorder()
	c.cloud.ServeHTTP(w, r)
	return w
}

// arm asks for a path and returns the status and the document.
func (c *caller) arm(method, path, body string) (int, document) {
	c.t.Helper()
	w := c.send(method, "https://"+armHost+path, nil, body)
	var said document
	if w.Body.Len() > 0 {
		check(c.t, json.Unmarshal(w.Body.Bytes(), &said))
	}
	return w.Code, said
}

// put puts documents that must be taken.
func (c *caller) put(path, body string) document {
	c.t.Helper()
	status, d := c.arm(http.MethodPut, path, body)
	if status >= http.StatusBadRequest {
		c.t.Fatalf("PUT %s: %d %v", path, status, d)
	}
	return d
}

func (c *caller) wantFault(part string) {
	c.t.Helper()
	faults := c.cloud.Faults()
	if len(faults) != 1 || !strings.Contains(faults[0], part) {
		c.t.Errorf("faults %q, want one with %q", faults, part)
	}
}

func (c *caller) wantNoFault() {
	c.t.Helper()
	if faults := c.cloud.Faults(); len(faults) > 0 {
		c.t.Errorf("faults %q", faults)
	}
}

func TestParse(t *testing.T) {
	for path, want := range map[string]target{
		"/subscriptions/s":                                                      {kind: "subscriptions", name: "s"},
		"/subscriptions/s/providers":                                            {id: "/subscriptions/s", kind: "subscriptions", name: "s", last: "providers"},
		"/subscriptions/s/resourceGroups/g":                                     {kind: "resourcegroups", name: "g", parent: "s"},
		"/subscriptions/s/resourceGroups/g/resources":                           {id: "/subscriptions/s/resourceGroups/g", kind: "resourcegroups", name: "g", parent: "s", last: "resources"},
		"/subscriptions/s/resourcegroups/g/providers/Microsoft.App/jobs/j":      {kind: "microsoft.app/jobs", name: "j"},
		"/subscriptions/s/resourceGroups/g/providers/Microsoft.App/jobs/":       {id: "/subscriptions/s/resourceGroups/g/providers/Microsoft.App", kind: "microsoft.app", last: "jobs"},
		"/subscriptions/s/resourceGroups/g/providers/A.B/c/d/Start":             {id: "/subscriptions/s/resourceGroups/g/providers/A.B/c/d", kind: "a.b/c", name: "d", last: "start"},
		"/subscriptions/s/resourceGroups/g/providers/A.B/c/d/e/f":               {kind: "a.b/c/e", name: "f", parent: "d"},
		"/subscriptions/s/resourceGroups/g/providers/A.B/c/d/providers/E.F/g/h": {kind: "e.f/g", name: "h"},
	} {
		if want.id == "" {
			want.id = path
		}
		if got := parse(path); got != want {
			t.Errorf("%s: %+v, want %+v", path, got, want)
		}
	}
}

func TestDocumentsAreKept(t *testing.T) {
	c := newCaller(t)
	c.put(groupID, `{"location":"westeurope","tags":{"a":"b"}}`)
	c.put(identityID, `{"location":"westeurope"}`)
	status, d := c.arm(http.MethodPatch, strings.ToUpper(groupID), `{"tags":{"c":"d"}}`)
	if status != http.StatusOK || d.text("tags", "a") != "b" || d.text("tags", "c") != "d" {
		t.Errorf("PATCH merges, and finds a document in any case: %d %v", status, d)
	}
	if _, all := c.arm(http.MethodGet, strings.TrimSuffix(identityID, "/id-a"), ""); len(all.objects("value")) != 1 {
		t.Errorf("a collection lists its documents: %v", all)
	}
	if status, _ := c.arm(http.MethodDelete, groupID, ""); status != http.StatusAccepted {
		t.Errorf("DELETE of a group: %d", status)
	}
	if left := c.cloud.Documents(); len(left) > 0 {
		t.Errorf("what was in a group is left: %v", left)
	}
	if status, d := c.arm(http.MethodGet, groupID, ""); status != http.StatusNotFound || d.text("error", "code") != "ResourceGroupNotFound" {
		t.Errorf("GET of what is gone: %d %v", status, d)
	}
	c.wantNoFault()
}

func TestWhatNobodyKnowsIsAFault(t *testing.T) {
	for request, part := range map[string]string{
		"PUT " + groupID + "/providers/Microsoft.Cache/redis/r": "Microsoft.Cache/redis/r",
		"GET " + groupID + "/providers/Microsoft.Cache/redis":   "Microsoft.Cache/redis",
		"POST " + registryID + "/regenerateCredential":          "regenerateCredential",
		"POST " + groupID: "POST",
		"GET " + groupID + "/providers/Microsoft.App/jobs/j/logs": "logs",
	} {
		c := newCaller(t)
		method, path, _ := strings.Cut(request, " ")
		if status, _ := c.arm(method, path, "{}"); status < http.StatusNotImplemented {
			t.Errorf("%s: %d", request, status)
		}
		c.wantFault(part)
	}
}

func TestOnlyBearersOfItsTokensAreAnswered(t *testing.T) {
	c := newCaller(t)
	c.token = "another"
	if status, _ := c.arm(http.MethodGet, groupID, ""); status != http.StatusUnauthorized {
		t.Errorf("status %d", status)
	}
	c.wantFault("without a token")
}

func TestAnIdentityMadeAgainIsAnother(t *testing.T) {
	c := newCaller(t)
	first := c.put(identityID, "{}").text("properties", "clientId")
	if same := c.put(identityID, `{"tags":{"a":"b"}}`).text("properties", "clientId"); same != first || first == "" {
		t.Errorf("a changed identity has the client id %q, not %q", same, first)
	}
	c.put(groupID, "{}")
	c.put(groupID+"/providers/Microsoft.App/jobs/j", `{"identity":{"userAssignedIdentities":{"`+identityID+`":{}}}}`)
	if status, _ := c.arm(http.MethodDelete, identityID, ""); status != http.StatusOK {
		t.Errorf("an identity that is used may go: %d", status)
	}
	if second := c.put(identityID, "{}").text("properties", "clientId"); second == first {
		t.Error("an identity that is made again has the old client id")
	}
	c.wantNoFault()
}

func TestRolesByName(t *testing.T) {
	c := newCaller(t)
	subscription, _, _ := strings.Cut(groupID, "/resourceGroups")
	own := c.put(groupID+"/providers/Microsoft.Authorization/roleDefinitions/own", `{"properties":{"roleName":"rates locks acme1"}}`)
	for name, want := range map[string]string{"AcrPull": "7f951dda-4ed3-4680-a7ca-43fe172d538d", "rates locks acme1": own.text("name"), "Owner": ""} {
		_, all := c.arm(http.MethodGet, subscription+"/providers/Microsoft.Authorization/roleDefinitions?$filter="+url.QueryEscape("roleName eq '"+name+"'"), "")
		got := ""
		for _, role := range all.objects("value") {
			got += role.text("name")
		}
		if got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// The provider waits until a changed definition says that it is one.
func TestAChangedRoleIsNewer(t *testing.T) {
	const id = groupID + "/providers/Microsoft.Authorization/roleDefinitions/own"
	c := newCaller(t)
	first := c.put(id, "{}").properties()
	second := c.put(id, "{}").properties()
	if first.text("createdOn") != second.text("createdOn") || first.text("updatedOn") >= second.text("updatedOn") || first.text("createdOn") == "" {
		t.Errorf("first %v, then %v", first, second)
	}
}

func TestAGroupListsWhatKeepsIt(t *testing.T) {
	c := newCaller(t)
	c.put(groupID, "{}")
	for _, id := range []string{
		"/providers/Microsoft.Authorization/roleAssignments/r", "/providers/Microsoft.Consumption/budgets/b",
		"/providers/Microsoft.Network/virtualNetworks/v", "/providers/Microsoft.Network/virtualNetworks/v/subnets/s",
	} {
		c.put(groupID+id, "{}")
	}
	_, all := c.arm(http.MethodGet, groupID+"/resources", "")
	if items := all.objects("value"); len(items) != 1 || items[0].text("name") != "v" {
		t.Errorf("%v, want the network alone", items)
	}
}

package azure

import (
	"net/http"
	"testing"
)

func TestBlobs(t *testing.T) {
	const address = "https://st.blob.core.windows.net/dev/app.tfstate"
	c := newCaller(t)
	want := func(what string, status int, code, method, address string, header http.Header, body string) http.Header {
		t.Helper()
		w := c.send(method, address, header, body)
		if w.Code != status || w.Header().Get("X-Ms-Error-Code") != code {
			t.Errorf("%s: %d %q, want %d %q", what, w.Code, w.Header().Get("X-Ms-Error-Code"), status, code)
		}
		return w.Header()
	}
	lease := func(action, id string) http.Header {
		return http.Header{"X-Ms-Lease-Action": {action}, "X-Ms-Lease-Id": {id}}
	}
	want("no container", 404, "ContainerNotFound", http.MethodGet, address, nil, "")
	c.put(groupID+"/providers/Microsoft.Storage/storageAccounts/st/blobServices/default/containers/dev", "{}")
	want("no blob", 404, "BlobNotFound", http.MethodGet, address, nil, "")
	want("a blob", 201, "", http.MethodPut, address, http.Header{"X-Ms-Meta-A": {"b"}}, "one")
	held := want("a lease", 201, "", http.MethodPut, address+"?comp=lease", lease("acquire", ""), "").Get("X-Ms-Lease-Id")
	want("a lease that another holds", 409, "LeaseAlreadyPresent", http.MethodPut, address+"?comp=lease", lease("acquire", ""), "")
	want("a change by another", 412, "LeaseIdMissing", http.MethodPut, address, nil, "two")
	want("a removal by another", 412, "LeaseIdMissing", http.MethodDelete, address, nil, "")
	want("the end of the lease by another", 409, "LeaseIdMismatchWithLeaseOperation", http.MethodPut, address+"?comp=lease", lease("release", "another"), "")
	want("a change by the holder", 201, "", http.MethodPut, address, http.Header{"X-Ms-Lease-Id": {held}}, "three")
	if got := want("reading", 200, "", http.MethodHead, address, nil, ""); got.Get("X-Ms-Lease-Status") != "locked" {
		t.Errorf("headers %v", got)
	}
	want("the end of the lease", 200, "", http.MethodPut, address+"?comp=lease", lease("release", held), "")
	if w := c.send(http.MethodGet, address, nil, ""); w.Body.String() != "three" {
		t.Errorf("the blob is %q", w.Body)
	}
	want("a removal", 202, "", http.MethodDelete, address, nil, "")
	want("another container", 404, "ContainerNotFound", http.MethodGet, "https://st.blob.core.windows.net/prod/app.tfstate", nil, "")
	want("another account", 404, "ContainerNotFound", http.MethodGet, "https://st2.blob.core.windows.net/dev/app.tfstate", nil, "")
	c.wantNoFault()
}

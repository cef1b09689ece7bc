package httpapi_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
)

var routes = []string{goodQuery, "/ports", "/regions", "/", "/openapi.yaml", "/healthz", "/readyz"}

// HEAD has the status and headers of GET and no body, on the wire too.
func TestHeadIsGetWithoutBody(t *testing.T) {
	server := newAPI(t, fakeStore{}).serve(t)
	for _, target := range append([]string{"/rates", "/nothing"}, routes...) {
		var headers [2]http.Header
		for i, method := range []string{http.MethodGet, http.MethodHead} {
			r, err := http.NewRequestWithContext(t.Context(), method, server.URL+target, nil)
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("X-Request-Id", "same")
			response, err := server.Client().Do(r)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(response.Body)
			response.Body.Close()
			if err != nil {
				t.Fatal(err)
			}
			if method == http.MethodHead && len(body) > 0 {
				t.Errorf("HEAD %s has a body: %s", target, body)
			}
			headers[i] = response.Header
			headers[i].Del("Date")
			headers[i].Set("Status", response.Status)
		}
		for name := range headers[0] {
			if headers[0].Get(name) != headers[1].Get(name) {
				t.Errorf("%s: %s is %q for GET and %q for HEAD", target, name, headers[0].Get(name), headers[1].Get(name))
			}
		}
		if headers[1].Get("Content-Length") == "" {
			t.Errorf("HEAD %s has no Content-Length", target)
		}
	}
}

// OPTIONS lists the allowed methods and has no body.
func TestOptions(t *testing.T) {
	a := newAPI(t, fakeStore{})
	for _, target := range append([]string{"/rates"}, routes...) {
		got := a.ask(t, http.MethodOptions, target)
		if got.status != http.StatusNoContent || got.header.Get("Allow") != "GET, HEAD, OPTIONS" || got.body != "" {
			t.Errorf("OPTIONS %s: status %d, Allow %q, body %q", target, got.status, got.header.Get("Allow"), got.body)
		}
	}
}

// No method can change anything.
func TestOtherMethodsAreRefused(t *testing.T) {
	a := newAPI(t, fakeStore{})
	for _, target := range routes {
		for _, method := range []string{"POST", "PUT", "PATCH", "DELETE", "TRACE", "CONNECT", "BREW", "get"} {
			got := a.ask(t, method, target)
			doc := wantKind(t, got, http.StatusMethodNotAllowed, "method-not-allowed")
			if got.header.Get("Allow") != "GET, HEAD, OPTIONS" || doc.Detail != "Only GET, HEAD and OPTIONS are allowed here." {
				t.Errorf("%s %s: Allow %q, %q", method, target, got.header.Get("Allow"), doc.Detail)
			}
		}
	}
}

// Paths are exact: nothing is guessed, corrected or redirected.
func TestUnknownPaths(t *testing.T) {
	a := newAPI(t, fakeStore{})
	for _, target := range []string{
		"/nothing", "/rates/", "//rates", "/Rates", "/rates/../ports", "/./rates", "/ports/CNGGZ", "/metrics", "/debug/pprof/", "/%2e%2e/etc/passwd",
	} {
		doc := wantKind(t, a.get(t, target), http.StatusNotFound, "not-found")
		if doc.Detail != "There is nothing here. /openapi.yaml lists the paths." {
			t.Errorf("%s: %q", target, doc.Detail)
		}
	}
}

// A URL of 4,096 bytes is accepted, one of 4,097 is not.
func TestLongURL(t *testing.T) {
	a := newAPI(t, fakeStore{})
	longest := goodQuery + "&x=" + strings.Repeat("x", 4096-len(goodQuery)-len("&x="))
	if got := a.get(t, longest); got.status != http.StatusOK {
		t.Errorf("a URL of %d bytes: status %d", len(longest), got.status)
	}
	for _, target := range []string{longest + "x", "/" + strings.Repeat("x", 5000), "/?" + strings.Repeat("x", 5000)} {
		doc := wantKind(t, a.get(t, target), http.StatusRequestURITooLong, "uri-too-long")
		if doc.Detail != "The URL is longer than 4096 bytes." {
			t.Errorf("%d bytes: %q", len(target), doc.Detail)
		}
	}
}

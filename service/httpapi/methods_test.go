package httpapi_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
)

var routes = []string{goodQuery, "/ports", "/regions", "/", "/openapi.yaml", "/docs", "/healthz", "/readyz"}

// HEAD has the status and headers of GET and no body, on the wire too, compressed or
// not.
func TestHeadIsGetWithoutBody(t *testing.T) {
	server := newAPI(t, fakeStore{}).serve(t)
	long := strings.Replace(goodQuery, "2021-01-31", "2022-01-31", 1)
	for _, target := range append([]string{"/rates", "/nothing", long}, routes...) {
		for _, encoding := range []string{"identity", "gzip", "gzip, identity;q=0"} {
			get, body := exchangeHTTP(t, server, http.MethodGet, target, encoding)
			head, none := exchangeHTTP(t, server, http.MethodHead, target, encoding)
			if none != "" {
				t.Errorf("HEAD %s has a body: %s", target, none)
			}
			for name := range get {
				if get.Get(name) != head.Get(name) {
					t.Errorf("%s as %s: %s is %q for GET and %q for HEAD", target, encoding, name, get.Get(name), head.Get(name))
				}
			}
			if length := strconv.Itoa(len(body)); head.Get("Content-Length") != length {
				t.Errorf("HEAD %s as %s has the length %q, GET %s bytes", target, encoding, head.Get("Content-Length"), length)
			}
		}
	}
}

// exchangeHTTP sends a request and returns the headers of the answer, its status
// among them, and its body as it was sent.
func exchangeHTTP(t *testing.T, server *httptest.Server, method, target, encoding string) (http.Header, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+target, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Request-Id", "same")
	r.Header.Set("Accept-Encoding", encoding) // a client that sets it gets the bytes that were sent
	response, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	response.Header.Del("Date")
	response.Header.Set("Status", response.Status)
	return response.Header, string(body)
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

package httpapi_test

import (
	"crypto/tls"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/rates/service/rates"
)

// dataHeaders are on every answer with data, whatever its status, and pageHeaders on
// every page. They forbid embedding, framing, scripts and type guessing. An empty
// value is for a header that means nothing there.
var (
	dataHeaders = map[string]string{
		"X-Content-Type-Options":       "nosniff",
		"Content-Security-Policy":      "default-src 'none'; frame-ancestors 'none'",
		"Permissions-Policy":           "",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Cross-Origin-Opener-Policy":   "",
		"Cross-Origin-Embedder-Policy": "",
	}
	pageHeaders = map[string]string{
		"X-Content-Type-Options": "nosniff",
		"Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; " +
			"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
		"Permissions-Policy":           "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Embedder-Policy": "require-corp",
	}
)

var (
	requestIDForm = regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	unixTime      = regexp.MustCompile(`\b(1[0-9]|2[0-2])[0-9]{8}\b`)
)

// checkHeaders checks the headers that every answer has, and that none may have.
func checkHeaders(t testing.TB, r *http.Request, got answer) {
	t.Helper()
	name := r.Method + " " + r.URL.String()
	if len(name) > 100 {
		name = name[:100] + "…"
	}
	want := dataHeaders
	media := got.header.Get("Content-Type")
	unchangedPage := got.status == http.StatusNotModified && r.URL.Path == "/docs"
	if strings.HasPrefix(media, "text/html") || media == "image/svg+xml" || unchangedPage {
		want = pageHeaders
	}
	for header, want := range want {
		if values := got.header.Values(header); strings.Join(values, "\n") != want {
			t.Errorf("%s: %s is %q, want %q", name, header, values, want)
		}
	}
	if id := got.header.Get("X-Request-Id"); !requestIDForm.MatchString(id) {
		t.Errorf("%s: X-Request-Id is %q", name, id)
	}
	cache := got.header.Get("Cache-Control")
	if cache != "no-store" && cache != "no-cache, must-revalidate" {
		t.Errorf("%s: Cache-Control is %q, so a copy could be used without a check", name, cache)
	}
	if got.body != "" && got.header.Get("Content-Type") == "" {
		t.Errorf("%s: a body without Content-Type", name)
	}
	for header := range maps.Keys(got.header) {
		if header == "Server" || header == "X-Powered-By" || strings.HasPrefix(header, "Access-Control-") {
			t.Errorf("%s: the answer has %s: %s", name, header, got.header.Get(header))
		}
		if header != "Etag" && header != "X-Request-Id" && unixTime.MatchString(got.header.Get(header)) {
			t.Errorf("%s: %s looks like a Unix time: %s", name, header, got.header.Get(header))
		}
	}
}

// The answers of every route and status have the headers that make them safe.
func TestHeadersAreOnEveryAnswer(t *testing.T) {
	a := newAPI(t, fakeStore{})
	broken := newAPI(t, failing(&rates.Error{Kind: rates.Internal}))
	away := newAPI(t, failing(&rates.Error{Kind: rates.Unavailable}))
	seen := map[int]bool{}
	ask := func(a *api, method, target string, headers ...string) {
		r := newRequest(method, target, headers...)
		got := a.do(t, r)
		checkHeaders(t, r, got)
		seen[got.status] = true
	}
	for _, target := range []string{
		goodQuery, "/rates", "/ports", "/regions", "/", "/openapi.yaml", "/docs", "/healthz", "/readyz", "/nothing",
		"/" + strings.Repeat("x", 5000),
	} {
		for _, method := range []string{"GET", "HEAD", "OPTIONS", "POST"} {
			ask(a, method, target)
			ask(broken, method, target)
			ask(away, method, target)
		}
		ask(a, "GET", target, "Accept", "image/png")
		ask(a, "GET", target, "If-None-Match", "*")
	}
	got := slices.Sorted(maps.Keys(seen))
	want := []int{200, 204, 304, 400, 404, 405, 406, 414, 500, 503}
	if !slices.Equal(got, want) {
		t.Errorf("the answers had the statuses %v, want each of %v", got, want)
	}
}

// Only answers over TLS tell browsers to insist on TLS.
func TestTransportSecurityBehindTLSOnly(t *testing.T) {
	const want = "max-age=31536000; includeSubDomains"
	a := newAPI(t, fakeStore{})
	for _, c := range []struct {
		name    string
		request *http.Request
		want    []string
	}{
		{"plain", newRequest("GET", "/"), nil},
		{"a proxy that received plain HTTP", newRequest("GET", "/", "X-Forwarded-Proto", "http"), nil},
		{"a proxy that received TLS", newRequest("GET", "/", "X-Forwarded-Proto", "https"), []string{want}},
		{"a proxy in capitals", newRequest("GET", "/", "X-Forwarded-Proto", "HTTPS"), []string{want}},
		{"TLS to the first of two proxies", newRequest("GET", "/", "X-Forwarded-Proto", "https, http"), []string{want}},
		{"TLS between two proxies only", newRequest("GET", "/", "X-Forwarded-Proto", "http,https"), nil},
		{"a line for each proxy", newRequest("GET", "/", "X-Forwarded-Proto", "Https", "X-Forwarded-Proto", "http"), []string{want}},
		{"a line for each proxy, plain first", newRequest("GET", "/", "X-Forwarded-Proto", "http", "X-Forwarded-Proto", "https"), nil},
		{"an empty element first", newRequest("GET", "/", "X-Forwarded-Proto", " ,\thttps ,"), []string{want}},
		{"no element", newRequest("GET", "/", "X-Forwarded-Proto", ", ,"), nil},
		{"another scheme", newRequest("GET", "/", "X-Forwarded-Proto", "httpsx"), nil},
		{"an error behind TLS", newRequest("POST", "/nothing", "X-Forwarded-Proto", "https"), []string{want}},
	} {
		if got := a.do(t, c.request).header.Values("Strict-Transport-Security"); !slices.Equal(got, c.want) {
			t.Errorf("%s: Strict-Transport-Security is %q, want %q", c.name, got, c.want)
		}
	}
	r := newRequest("GET", "/")
	r.TLS = &tls.ConnectionState{}
	if got := a.do(t, r).header.Get("Strict-Transport-Security"); got != want {
		t.Errorf("TLS of our own: Strict-Transport-Security is %q, want %q", got, want)
	}
}

// Answers with data may be kept and revalidated; errors and states of health may
// not be kept.
func TestCacheControl(t *testing.T) {
	a := newAPI(t, fakeStore{})
	for target, want := range map[string]string{
		goodQuery:       "no-cache, must-revalidate",
		"/ports":        "no-cache, must-revalidate",
		"/regions":      "no-cache, must-revalidate",
		"/":             "no-cache, must-revalidate",
		"/openapi.yaml": "no-cache, must-revalidate",
		"/docs":         "no-cache, must-revalidate",
		"/healthz":      "no-store",
		"/readyz":       "no-store",
		"/rates":        "no-store",
		"/nothing":      "no-store",
	} {
		if got := a.get(t, target).header.Get("Cache-Control"); got != want {
			t.Errorf("%s: Cache-Control is %q, want %q", target, got, want)
		}
	}
}

// An id that is safe to log is kept, so that a request can be followed through
// several programs; any other is replaced.
func TestRequestID(t *testing.T) {
	a := newAPI(t, fakeStore{})
	for _, id := range []string{"a", "8f14e45fceea167a", "Trace_1.2-3", strings.Repeat("x", 64)} {
		if got := a.get(t, "/", "X-Request-Id", id).header.Get("X-Request-Id"); got != id {
			t.Errorf("the id %q was replaced by %q", id, got)
		}
	}
	made := regexp.MustCompile(`^[0-9a-f]{16}$`)
	for _, id := range []string{"", " ", "a b", "a\tb", `{"level":"error"}`, "ä", strings.Repeat("x", 65), "a,b", "a;b", "a/b", "<b>"} {
		if got := a.get(t, "/", "X-Request-Id", id).header.Get("X-Request-Id"); !made.MatchString(got) {
			t.Errorf("the id %q became %q, want a new one of 16 hexadecimal digits", id, got)
		}
	}
	if got := a.get(t, "/", "X-Request-Id", "first", "X-Request-Id", "second").header.Values("X-Request-Id"); !slices.Equal(got, []string{"first"}) {
		t.Errorf("two ids became %q", got)
	}
	if one, two := a.get(t, "/").header.Get("X-Request-Id"), a.get(t, "/").header.Get("X-Request-Id"); one == two || !made.MatchString(one) {
		t.Errorf("two requests without an id got %q and %q", one, two)
	}
}

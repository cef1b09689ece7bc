package httpapi_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"example.com/rates/service/httpapi"
	"example.com/rates/service/rates"
)

func allowing(origins ...string) func(*httpapi.Config) {
	return func(c *httpapi.Config) { c.AllowedOrigins = origins }
}

// readers of another origin, what they send as Origin, and what allows them.
const (
	friend = "https://charts.example.com"
	other  = "https://other.example.com"
)

// Scripts of an origin that is allowed may read every answer, errors included, and
// nobody else may. No answer allows credentials.
func TestAllowedOrigins(t *testing.T) {
	for _, c := range []struct {
		name    string
		allowed []string
		sent    []string
		want    string // Access-Control-Allow-Origin
	}{
		{"off", nil, []string{friend}, ""},
		{"off, null", nil, []string{"null"}, ""},
		{"one of two", []string{other, friend}, []string{friend}, friend},
		{"not in the list", []string{friend}, []string{other}, ""},
		{"no origin", []string{friend}, nil, ""},
		{"an empty origin", []string{friend}, []string{""}, ""},
		{"null", []string{friend}, []string{"null"}, ""},
		{"null in the list", []string{"null"}, []string{"null"}, ""},
		{"another scheme", []string{friend}, []string{"http://charts.example.com"}, ""},
		{"another port", []string{friend}, []string{friend + ":8443"}, ""},
		{"a subdomain", []string{friend}, []string{"https://x.charts.example.com"}, ""},
		{"a longer name", []string{friend}, []string{friend + ".evil.example"}, ""},
		{"another case", []string{friend}, []string{"https://Charts.example.com"}, ""},
		{"two at once", []string{friend}, []string{friend + ", " + other}, ""},
		{"two lines", []string{friend}, []string{friend, other}, ""},
		{"any", []string{"*"}, []string{other}, "*"},
		{"any, no origin", []string{"*"}, nil, "*"},
		{"any, null", []string{"*"}, []string{"null"}, ""},
		{"any, null beside another", []string{"*"}, []string{friend, "null"}, ""},
	} {
		a := newAPI(t, fakeStore{}, allowing(c.allowed...))
		for _, target := range []string{goodQuery, "/ports", "/openapi.yaml", "/healthz", "/rates", "/nothing"} {
			for _, method := range []string{"GET", "HEAD", "POST"} {
				r := newRequest(method, target)
				for _, sent := range c.sent {
					r.Header.Add("Origin", sent)
				}
				got := a.do(t, r)
				checkOrigins(t, method+" "+target+", "+c.name, got, c.want)
				varies := strings.HasSuffix(got.header.Get("Vary"), "Origin")
				if varies != (len(c.allowed) > 0) || len(got.header.Values("Vary")) > 1 {
					t.Errorf("%s %s, %s: Vary is %q", method, target, c.name, got.header.Values("Vary"))
				}
			}
		}
	}
}

// checkOrigins checks who may read an answer that is not one to a preflight.
func checkOrigins(t *testing.T, name string, got answer, want string) {
	t.Helper()
	expected := map[string]string{
		"Access-Control-Allow-Origin": want, "Cross-Origin-Resource-Policy": "same-origin",
		"Access-Control-Allow-Credentials": "", "Access-Control-Allow-Methods": "", "Access-Control-Max-Age": "",
	}
	if want != "" {
		expected["Cross-Origin-Resource-Policy"] = "cross-origin"
		expected["Access-Control-Expose-Headers"] = "ETag, X-Request-Id"
	}
	for header, value := range expected {
		if values := strings.Join(got.header.Values(header), "|"); values != value {
			t.Errorf("%s: %s is %q, want %q", name, header, values, value)
		}
	}
}

// A 304 lets a script read what it has.
func TestAllowedOriginGetsNotModified(t *testing.T) {
	a := newAPI(t, fakeStore{}, allowing(friend))
	got := a.get(t, goodQuery, "Origin", friend, "If-None-Match", "*")
	if got.status != http.StatusNotModified {
		t.Errorf("status %d", got.status)
	}
	checkOrigins(t, "304", got, friend)
}

// A preflight says what scripts of an allowed origin may send, and says nothing to
// others.
func TestPreflight(t *testing.T) {
	granted := map[string]string{
		"Access-Control-Allow-Methods": "GET, HEAD, OPTIONS",
		"Access-Control-Allow-Headers": "Accept, If-None-Match, X-Request-Id",
		"Access-Control-Max-Age":       "7200",
	}
	for _, c := range []struct {
		name    string
		allowed []string
		headers []string
		origin  string
		granted bool
	}{
		{"allowed", []string{friend}, []string{"Origin", friend, "Access-Control-Request-Method", "GET"}, friend, true},
		{"any", []string{"*"}, []string{"Origin", other, "Access-Control-Request-Method", "GET"}, "*", true},
		{"a method that is not", []string{friend}, []string{"Origin", friend, "Access-Control-Request-Method", "DELETE"}, friend, true},
		{"no preflight", []string{friend}, []string{"Origin", friend}, friend, false},
		{"another origin", []string{friend}, []string{"Origin", other, "Access-Control-Request-Method", "GET"}, "", false},
		{"null", []string{"*"}, []string{"Origin", "null", "Access-Control-Request-Method", "GET"}, "", false},
		{"off", nil, []string{"Origin", friend, "Access-Control-Request-Method", "GET"}, "", false},
	} {
		a := newAPI(t, fakeStore{}, allowing(c.allowed...))
		got := a.ask(t, http.MethodOptions, "/rates", c.headers...)
		if got.status != http.StatusNoContent || got.header.Get("Allow") != "GET, HEAD, OPTIONS" || got.body != "" {
			t.Errorf("%s: status %d, Allow %q, body %q", c.name, got.status, got.header.Get("Allow"), got.body)
		}
		if value := got.header.Get("Access-Control-Allow-Origin"); value != c.origin {
			t.Errorf("%s: Access-Control-Allow-Origin is %q, want %q", c.name, value, c.origin)
		}
		for header := range maps.Keys(granted) {
			want := granted[header]
			if !c.granted {
				want = ""
			}
			if value := got.header.Get(header); value != want {
				t.Errorf("%s: %s is %q, want %q", c.name, header, value, want)
			}
		}
	}
}

// Answers from the cache are the same for all, and do not keep who asked first.
func TestAllowedOriginsAndTheCache(t *testing.T) {
	answers, err := httpapi.NewCache(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	a := newAPI(t, fakeStore{}, allowing(friend, other), func(c *httpapi.Config) { c.Cache, c.Versions = answers, knownVersion(1) })
	for _, origin := range []string{friend, other, "https://third.example.com", friend} {
		want := origin
		if origin == "https://third.example.com" {
			want = ""
		}
		checkOrigins(t, origin, a.get(t, goodQuery, "Origin", origin), want)
	}
	failed := newAPI(t, failing(&rates.Error{Kind: rates.Internal}), allowing(friend))
	checkOrigins(t, "an internal error", failed.get(t, goodQuery, "Origin", friend), friend)
}

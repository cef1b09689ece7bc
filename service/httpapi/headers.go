package httpapi

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"

	"example.com/rates/service/chart"
)

const requestIDHeader = "X-Request-Id"

// maxRequestID is the length of the longest id that a request may bring.
const maxRequestID = 64

// requestID returns the id that the request brings, or a new one if it brings
// none or one that is not safe to log.
func requestID(r *http.Request) string {
	if id := r.Header.Get(requestIDHeader); isRequestID(id) {
		return id
	}
	const digits = 16
	b := strconv.AppendUint(make([]byte, 0, digits), rand.Uint64()|1<<63, 16) // #nosec G404 -- an id to tell requests apart, not a secret
	return string(b)
}

func isRequestID(s string) bool {
	if s == "" || len(s) > maxRequestID {
		return false
	}
	for _, c := range []byte(s) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return true
}

// setHeaders sets the headers of every answer, whatever its status: those that data
// need. They forbid embedding, framing, scripts and type guessing; a copy may be kept,
// but must be checked before it is used again. Representations that are more than data
// have more headers.
func setHeaders(h http.Header, r *http.Request, id []string) {
	h[requestIDHeader] = id
	h["X-Content-Type-Options"] = noSniff
	h["Content-Security-Policy"] = contentSecurityPolicy
	h["Cross-Origin-Resource-Policy"] = sameOrigin
	h["Cache-Control"] = revalidate
	if overTLS(r) {
		h["Strict-Transport-Security"] = oneYear
	}
}

// overTLS reports whether the client uses TLS. Each proxy adds how it was asked, so
// the first element is about the client.
func overTLS(r *http.Request) bool {
	if r.TLS != nil {
		return true
	}
	for scheme := range elements(r.Header["X-Forwarded-Proto"], literal) {
		return strings.EqualFold(scheme, "https")
	}
	return false
}

// The values are shared between answers and must not change.
var (
	noSniff               = []string{"nosniff"}
	contentSecurityPolicy = []string{"default-src 'none'; frame-ancestors 'none'"}
	sameOrigin            = []string{"same-origin"}
	revalidate            = []string{"no-cache, must-revalidate"}
	noStore               = []string{"no-store"}
	oneYear               = []string{"max-age=31536000; includeSubDomains"}
)

// field is a header with its values, which are shared and must not change.
type field struct {
	name   string
	values []string
}

// permissionsPolicy is for documents and scripts.
var permissionsPolicy = field{"Permissions-Policy", []string{"camera=(), geolocation=(), microphone=(), payment=(), usb=()"}}

// pageHeaders are for what a browser shows as a document of its own. It may load
// from this service alone, and nobody may frame or open it. A style, script or
// handler within the text has no effect.
var pageHeaders = []field{
	{"Content-Security-Policy", []string{"default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; " +
		"connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"}},
	permissionsPolicy,
	{"Cross-Origin-Opener-Policy", sameOrigin},
	{"Cross-Origin-Embedder-Policy", []string{"require-corp"}},
}

// chartHeaders are for a chart that a browser shows by itself. It may have its own
// style, and nothing else.
var chartHeaders = []field{
	{"Content-Security-Policy", []string{"default-src 'none'; style-src " + chart.StyleSource() + "; frame-ancestors 'none'"}},
	permissionsPolicy, pageHeaders[2], pageHeaders[3],
}

package httpapi

import (
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
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

// setHeaders sets the headers of every answer, whatever its status. They forbid
// embedding, framing, scripts and type guessing; a copy may be kept, but must be
// checked before it is used again.
func setHeaders(h http.Header, r *http.Request, id []string) {
	h[requestIDHeader] = id
	h["X-Content-Type-Options"] = noSniff
	h["Content-Security-Policy"] = contentSecurityPolicy
	h["Permissions-Policy"] = permissionsPolicy
	h["Cross-Origin-Resource-Policy"] = sameOrigin
	h["Cross-Origin-Opener-Policy"] = sameOrigin
	h["Cross-Origin-Embedder-Policy"] = requireCorp
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
	contentSecurityPolicy = []string{"default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"}
	permissionsPolicy     = []string{"camera=(), geolocation=(), microphone=(), payment=(), usb=()"}
	sameOrigin            = []string{"same-origin"}
	requireCorp           = []string{"require-corp"}
	revalidate            = []string{"no-cache, must-revalidate"}
	noStore               = []string{"no-store"}
	oneYear               = []string{"max-age=31536000; includeSubDomains"}
)

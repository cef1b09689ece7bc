package httpapi

import (
	"net/http"
	"slices"
	"strings"
)

// anyOrigin, as the only allowed origin, allows all.
const anyOrigin = "*"

// noOrigin is what browsers send for pages whose origin nobody can check, such as
// local files and sandboxed frames. It is never allowed.
const noOrigin = "null"

// readable returns the origin whose scripts may read the answer, anyOrigin for all
// and "" for none but our own.
func (a *api) readable(r *http.Request) string {
	sent := r.Header["Origin"]
	switch {
	case slices.Contains(sent, noOrigin), len(sent) > 1:
		return ""
	case slices.Contains(a.AllowedOrigins, anyOrigin):
		return anyOrigin
	case len(sent) == 1 && slices.Contains(a.AllowedOrigins, sent[0]):
		return sent[0]
	default:
		return ""
	}
}

// setOriginHeaders lets scripts of another origin read the answer if they may. That
// depends on Origin, even for those who may not.
func (w *response) setOriginHeaders() {
	h := w.Header()
	h["Vary"] = []string{strings.Join(append(slices.Clip(h["Vary"]), "Origin"), ", ")}
	if w.readable == "" {
		return
	}
	h["Access-Control-Allow-Origin"] = []string{w.readable}
	h["Access-Control-Expose-Headers"] = exposedHeaders
	h["Cross-Origin-Resource-Policy"] = crossOrigin
}

// answerPreflight says what a script of another origin may send.
func (w *response) answerPreflight(r *http.Request) {
	if w.readable == "" || r.Header["Access-Control-Request-Method"] == nil {
		return
	}
	h := w.Header()
	h.Set("Access-Control-Allow-Methods", allowedMethods)
	h.Set("Access-Control-Allow-Headers", "Accept, If-None-Match, "+requestIDHeader)
	h.Set("Access-Control-Max-Age", "7200") // seconds; no browser remembers it for much longer
}

// The values are shared between answers and must not change.
var (
	exposedHeaders = []string{"ETag, " + requestIDHeader}
	crossOrigin    = []string{"cross-origin"}
)

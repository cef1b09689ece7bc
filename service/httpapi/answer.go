package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
)

// answer is an encoded answer with its headers. It is shared between requests
// and must not change.
type answer struct {
	form   *representation
	tag    []string // the ETag header
	length []string // the Content-Length header
	body   []byte
}

func newAnswer(form *representation, tag string, body []byte) *answer {
	return &answer{form: form, tag: []string{tag}, length: []string{strconv.Itoa(len(body))}, body: body}
}

// write writes the answer with status 200, or 304 if the client has it.
func (a *answer) write(w *response, r *http.Request) {
	if notModified(r, a.tag[0]) {
		writeNotModified(w, a.form, a.tag)
		return
	}
	h := w.Header()
	a.form.setHeaders(h)
	h["Etag"] = a.tag
	h["Content-Type"] = a.form.contentType
	h["Content-Length"] = a.length
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(a.body) // fails only if the client hung up
	}
}

func writeNotModified(w *response, form *representation, tag []string) {
	h := w.Header()
	form.setHeaders(h)
	h["Etag"] = tag
	w.WriteHeader(http.StatusNotModified)
}

// contentTag returns the entity tag of an answer that never changes.
func contentTag(body []byte) string {
	sum := sha256.Sum256(body)
	const enough = 16
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:enough]) + `"`
}

// notModified reports whether If-None-Match has the tag or "*" (RFC 9110,
// section 13.1.2).
func notModified(r *http.Request, tag string) bool { return names(r, tag) || names(r, "*") }

// names reports whether If-None-Match has the given tag, weak or strong.
func names(r *http.Request, tag string) bool {
	for candidate := range elements(r.Header["If-None-Match"], literal) {
		if strings.TrimPrefix(candidate, "W/") == tag {
			return true
		}
	}
	return false
}

package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
)

// answer is an encoded answer with its headers. It is shared between requests and
// must not change, but for this: the first client that wants it compressed makes it
// keep its body in that form, too.
type answer struct {
	form  *representation
	plain encoded

	compress   sync.Once
	compressed atomic.Pointer[encoded] // nil until then
	grown      func()                  // is called when the answer has come to take more memory; may be nil
}

// encoded is the body of an answer in one coding, with the headers that belong to it.
type encoded struct {
	coding []string // the Content-Encoding header, nil for none
	tag    []string // the ETag header, nil for none
	length []string // the Content-Length header
	body   []byte
}

// newAnswer returns an answer with the given entity tag, "" for one that no client
// is to ask for again, such as an error.
func newAnswer(form *representation, tag string, body []byte) *answer {
	return &answer{form: form, plain: newEncoded(nil, tag, body)}
}

func newEncoded(coding []string, tag string, body []byte) encoded {
	e := encoded{coding: coding, length: []string{strconv.Itoa(len(body))}, body: body}
	if tag != "" {
		e.tag = []string{tag}
	}
	return e
}

// tag returns the entity tag of the plain body.
func (a *answer) tag() string {
	if a.plain.tag == nil {
		return ""
	}
	return a.plain.tag[0]
}

// write writes the answer with status 200, or 304 if the client has it.
func (a *answer) write(w *response, r *http.Request) {
	if r.Header["If-None-Match"] != nil {
		if tag := w.accepts.held(r, a.tag()); tag != "" {
			writeNotModified(w, a.form, []string{tag})
			return
		}
		if names(r, "*") {
			writeNotModified(w, a.form, a.choose(w).tag)
			return
		}
	}
	a.send(w, r, http.StatusOK)
}

// send writes the answer with a status, whatever the client has.
func (a *answer) send(w *response, r *http.Request, status int) {
	chosen := a.choose(w)
	h := w.Header()
	a.form.setHeaders(h)
	if chosen.tag != nil {
		h["Etag"] = chosen.tag
	}
	if chosen.coding != nil {
		h["Content-Encoding"] = chosen.coding
	}
	h["Content-Type"] = a.form.contentType
	if len(chosen.body) >= heldBack || r.Method == http.MethodHead {
		h["Content-Length"] = chosen.length
	}
	varyByEncoding(h)
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = w.Write(chosen.body) // fails only if the client hung up
	}
}

// heldBack is the size of the smallest body whose length net/http does not find out
// by itself: it holds back the first bytes of a body until it is complete or does not
// fit. It then needs one header less to store, copy and sort, which is a twentieth of
// the processor time of a hot answer.
const heldBack = 2 << 10

func writeNotModified(w *response, form *representation, tag []string) {
	h := w.Header()
	form.setHeaders(h)
	h["Etag"] = tag
	varyByEncoding(h)
	w.WriteHeader(http.StatusNotModified)
}

// varyByEncoding says that the answer depends on Accept-Encoding. Where there is a
// choice of representations, negotiate has said so.
func varyByEncoding(h http.Header) {
	if h["Vary"] == nil {
		h["Vary"] = varyEncoding
	}
}

var varyEncoding = []string{"Accept-Encoding"}

// contentTag returns the entity tag of an answer that never changes.
func contentTag(body []byte) string {
	sum := sha256.Sum256(body)
	const enough = 16
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:enough]) + `"`
}

// names reports whether If-None-Match has the given tag, weak or strong, or "*" if
// that is given (RFC 9110, section 13.1.2).
func names(r *http.Request, tag string) bool {
	for candidate := range elements(r.Header["If-None-Match"], literal) {
		if strings.TrimPrefix(candidate, "W/") == tag {
			return true
		}
	}
	return false
}

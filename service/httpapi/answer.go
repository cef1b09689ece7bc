package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
)

// answerFormat is part of every ETag. It changes with the form of an answer,
// so that a client never keeps one of an older program.
const answerFormat = "1"

// versionTag returns the entity tag of an answer from the given state of the
// data. Answers to different questions share it: a tag belongs to its URL.
func versionTag(version int64, media string) string {
	tag := `"` + answerFormat + "-" + strconv.FormatInt(version, 36)
	if media == mediaCSV {
		tag += "-csv"
	}
	return tag + `"`
}

// contentTag returns the entity tag of an answer that depends on nothing.
func contentTag(body []byte) string {
	sum := sha256.Sum256(body)
	const enough = 16
	return `"` + base64.RawURLEncoding.EncodeToString(sum[:enough]) + `"`
}

// notModified reports whether the client holds the answer with this tag
// already (RFC 9110, section 13.1.2).
func notModified(r *http.Request, tag string) bool {
	for _, header := range r.Header["If-None-Match"] {
		for candidate := range strings.SplitSeq(header, ",") {
			candidate = strings.TrimSpace(candidate)
			if candidate == "*" || strings.TrimPrefix(candidate, "W/") == tag {
				return true
			}
		}
	}
	return false
}

// writeAnswer writes body with status 200, or 304 when the client has it.
func writeAnswer(w *response, r *http.Request, media, tag string, body []byte) {
	h := w.Header()
	h["Etag"] = []string{tag}
	if notModified(r, tag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h["Content-Type"] = []string{contentType(media)}
	setLength(h, len(body))
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a client that hung up has nobody to tell
	}
}

func contentType(media string) string {
	if strings.HasPrefix(media, "text/") {
		return media + "; charset=utf-8"
	}
	return media
}

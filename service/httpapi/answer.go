package httpapi

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"

	"example.com/rates/service/cache"
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
// already, or any answer there is (RFC 9110, section 13.1.2).
func notModified(r *http.Request, tag string) bool { return names(r, tag) || names(r, "*") }

// names reports whether If-None-Match has the given tag, weak or strong.
func names(r *http.Request, tag string) bool {
	for _, header := range r.Header["If-None-Match"] {
		for candidate := range strings.SplitSeq(header, ",") {
			if candidate = strings.TrimSpace(candidate); strings.TrimPrefix(candidate, "W/") == tag {
				return true
			}
		}
	}
	return false
}

// writeAnswer writes body with status 200, or 304 when the client has it.
func writeAnswer(w *response, r *http.Request, media, tag string, body []byte) {
	writeTagged(w, r, media, &cache.Answer{
		Tag: []string{tag}, Length: []string{strconv.Itoa(len(body))}, Body: body,
	})
}

// writeTagged writes an answer with status 200, or 304 when the client has it.
func writeTagged(w *response, r *http.Request, media string, answer *cache.Answer) {
	if notModified(r, answer.Tag[0]) {
		writeNotModified(w, answer.Tag)
		return
	}
	h := w.Header()
	h["Etag"] = answer.Tag
	h["Content-Type"] = contentType(media)
	h["Content-Length"] = answer.Length
	w.WriteHeader(http.StatusOK)
	if r.Method != http.MethodHead {
		_, _ = w.Write(answer.Body) // a client that hung up has nobody to tell
	}
}

func writeNotModified(w *response, tag []string) {
	w.Header()["Etag"] = tag
	w.WriteHeader(http.StatusNotModified)
}

func contentType(media string) []string {
	switch media {
	case mediaJSON:
		return jsonType
	case mediaCSV:
		return csvType
	default:
		return []string{media}
	}
}

var (
	jsonType = []string{mediaJSON}
	csvType  = []string{mediaCSV + "; charset=utf-8"}
)

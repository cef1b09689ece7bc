package httpapi

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"runtime"
	"strings"
)

// worthCompressing is the size of the smallest body that is sent compressed to a
// client that takes it plain as well, in bytes.
const worthCompressing = 1<<10 + 1

// encodings is what a client accepts besides a media type, as weights from 0 to 1.
type encodings struct{ gzip, plain float64 }

// unnamed is the weight of the plain body for a client that names other codings
// only: it comes after all of them.
const unnamed = 1e-6

// acceptedEncodings reads Accept-Encoding (RFC 9110, section 12.5.3). A client that
// names no coding gets the plain body.
func acceptedEncodings(lines []string) encodings {
	if len(lines) == 0 {
		return encodings{plain: 1}
	}
	gzip, plain, other := -1.0, -1.0, -1.0 // not named
	for item := range elements(lines, escapes) {
		coding, parameters, _ := strings.Cut(item, ";")
		q, ok := qualityOf(parameters)
		if !ok {
			continue
		}
		switch coding = trim(coding); {
		case strings.EqualFold(coding, "gzip"), strings.EqualFold(coding, "x-gzip"):
			gzip = max(gzip, q)
		case strings.EqualFold(coding, "identity"):
			plain = max(plain, q)
		case coding == "*":
			other = max(other, q)
		}
	}
	if gzip < 0 {
		gzip = max(other, 0)
	}
	if plain < 0 {
		plain = other
	}
	if plain < 0 {
		plain = unnamed
	}
	return encodings{gzip, plain}
}

// none reports whether the client accepts nothing that is offered.
func (e encodings) none() bool { return e.gzip <= 0 && e.plain <= 0 }

func (e encodings) prefersGzip() bool { return e.gzip > 0 && e.gzip >= e.plain }

// held returns the entity tag in If-None-Match that belongs to an answer with the
// given tag, or "". A client that does not accept the coding of what it has gets the
// answer again: a cache asks on behalf of many clients, and would pass it on.
func (e encodings) held(r *http.Request, tag string) string {
	compressed := gzipTag(tag)
	switch hasPlain, hasGzip := names(r, tag), e.gzip > 0 && names(r, compressed); {
	case hasGzip && (e.prefersGzip() || !hasPlain):
		return compressed
	case hasPlain && e.plain > 0:
		return tag
	default:
		return ""
	}
}

// gzipTag returns the entity tag of the compressed body of an answer: one tag means
// the same bytes.
func gzipTag(tag string) string {
	if tag == "" {
		return ""
	}
	return strings.TrimSuffix(tag, `"`) + `-gzip"`
}

// choose returns the body that the client prefers. One that is small, or that would
// not become smaller, is compressed only for a client that takes nothing else.
func (a *answer) choose(w *response) *encoded {
	switch {
	case !w.accepts.prefersGzip(), w.accepts.plain > 0 && len(a.plain.body) < worthCompressing:
		return &a.plain
	}
	a.compress.Do(func() {
		b := newEncoded(asGzip, gzipTag(a.tag()), w.api.compressor.gzip(a.plain.body))
		a.compressed.Store(&b)
		if a.grown != nil {
			a.grown()
		}
	})
	compressed := a.compressed.Load()
	if w.accepts.plain > 0 && len(compressed.body) >= len(a.plain.body) {
		return &a.plain
	}
	return compressed
}

var asGzip = []string{"gzip"}

// compressor compresses a few bodies at a time, since each takes almost a megabyte
// while it is compressed. It holds the writers that are idle; nil stands for one
// that is yet to be made.
type compressor chan *gzip.Writer

func newCompressor() compressor {
	const most = 4
	c := make(compressor, min(most, runtime.GOMAXPROCS(0)))
	for range cap(c) {
		c <- nil
	}
	return c
}

// gzip returns the body compressed. It waits for its turn.
func (c compressor) gzip(plain []byte) []byte {
	// Level 6, the default, takes half as much time again and saves a fiftieth.
	const level = 5
	var out bytes.Buffer
	w := <-c
	defer func() { c <- w }()
	if w == nil {
		w, _ = gzip.NewWriterLevel(&out, level) // fails only for another level
	}
	w.Reset(&out)
	_, _ = w.Write(plain) // a buffer takes everything
	_ = w.Close()
	return bytes.Clone(out.Bytes())
}

package accesslog

import (
	"context"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"time"
)

// NewJSON returns a handler that writes what slog.NewJSONHandler would, and is
// quick with entries. w must be safe for concurrent use.
func NewJSON(w io.Writer, level slog.Leveler) slog.Handler {
	return &jsonHandler{Handler: slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}), w: w}
}

// jsonHandler writes itself only what needs no escaping; all else, and whatever
// With adds attributes to, is left to the handler of slog.
type jsonHandler struct {
	slog.Handler
	w io.Writer
}

var lines = sync.Pool{New: func() any {
	const usual = 512
	line := make([]byte, 0, usual)
	return &line
}}

// Handle implements slog.Handler.
func (h *jsonHandler) Handle(ctx context.Context, record slog.Record) error {
	e := entryOf(record)
	if e == nil || !e.isPlain() {
		return h.Handler.Handle(ctx, record)
	}
	line, _ := lines.Get().(*[]byte)
	*line = e.appendJSON((*line)[:0], record)
	_, err := h.w.Write(*line)
	lines.Put(line)
	return err
}

func entryOf(record slog.Record) (e *Entry) {
	if record.NumAttrs() != 1 {
		return nil
	}
	record.Attrs(func(a slog.Attr) bool {
		if a.Key == "" && a.Value.Kind() == slog.KindLogValuer {
			e, _ = a.Value.LogValuer().(*Entry)
		}
		return false
	})
	return e
}

// isPlain reports whether every text is JSON as it is between quotes.
func (e *Entry) isPlain() bool {
	return e.Err == nil && isPlain(e.RequestID) && isPlain(e.Method) && isPlain(e.Path) && isPlain(e.Query) && isPlain(e.Client)
}

func isPlain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' || c > '~' || c == '"' || c == '\\' {
			return false
		}
	}
	return true
}

func (e *Entry) appendJSON(b []byte, record slog.Record) []byte {
	b = append(b, `{"time":"`...)
	b = record.Time.AppendFormat(b, time.RFC3339Nano)
	b = appendText(b, `","level":"`, record.Level.String())
	b = appendText(b, `","msg":"`, record.Message)
	b = appendText(b, `","request_id":"`, e.RequestID)
	b = appendText(b, `","method":"`, e.Method)
	b = appendText(b, `","path":"`, e.Path)
	b = appendText(b, `","query":"`, e.Query)
	b = appendNumber(b, `","status":`, int64(e.Status))
	b = appendNumber(b, `,"bytes":`, int64(e.Bytes))
	b = appendNumber(b, `,"took_us":`, e.Took.Microseconds())
	b = appendText(b, `,"client":"`, e.Client)
	return append(b, "\"}\n"...)
}

func appendText(b []byte, before, s string) []byte { return append(append(b, before...), s...) }

func appendNumber(b []byte, before string, n int64) []byte {
	return strconv.AppendInt(append(b, before...), n, 10)
}

// Package accesslog writes one line for each request: the line that log/slog
// would write, for a fraction of the processor time.
package accesslog

import (
	"context"
	"io"
	"log/slog"
	"strconv"
	"sync"
	"time"
)

// Entry is the log entry of one request.
type Entry struct {
	RequestID string
	Method    string
	Path      string
	Query     string // as it was sent
	Status    int
	Bytes     int           // of the body
	Took      time.Duration // until the handler was done
	Client    string        // host and port
	Err       error         // why the request failed, or nil
}

// message is the msg of every line.
const message = "request"

// Logger writes entries.
type Logger struct {
	handler slog.Handler
	json    io.Writer // where handler writes JSON; nil for other formats
}

// NewJSON returns a Logger that writes entries from level up as JSON. w must be
// safe for concurrent use.
func NewJSON(w io.Writer, level slog.Leveler) *Logger {
	return &Logger{handler: slog.NewJSONHandler(w, &slog.HandlerOptions{Level: level}), json: w}
}

// NewText returns a Logger that writes entries from level up as key=value pairs.
func NewText(w io.Writer, level slog.Leveler) *Logger {
	return &Logger{handler: slog.NewTextHandler(w, &slog.HandlerOptions{Level: level})}
}

// Log writes the entry of a request that ended at the given time. Errors of the
// writer are ignored: there is nowhere to report them.
func (l *Logger) Log(ctx context.Context, at time.Time, level slog.Level, e *Entry) {
	switch {
	case !l.handler.Enabled(ctx, level):
	case l.json != nil && e.isPlain():
		line, _ := lines.Get().(*[]byte)
		*line = e.appendJSON((*line)[:0], at, level)
		_, _ = l.json.Write(*line)
		lines.Put(line)
	default:
		record := slog.NewRecord(at, level, message, 0)
		record.AddAttrs(e.attrs()...)
		_ = l.handler.Handle(ctx, record)
	}
}

var lines = sync.Pool{New: func() any {
	const usual = 512
	line := make([]byte, 0, usual)
	return &line
}}

// attrs returns the entry as slog has it. appendJSON writes the same.
func (e *Entry) attrs() []slog.Attr {
	attrs := []slog.Attr{
		slog.String("request_id", e.RequestID),
		slog.String("method", e.Method),
		slog.String("path", e.Path),
		slog.String("query", e.Query),
		slog.Int("status", e.Status),
		slog.Int("bytes", e.Bytes),
		slog.Int64("took_us", e.Took.Microseconds()),
		slog.String("client", e.Client),
	}
	if e.Err != nil {
		attrs = append(attrs, slog.Any("error", e.Err))
	}
	return attrs
}

// isPlain reports whether no text of the entry needs escaping in JSON.
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

// appendJSON appends the line of an entry that is plain.
func (e *Entry) appendJSON(b []byte, at time.Time, level slog.Level) []byte {
	b = append(b, `{"time":"`...)
	b = at.AppendFormat(b, time.RFC3339Nano)
	b = appendText(b, `","level":"`, level.String())
	b = appendText(b, `","msg":"`, message)
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

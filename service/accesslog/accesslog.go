// Package accesslog writes one line for each request: what log/slog would
// write, for a fraction of the processor time.
package accesslog

import (
	"context"
	"log/slog"
	"time"
)

// Entry is what is logged of one request.
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

// LogValue implements slog.LogValuer, for handlers that do not know entries.
func (e *Entry) LogValue() slog.Value {
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
	return slog.GroupValue(attrs...)
}

// Log writes e, which must not change any more. Unlike slog.Logger it does not
// look for the line of source that it is called from.
func Log(ctx context.Context, to slog.Handler, at time.Time, level slog.Level, e *Entry) error {
	record := slog.NewRecord(at, level, "request", 0)
	// The attributes of a group without a name stand among the others.
	record.AddAttrs(slog.Any("", e))
	return to.Handle(ctx, record)
}

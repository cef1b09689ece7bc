package accesslog_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"example.com/rates/service/accesslog"
)

// usual is the entry of nearly every request.
var usual = accesslog.Entry{
	RequestID: "b5732ad1f583f002", Method: "GET", Path: "/rates",
	Query:  "date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL",
	Status: 200, Bytes: 1698, Took: 2909 * time.Microsecond, Client: "127.0.0.1:56432",
}

var moment = time.Date(2021, 1, 31, 23, 59, 58, 120_450_000, time.FixedZone("", -5400))

// line returns the line that the logger from newLogger writes for e.
func line(newLogger func(io.Writer, slog.Leveler) *accesslog.Logger, level slog.Level, e accesslog.Entry) string {
	var out bytes.Buffer
	newLogger(&out, slog.LevelInfo).Log(context.Background(), moment, level, &e)
	return out.String()
}

// slogLine returns the line that the handler from newHandler writes for e.
func slogLine(newHandler func(io.Writer) slog.Handler, level slog.Level, e accesslog.Entry) string {
	var out bytes.Buffer
	if handler := newHandler(&out); handler.Enabled(context.Background(), level) {
		_ = handler.Handle(context.Background(), record(level, e)) // a bytes.Buffer takes everything
	}
	return out.String()
}

func record(level slog.Level, e accesslog.Entry) slog.Record {
	r := slog.NewRecord(moment, level, "request", 0)
	r.Add("request_id", e.RequestID, "method", e.Method, "path", e.Path, "query", e.Query, "status", e.Status,
		"bytes", e.Bytes, "took_us", e.Took.Microseconds(), "client", e.Client)
	if e.Err != nil {
		r.Add("error", e.Err)
	}
	return r
}

func slogJSON(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) }
func slogText(w io.Writer) slog.Handler { return slog.NewTextHandler(w, nil) }

func TestLine(t *testing.T) {
	want := `{"time":"2021-01-31T23:59:58.12045-01:30","level":"INFO","msg":"request","request_id":"b5732ad1f583f002",` +
		`"method":"GET","path":"/rates","query":"date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL",` +
		`"status":200,"bytes":1698,"took_us":2909,"client":"127.0.0.1:56432"}` + "\n"
	if got := line(accesslog.NewJSON, slog.LevelInfo, usual); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	failed := usual
	failed.Err = errors.New(`disk "a" on fire`)
	want = want[:len(want)-2] + `,"error":"disk \"a\" on fire"}` + "\n"
	if got := line(accesslog.NewJSON, slog.LevelInfo, failed); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Whatever a client sends, the line is the one that log/slog would write, so
// that no client can forge a line.
func FuzzLineIsThatOfSlog(f *testing.F) {
	f.Add("b5732ad1f583f002", "GET", "/rates", "a=b&c=%00", "[::1]:1", 200, 0, int64(1), 0, "")
	f.Add("", "P\"UT", "/\n{\"time\":1}", "\\", "", -1, 1<<40, int64(-1), 8, "x")
	f.Add("\x7f", "\u2028", "<&>", "\xff", "é", 0, 0, int64(0), 1, "\t")
	f.Add("a", "GET", "/healthz", "", "", 200, 0, int64(0), -4, "")
	f.Fuzz(func(t *testing.T, id, method, path, query, client string, status, size int, took int64, level int, cause string) {
		e := accesslog.Entry{
			RequestID: id, Method: method, Path: path, Query: query, Client: client,
			Status: status, Bytes: size, Took: time.Duration(took),
		}
		if cause != "" {
			e.Err = errors.New(cause)
		}
		if got, want := line(accesslog.NewJSON, slog.Level(level), e), slogLine(slogJSON, slog.Level(level), e); got != want {
			t.Errorf("JSON:\ngot  %s\nwant %s", got, want)
		}
		if got, want := line(accesslog.NewText, slog.Level(level), e), slogLine(slogText, slog.Level(level), e); got != want {
			t.Errorf("text:\ngot  %s\nwant %s", got, want)
		}
	})
}

func TestLevel(t *testing.T) {
	var out bytes.Buffer
	log := accesslog.NewJSON(&out, slog.LevelWarn)
	if log.Log(context.Background(), moment, slog.LevelInfo, &usual); out.Len() > 0 {
		t.Errorf("below the level: %s", out.String())
	}
	if log.Log(context.Background(), moment, slog.LevelWarn, &usual); out.Len() == 0 {
		t.Error("nothing is logged at the level itself")
	}
}

func TestUsualLineAllocatesNothing(t *testing.T) {
	log, e := accesslog.NewJSON(io.Discard, slog.LevelInfo), usual
	if n := testing.AllocsPerRun(1000, func() { log.Log(context.Background(), moment, slog.LevelInfo, &e) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkLog(b *testing.B) {
	e := usual
	b.Run("accesslog", func(b *testing.B) {
		log := accesslog.NewJSON(io.Discard, slog.LevelInfo)
		b.ReportAllocs()
		for b.Loop() {
			log.Log(context.Background(), moment, slog.LevelInfo, &e)
		}
	})
	b.Run("slog", func(b *testing.B) {
		handler := slogJSON(io.Discard)
		b.ReportAllocs()
		for b.Loop() {
			_ = handler.Handle(context.Background(), record(slog.LevelInfo, e))
		}
	})
}

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

// usual is the line of nearly every request.
var usual = accesslog.Entry{
	RequestID: "b5732ad1f583f002", Method: "GET", Path: "/rates",
	Query:  "date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL",
	Status: 200, Bytes: 1698, Took: 2909 * time.Microsecond, Client: "127.0.0.1:56432",
}

var moment = time.Date(2021, 1, 31, 23, 59, 58, 120_450_000, time.FixedZone("", -5400))

// line returns what the handler that newHandler makes writes for e.
func line(t *testing.T, newHandler func(io.Writer) slog.Handler, level slog.Level, e accesslog.Entry) string {
	t.Helper()
	var out bytes.Buffer
	if err := accesslog.Log(t.Context(), newHandler(&out), moment, level, &e); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func ours(w io.Writer) slog.Handler  { return accesslog.NewJSON(w, slog.LevelInfo) }
func plain(w io.Writer) slog.Handler { return slog.NewJSONHandler(w, nil) }

func TestLine(t *testing.T) {
	want := `{"time":"2021-01-31T23:59:58.12045-01:30","level":"INFO","msg":"request","request_id":"b5732ad1f583f002",` +
		`"method":"GET","path":"/rates","query":"date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL",` +
		`"status":200,"bytes":1698,"took_us":2909,"client":"127.0.0.1:56432"}` + "\n"
	if got := line(t, ours, slog.LevelInfo, usual); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	failed := usual
	failed.Err = errors.New(`disk "a" on fire`)
	want = want[:len(want)-2] + `,"error":"disk \"a\" on fire"}` + "\n"
	if got := line(t, ours, slog.LevelInfo, failed); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// Whatever a client sends, a line is the one that log/slog would write, so that
// nobody can forge one.
func FuzzLineIsThatOfSlog(f *testing.F) {
	f.Add("b5732ad1f583f002", "GET", "/rates", "a=b&c=%00", "[::1]:1", 200, 0, int64(1), 0, "")
	f.Add("", "P\"UT", "/\n{\"time\":1}", "\\", "", -1, 1<<40, int64(-1), 8, "x")
	f.Add("\x7f", "\u2028", "<&>", "\xff", "é", 0, 0, int64(0), 1, "\t")
	f.Fuzz(func(t *testing.T, id, method, path, query, client string, status, size int, took int64, level int, cause string) {
		e := accesslog.Entry{
			RequestID: id, Method: method, Path: path, Query: query, Client: client,
			Status: status, Bytes: size, Took: time.Duration(took),
		}
		if cause != "" {
			e.Err = errors.New(cause)
		}
		got, want := line(t, ours, slog.Level(level), e), line(t, plain, slog.Level(level), e)
		if got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	})
}

// What is no entry, and what has more attributes, is written as ever.
func TestOtherRecords(t *testing.T) {
	write := func(newHandler func(io.Writer) slog.Handler) string {
		var out bytes.Buffer
		handler := newHandler(&out)
		for _, h := range []slog.Handler{
			handler, handler.WithAttrs([]slog.Attr{slog.Int("a", 1)}), handler.WithGroup("g"),
		} {
			e := usual
			if err := accesslog.Log(t.Context(), h, moment, slog.LevelWarn, &e); err != nil {
				t.Fatal(err)
			}
			for _, attrs := range [][]slog.Attr{nil, {slog.Int("n", 1)}, {slog.Any("entry", &e)}, {slog.Any("", &e), slog.Int("n", 1)}} {
				record := slog.NewRecord(moment, slog.LevelInfo, "other", 0)
				record.AddAttrs(attrs...)
				if err := h.Handle(t.Context(), record); err != nil {
					t.Fatal(err)
				}
			}
		}
		return out.String()
	}
	if got, want := write(ours), write(plain); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

func TestLevel(t *testing.T) {
	handler := accesslog.NewJSON(io.Discard, slog.LevelWarn)
	if handler.Enabled(t.Context(), slog.LevelInfo) || !handler.Enabled(t.Context(), slog.LevelWarn) {
		t.Error("the level is not kept to")
	}
}

func TestUsualLineAllocatesNothing(t *testing.T) {
	handler, e := ours(io.Discard), usual
	log := func() { _ = accesslog.Log(context.Background(), handler, moment, slog.LevelInfo, &e) }
	if n := testing.AllocsPerRun(1000, log); n > 0 {
		t.Errorf("%v allocations", n)
	}
}

func BenchmarkLog(b *testing.B) {
	for name, handler := range map[string]slog.Handler{"accesslog": ours(io.Discard), "slog": plain(io.Discard)} {
		b.Run(name, func(b *testing.B) {
			e := usual
			b.ReportAllocs()
			for b.Loop() {
				_ = accesslog.Log(context.Background(), handler, moment, slog.LevelInfo, &e)
			}
		})
	}
}

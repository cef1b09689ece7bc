package httpapi

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/gorilla/mux"
	"github.com/prometheus/client_golang/prometheus"

	"example.com/rates/service/accesslog"
	"example.com/rates/service/admission"
	"example.com/rates/service/rates"
)

// monthAnswer returns the question and the answer of the benchmarks.
func monthAnswer() (rates.Query, rates.Answer) {
	first := rates.DayOf(time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC))
	q := rates.Query{From: first, To: first + 30, Origin: "CNGGZ", Destination: "EETLL"}
	answer := rates.Answer{Version: 1}
	for day := q.To; day >= q.From; day-- {
		answer.Rates = append(answer.Rates, rates.DailyRate{Day: day, Total: 3463, Count: 3})
	}
	return q, answer
}

func BenchmarkRatesJSON(b *testing.B) {
	q, answer := monthAnswer()
	body := appendRatesJSON(nil, q, answer)
	b.ReportAllocs()
	b.SetBytes(int64(len(body)))
	for b.Loop() {
		body = appendRatesJSON(body[:0], q, answer)
	}
}

// cannedStore gives every question the same answer, and counts.
type cannedStore struct {
	rates.Store
	answer rates.Answer
	asked  *int
}

func (s cannedStore) DailyRates(context.Context, rates.Query) (rates.Answer, error) {
	*s.asked++
	return s.answer, nil
}

// versionOne is Versions for data that never change.
type versionOne struct{}

func (versionOne) Current() (int64, bool) { return 1, true }
func (versionOne) Saw(int64)              {}

// hotPath asks one question repeatedly, with metrics and log as in production:
// everything but the network and, once the answer is cached, the database.
type hotPath struct {
	cfg     Config
	handler http.Handler
	request *http.Request
	writer  discardWriter
	asked   int
}

func newHotPath(tb testing.TB, cacheMB uint64) *hotPath {
	tb.Helper()
	metrics, err := NewMetrics(prometheus.NewRegistry())
	if err != nil {
		tb.Fatal(err)
	}
	p := &hotPath{writer: discardWriter{header: http.Header{}}}
	_, answer := monthAnswer()
	p.cfg = Config{
		Store: cannedStore{answer: answer, asked: &p.asked}, Versions: versionOne{},
		Log: accesslog.NewJSON(io.Discard, slog.LevelInfo), Metrics: metrics,
		Questions: admission.New(admission.Config{Slots: 16, Most: 16, Patience: time.Minute}),
		MaxDays:   3660, Timeout: time.Minute,
	}
	if cacheMB > 0 {
		if p.cfg.Cache, err = NewCache(cacheMB << 20); err != nil {
			tb.Fatal(err)
		}
	}
	p.handler = New(p.cfg)
	p.request = httptest.NewRequest(http.MethodGet,
		"/rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL", nil)
	p.ask() // fills the cache
	return p
}

func (p *hotPath) ask() {
	clear(p.writer.header)
	p.handler.ServeHTTP(&p.writer, p.request)
}

// check fails the test unless every answer after the first came from the cache.
func (p *hotPath) check(tb testing.TB, status int) {
	tb.Helper()
	if p.writer.status != status || p.asked != 1 {
		tb.Fatalf("status %d, and %d questions reached the store", p.writer.status, p.asked)
	}
}

// BenchmarkHotAnswer is an answer from the cache. Besides all allocations it
// reports our own.
func BenchmarkHotAnswer(b *testing.B) {
	p := newHotPath(b, 1)
	own := p.ownAllocations(b)
	b.ReportAllocs()
	for b.Loop() {
		p.ask()
	}
	b.ReportMetric(own, "own-allocs/op")
	p.check(b, http.StatusOK)
}

// BenchmarkHotCompressed is the same for a client that wants it compressed.
func BenchmarkHotCompressed(b *testing.B) {
	p := newHotPath(b, 1)
	p.request.Header.Set("Accept-Encoding", "gzip, deflate, br")
	b.ReportAllocs()
	for b.Loop() {
		p.ask()
	}
	p.check(b, http.StatusOK)
}

// BenchmarkHotNotModified is the same for a client that has the answer.
func BenchmarkHotNotModified(b *testing.B) {
	p := newHotPath(b, 1)
	p.request.Header.Set("If-None-Match", p.writer.header.Get("Etag"))
	b.ReportAllocs()
	for b.Loop() {
		p.ask()
	}
	p.check(b, http.StatusNotModified)
}

// BenchmarkColdAnswer is an answer from a store that needs no time.
func BenchmarkColdAnswer(b *testing.B) {
	p := newHotPath(b, 0)
	b.ReportAllocs()
	for b.Loop() {
		p.ask()
	}
	if p.writer.status != http.StatusOK {
		b.Fatalf("status %d", p.writer.status)
	}
}

// ownAllocations returns how many allocations an answer makes, without those of
// mux to find its route. Those of net/http are not counted either, since there is
// no connection.
func (p *hotPath) ownAllocations(tb testing.TB) float64 {
	tb.Helper()
	const runs = 1000
	routes, ok := p.handler.(withoutVars)
	if !ok {
		tb.Fatalf("the handler is a %T", p.handler)
	}
	routing := testing.AllocsPerRun(runs, func() {
		var match mux.RouteMatch
		routes.router.Match(p.request, &match)
	})
	return testing.AllocsPerRun(runs, p.ask) - routing
}

// A hot answer costs two allocations of our own, compressed or not: the record of
// the answer and the request id.
func TestHotAnswerAllocations(t *testing.T) {
	most := 2.0
	if raced {
		most++ // with the race detector sync.Pool drops some of its items
	}
	for _, accept := range []string{"identity", "gzip, deflate, br"} {
		p := newHotPath(t, 1)
		p.request.Header.Set("Accept-Encoding", accept)
		p.ask()
		if own := p.ownAllocations(t); own > most {
			t.Errorf("as %s an answer from the cache makes %v allocations besides those of the router, want at most %v", accept, own, most)
		}
		p.check(t, http.StatusOK)
	}
}

// discardWriter keeps nothing but the headers, the status and how many bytes the last
// write had.
type discardWriter struct {
	header http.Header
	status int
	bytes  int
}

func (w *discardWriter) Header() http.Header    { return w.header }
func (w *discardWriter) WriteHeader(status int) { w.status = status }

func (w *discardWriter) Write(b []byte) (int, error) {
	w.bytes = len(b)
	return len(b), nil
}

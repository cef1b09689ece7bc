package httpapi

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"example.com/rates/service/rates"
)

// monthAnswer is the question and the answer that the benchmarks are about.
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

// cannedStore answers every question alike.
type cannedStore struct {
	rates.Store
	answer rates.Answer
}

func (s cannedStore) DailyRates(context.Context, rates.Query) (rates.Answer, error) {
	return s.answer, nil
}

// BenchmarkHandler is a question from the parsed request to the written
// answer, with all but the network and the database.
func BenchmarkHandler(b *testing.B) {
	_, answer := monthAnswer()
	handler := New(Config{
		Store: cannedStore{answer: answer}, Log: slog.New(slog.NewJSONHandler(io.Discard, nil)),
		MaxDays: 3660, MaxQuestions: 16, Timeout: time.Minute,
	})
	r := httptest.NewRequest(http.MethodGet, "/rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL", nil)
	w := &discardWriter{header: http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		clear(w.header)
		handler.ServeHTTP(w, r)
	}
	if w.status != http.StatusOK {
		b.Fatalf("status %d", w.status)
	}
}

// discardWriter keeps nothing but the status.
type discardWriter struct {
	header http.Header
	status int
}

func (w *discardWriter) Header() http.Header         { return w.header }
func (w *discardWriter) Write(b []byte) (int, error) { return len(b), nil }
func (w *discardWriter) WriteHeader(status int)      { w.status = status }

package httpapi_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	dto "github.com/prometheus/client_model/go"

	"example.com/rates/internal/testkit"
	"example.com/rates/service/admission"
	"example.com/rates/service/httpapi"
	"example.com/rates/service/rates"
)

// Questions beyond the limit are refused at once, with a time to retry; requests
// without a question to the database are still answered.
func TestTooManyQuestions(t *testing.T) {
	asked, release := make(chan struct{}), make(chan struct{})
	a := newAPI(t, fakeStore{dailyRates: func(context.Context, rates.Query) (rates.Answer, error) {
		asked <- struct{}{}
		<-release
		return rates.Answer{}, nil
	}}, func(c *httpapi.Config) { c.Questions = newQueue(2) })
	answered := make(chan int)
	for range 2 {
		go func() {
			rec := httptest.NewRecorder()
			a.ServeHTTP(rec, newRequest(http.MethodGet, goodQuery))
			answered <- rec.Code
		}()
		<-asked
	}
	for _, target := range []string{goodQuery, "/ports", "/regions"} {
		got := a.get(t, target)
		doc := wantKind(t, got, http.StatusServiceUnavailable, "too-busy")
		if doc.Detail != "More questions arrive than the database answers. Try again in a second." || got.header.Get("Retry-After") != "1" {
			t.Errorf("%s: %q, Retry-After %q", target, doc.Detail, got.header.Get("Retry-After"))
		}
	}
	for _, target := range []string{"/", "/healthz", "/readyz", "/openapi.yaml", "/docs"} {
		if got := a.get(t, target); got.status != http.StatusOK {
			t.Errorf("%s while busy: status %d", target, got.status)
		}
	}
	close(release)
	for range 2 {
		if status := <-answered; status != http.StatusOK {
			t.Errorf("a running question got status %d", status)
		}
	}
	if got := a.get(t, "/ports"); got.status != http.StatusOK {
		t.Errorf("once they are done: status %d", got.status)
	}
}

// A question whose turn does not come in the time allowed for it is refused too.
func TestNoTurnInTime(t *testing.T) {
	asked, release := make(chan struct{}), make(chan struct{})
	a := newAPI(t, fakeStore{dailyRates: func(context.Context, rates.Query) (rates.Answer, error) {
		asked <- struct{}{}
		<-release
		return rates.Answer{}, nil
	}}, func(c *httpapi.Config) {
		c.Questions = admission.New(admission.Config{Slots: 1, Most: 2, Patience: time.Minute})
		c.Timeout = 20 * time.Millisecond
	})
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		a.ServeHTTP(httptest.NewRecorder(), newRequest(http.MethodGet, goodQuery))
	}()
	<-asked
	wantKind(t, a.get(t, "/ports"), http.StatusServiceUnavailable, "too-busy")
	close(release)
	<-answered
}

// What needs no database does not wait for others that do: answers from the cache,
// and those that the client has.
func TestKnownAnswersDoNotWait(t *testing.T) {
	answers, err := httpapi.NewCache(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	asked, release := make(chan struct{}), make(chan struct{})
	block := false
	a := newAPI(t, fakeStore{dailyRates: func(context.Context, rates.Query) (rates.Answer, error) {
		if block {
			close(asked)
			<-release
		}
		return rates.Answer{Version: 7}, nil
	}}, func(c *httpapi.Config) {
		c.Cache, c.Versions, c.Questions = answers, knownVersion(7), newQueue(1)
	})
	known := a.get(t, goodQuery)
	other := strings.Replace(goodQuery, "2021-01-31", "2021-01-30", 1)
	block = true
	answered := make(chan struct{})
	go func() {
		defer close(answered)
		a.ServeHTTP(httptest.NewRecorder(), newRequest(http.MethodGet, other))
	}()
	<-asked
	if got := a.get(t, goodQuery); got.status != http.StatusOK {
		t.Errorf("an answer from the cache has status %d", got.status)
	}
	if got := a.get(t, other, "If-None-Match", known.header.Get("ETag")); got.status != http.StatusNotModified {
		t.Errorf("an answer that the client has, has status %d", got.status)
	}
	wantKind(t, a.get(t, strings.Replace(goodQuery, "2021-01-31", "2021-01-29", 1)), http.StatusServiceUnavailable, "too-busy")
	close(release)
	<-answered
}

// A slow client does not keep its place before the database: it is free once the
// database has answered.
func TestSlowClientsHoldNoPlace(t *testing.T) {
	a := newAPI(t, fakeStore{}, func(c *httpapi.Config) { c.Questions = newQueue(1) })
	for _, target := range []string{goodQuery, "/ports", "/regions"} {
		reading, read := make(chan struct{}), make(chan struct{})
		done := make(chan struct{})
		go func() {
			defer close(done)
			a.ServeHTTP(slowWriter{httptest.NewRecorder(), reading, read}, newRequest(http.MethodGet, target))
		}()
		<-reading
		if got := a.get(t, "/ports"); got.status != http.StatusOK {
			t.Errorf("while a client reads %s: status %d", target, got.status)
		}
		close(read)
		<-done
	}
}

// slowWriter writes once read is closed.
type slowWriter struct {
	*httptest.ResponseRecorder
	reading, read chan struct{}
}

func (w slowWriter) Write(b []byte) (int, error) {
	close(w.reading)
	<-w.read
	return w.ResponseRecorder.Write(b)
}

// silentWriter fails the test if anything is written.
type silentWriter struct {
	*httptest.ResponseRecorder
	t *testing.T
}

func (w silentWriter) WriteHeader(status int)    { w.t.Errorf("status %d was written", status) }
func (w silentWriter) Write([]byte) (int, error) { w.t.Error("a body was written"); return 0, nil }

// A client that hung up gets no answer, and is not counted as our error.
func TestClientHangsUp(t *testing.T) {
	ctx, hangUp := context.WithCancel(t.Context())
	a := newAPI(t, fakeStore{dailyRates: func(ctx context.Context, _ rates.Query) (rates.Answer, error) {
		hangUp()
		<-ctx.Done()
		return rates.Answer{}, &rates.Error{Kind: rates.Timeout, Message: "Slow.", Cause: ctx.Err()}
	}})
	func() {
		defer func() {
			if err, _ := recover().(error); !errors.Is(err, http.ErrAbortHandler) {
				t.Errorf("net/http is told %v, want %v", err, http.ErrAbortHandler)
			}
		}()
		a.ServeHTTP(silentWriter{httptest.NewRecorder(), t}, newRequest(http.MethodGet, goodQuery, "X-Request-Id", "gone").WithContext(ctx))
	}()
	if line := a.logged(t, "gone"); line["status"] != 499.0 || line["level"] != "INFO" {
		t.Errorf("the log has %v", line)
	}
	if got := a.count(t, "/rates", "GET", "499"); got != 1 {
		t.Errorf("counted %v times", got)
	}
}

// The same over a connection: the store's context ends when the client leaves. A client
// that only sends no more gets nothing, rather than an empty 200.
func TestClientClosesItsSide(t *testing.T) {
	asked := make(chan struct{})
	a := newAPI(t, fakeStore{dailyRates: func(ctx context.Context, _ rates.Query) (rates.Answer, error) {
		close(asked)
		<-ctx.Done()
		return rates.Answer{}, ctx.Err()
	}})
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", a.serve(t).Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := fmt.Fprintf(conn, "GET %s HTTP/1.1\r\nHost: localhost\r\n\r\n", goodQuery); err != nil {
		t.Fatal(err)
	}
	<-asked
	if err := conn.(*net.TCPConn).CloseWrite(); err != nil { //nolint:forcetypeassert // the network is tcp
		t.Fatal(err)
	}
	if got, err := io.ReadAll(conn); err != nil || len(got) > 0 {
		t.Errorf("the client got %q, %v", got, err)
	}
	testkit.Eventually(t, "the request is counted", func() bool { return a.count(t, "/rates", "GET", "499") == 1 })
}

// metric returns the samples of a metric family.
func (a *api) metric(t *testing.T, name string) []*dto.Metric {
	t.Helper()
	families, err := a.registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, family := range families {
		if family.GetName() == name {
			return family.GetMetric()
		}
	}
	return nil
}

// labels returns the values of the labels, in the order of their names.
func labels(m *dto.Metric) string {
	var values []string
	for _, pair := range m.GetLabel() {
		values = append(values, pair.GetValue())
	}
	return strings.Join(values, " ")
}

// count returns http_requests_total.
func (a *api) count(t *testing.T, route, method, status string) float64 {
	t.Helper()
	for _, m := range a.metric(t, "http_requests_total") {
		if labels(m) == method+" "+route+" "+status {
			return m.GetCounter().GetValue()
		}
	}
	return 0
}

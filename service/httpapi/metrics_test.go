package httpapi_test

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"example.com/rates/service/httpapi"
	"example.com/rates/service/rates"
)

// Each request is counted once, by route, method and status; made-up paths and
// methods share one series.
func TestRequestsAreCounted(t *testing.T) {
	var during float64
	var a *api
	a = newAPI(t, fakeStore{dailyRates: func(context.Context, rates.Query) (rates.Answer, error) {
		during = a.metric(t, "http_requests_in_flight")[0].GetGauge().GetValue()
		return rates.Answer{}, nil
	}})
	for range 3 {
		a.get(t, goodQuery)
	}
	a.get(t, "/rates")
	a.ask(t, "HEAD", "/ports")
	a.ask(t, "OPTIONS", "/regions")
	a.ask(t, "BREW", "/")
	a.ask(t, "PROPFIND", "/")
	a.get(t, "/one")
	a.get(t, "/two")
	got := map[string]float64{}
	for _, m := range a.metric(t, "http_requests_total") {
		if n := m.GetCounter().GetValue(); n > 0 {
			got[labels(m)] = n
		}
	}
	want := map[string]float64{
		"GET /rates 200": 3, "GET /rates 400": 1, "HEAD /ports 200": 1, "OPTIONS /regions 204": 1,
		"other / 405": 2, "GET unmatched 404": 2,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("http_requests_total (-want +got):\n%s", diff)
	}
	timed := map[string]uint64{}
	for _, m := range a.metric(t, "http_request_duration_seconds") {
		if n := m.GetHistogram().GetSampleCount(); n > 0 {
			timed[labels(m)] = n
		}
	}
	wantTimed := map[string]uint64{"/rates": 4, "/ports": 1, "/regions": 1, "/": 2, "unmatched": 2}
	if diff := cmp.Diff(wantTimed, timed); diff != "" {
		t.Errorf("http_request_duration_seconds (-want +got):\n%s", diff)
	}
	if during != 1 || a.metric(t, "http_requests_in_flight")[0].GetGauge().GetValue() != 0 {
		t.Errorf("%v requests were in flight during one, and %v after it", during,
			a.metric(t, "http_requests_in_flight")[0].GetGauge().GetValue())
	}
}

// Registering the metrics twice is an error, not a panic.
func TestMetricsTwice(t *testing.T) {
	registry := prometheus.NewRegistry()
	if _, err := httpapi.NewMetrics(registry); err != nil {
		t.Fatal(err)
	}
	if _, err := httpapi.NewMetrics(registry); err == nil {
		t.Error("the second registration succeeds")
	}
}

// The api answers without metrics, too.
func TestNoMetrics(t *testing.T) {
	a := newAPI(t, fakeStore{}, func(c *httpapi.Config) { c.Metrics = nil })
	if got := a.get(t, goodQuery); got.status != 200 {
		t.Errorf("status %d", got.status)
	}
}

// Each request logs one line that is enough to find and understand it.
func TestRequestLog(t *testing.T) {
	a := newAPI(t, fakeStore{})
	body := a.get(t, goodQuery, "X-Request-Id", "known").body
	line := a.logged(t, "known")
	got := slices.Sorted(maps.Keys(line))
	want := []string{"bytes", "client", "level", "method", "msg", "path", "query", "request_id", "status", "time", "took_us"}
	if !slices.Equal(got, want) {
		t.Errorf("the line has %v, want %v", got, want)
	}
	for key, value := range map[string]any{
		"level": "INFO", "method": "GET", "path": "/rates", "query": goodQuery[len("/rates?"):], "status": 200.0,
		"bytes": float64(len(body)), "client": "192.0.2.1:1234",
	} {
		if line[key] != value {
			t.Errorf("%s is %v, want %v", key, line[key], value)
		}
	}
}

// Probes come every few seconds, so they are logged only at debug, or if they
// fail.
func TestProbesAreLoggedAtDebugOnly(t *testing.T) {
	a := newAPI(t, fakeStore{})
	a.get(t, "/healthz")
	a.get(t, "/readyz")
	if got := a.logs.String(); got != "" {
		t.Errorf("logged:\n%s", got)
	}
	a = newAPI(t, failing(&rates.Error{Kind: rates.Unavailable, Message: "Away."}))
	a.get(t, "/readyz", "X-Request-Id", "failed-probe")
	if line := a.logged(t, "failed-probe"); line["level"] != slog.LevelError.String() {
		t.Errorf("a failed probe is logged as %v", line)
	}
}

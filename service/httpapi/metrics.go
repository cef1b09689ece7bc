package httpapi

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Metrics counts requests. A nil *Metrics counts nothing.
type Metrics struct {
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	inFlight prometheus.Gauge
}

// NewMetrics registers the metrics of the HTTP side with reg.
func NewMetrics(reg prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "http_requests_total", Help: "Requests answered.",
		}, []string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "http_request_duration_seconds", Help: "Time from the first byte of a request to the last of its answer.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5},
		}, []string{"route"}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "http_requests_in_flight", Help: "Requests being answered.",
		}),
	}
	for _, c := range []prometheus.Collector{m.requests, m.seconds, m.inFlight} {
		if err := reg.Register(c); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// routeMetrics counts the requests of one route.
type routeMetrics struct {
	*Metrics
	route   string
	seconds prometheus.Observer

	// The counters of nearly all requests, found without a lookup.
	ok, notModified prometheus.Counter
}

func (m *Metrics) route(route string) *routeMetrics {
	if m == nil {
		return nil
	}
	counter := func(status int) prometheus.Counter {
		return m.requests.WithLabelValues(route, http.MethodGet, strconv.Itoa(status))
	}
	return &routeMetrics{
		Metrics: m, route: route, seconds: m.seconds.WithLabelValues(route),
		ok: counter(http.StatusOK), notModified: counter(http.StatusNotModified),
	}
}

func (m *routeMetrics) began() {
	if m != nil {
		m.inFlight.Inc()
	}
}

func (m *routeMetrics) ended(method string, status int, took time.Duration) {
	if m == nil {
		return
	}
	m.inFlight.Dec()
	m.seconds.Observe(took.Seconds())
	switch {
	case method == http.MethodGet && status == http.StatusOK:
		m.ok.Inc()
	case method == http.MethodGet && status == http.StatusNotModified:
		m.notModified.Inc()
	default:
		m.requests.WithLabelValues(m.route, methodLabel(method), strconv.Itoa(status)).Inc()
	}
}

// methodLabel keeps made-up methods from creating a series each.
func methodLabel(method string) string {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodPost,
		http.MethodPut, http.MethodPatch, http.MethodDelete:
		return method
	default:
		return "other"
	}
}

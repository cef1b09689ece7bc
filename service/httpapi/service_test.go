package httpapi_test

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"example.com/rates/internal/testkit"
	"example.com/rates/service/accesslog"
	"example.com/rates/service/admission"
	"example.com/rates/service/httpapi"
	"example.com/rates/service/rates"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// goodQuery is a valid question.
const goodQuery = "/rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL"

// fakeStore is a rates.Store made of functions. A nil function returns nothing.
type fakeStore struct {
	dailyRates func(context.Context, rates.Query) (rates.Answer, error)
	ports      func(context.Context) ([]rates.Port, int64, error)
	regions    func(context.Context) ([]rates.Region, int64, error)
	outline    func(context.Context, ...rates.Place) (rates.Outline, error)
	ready      func(context.Context) error
}

func (s fakeStore) DailyRates(ctx context.Context, q rates.Query) (rates.Answer, error) {
	if s.dailyRates == nil {
		return rates.Answer{Version: 1}, nil
	}
	return s.dailyRates(ctx, q)
}

func (s fakeStore) Ports(ctx context.Context) ([]rates.Port, int64, error) {
	if s.ports == nil {
		return nil, 1, nil
	}
	return s.ports(ctx)
}

func (s fakeStore) Regions(ctx context.Context) ([]rates.Region, int64, error) {
	if s.regions == nil {
		return nil, 1, nil
	}
	return s.regions(ctx)
}

// Outline gives every place its own code as its name, unless the store has an outline.
func (s fakeStore) Outline(ctx context.Context, places ...rates.Place) (rates.Outline, error) {
	if s.outline != nil {
		return s.outline(ctx, places...)
	}
	outline := rates.Outline{Version: 1, First: 7600, Last: 7800, Names: map[rates.Place]rates.Named{}}
	for _, place := range places {
		outline.Names[place] = rates.Named{Code: string(place), Name: string(place)}
	}
	return outline, nil
}

func (s fakeStore) Ready(ctx context.Context) error {
	if s.ready == nil {
		return nil
	}
	return s.ready(ctx)
}

// failing is a store whose every question fails with err.
func failing(err error) fakeStore {
	return fakeStore{
		dailyRates: func(context.Context, rates.Query) (rates.Answer, error) { return rates.Answer{}, err },
		ports:      func(context.Context) ([]rates.Port, int64, error) { return nil, 0, err },
		regions:    func(context.Context) ([]rates.Region, int64, error) { return nil, 0, err },
		outline:    func(context.Context, ...rates.Place) (rates.Outline, error) { return rates.Outline{}, err },
		ready:      func(context.Context) error { return err },
	}
}

// api is the handler of all routes with its log and metrics.
type api struct {
	http.Handler
	logs     testkit.Buffer
	registry *prometheus.Registry
}

// newAPI returns an api on store; edits change its configuration.
func newAPI(t testing.TB, store rates.Store, edits ...func(*httpapi.Config)) *api {
	t.Helper()
	a := &api{registry: prometheus.NewRegistry()}
	metrics, err := httpapi.NewMetrics(a.registry)
	if err != nil {
		t.Fatal(err)
	}
	cfg := httpapi.Config{
		Store: store, Metrics: metrics, Log: accesslog.NewJSON(&a.logs, slog.LevelInfo),
		Questions: newQueue(16), MaxDays: 3660, Timeout: time.Minute,
	}
	for _, edit := range edits {
		edit(&cfg)
	}
	a.Handler = httpapi.New(cfg)
	return a
}

// newQueue returns a queue for at most so many questions, of which none has to wait.
func newQueue(most int) *admission.Queue {
	return admission.New(admission.Config{Slots: most, Most: most, Patience: time.Minute})
}

// answer is the answer to one request.
type answer struct {
	status int
	header http.Header
	body   string
}

// newRequest returns a request with headers given as name, value, name, value.
func newRequest(method, target string, headers ...string) *http.Request {
	r := httptest.NewRequest(method, target, nil)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	return r
}

// ask sends one request and checks the answer against the contract.
func (a *api) ask(t testing.TB, method, target string, headers ...string) answer {
	t.Helper()
	return a.do(t, newRequest(method, target, headers...))
}

func (a *api) get(t testing.TB, target string, headers ...string) answer {
	t.Helper()
	return a.ask(t, http.MethodGet, target, headers...)
}

// serveOnce answers one request, about which the contract says nothing.
func (a *api) serveOnce(r *http.Request) answer {
	rec := httptest.NewRecorder()
	a.ServeHTTP(rec, r)
	return answer{rec.Code, rec.Header(), rec.Body.String()}
}

func (a *api) do(t testing.TB, r *http.Request) answer {
	t.Helper()
	got := a.serveOnce(r)
	checkContract(t, r, got)
	return got
}

// unpacked returns the body as it is without its Content-Encoding.
func (got answer) unpacked(t testing.TB) string {
	t.Helper()
	if got.header.Get("Content-Encoding") != "gzip" || got.body == "" {
		return got.body
	}
	r, err := gzip.NewReader(strings.NewReader(got.body))
	if err != nil {
		t.Fatal(err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return string(plain)
}

// problemDoc is the body of an error.
type problemDoc struct {
	Type, Title, Detail, Parameter string
	Status                         int
	Value                          *string
	Hints                          []string
	RequestID                      string `json:"request_id"`
}

// problem decodes the body of an error and checks what all errors have in common.
func (got answer) problem(t testing.TB) problemDoc {
	t.Helper()
	var doc problemDoc
	if err := json.Unmarshal([]byte(got.unpacked(t)), &doc); err != nil {
		t.Fatalf("status %d: the body is not JSON: %v\n%s", got.status, err, got.body)
	}
	switch {
	case got.header.Get("Content-Type") != "application/problem+json":
		t.Errorf("an error has the type %q", got.header.Get("Content-Type"))
	case doc.Status != got.status:
		t.Errorf("the problem says status %d, the answer %d", doc.Status, got.status)
	case doc.RequestID != got.header.Get("X-Request-Id"):
		t.Errorf("the problem says request id %q, the header %q", doc.RequestID, got.header.Get("X-Request-Id"))
	case got.header.Get("Cache-Control") != "no-store":
		t.Errorf("an error may be stored: Cache-Control is %q", got.header.Get("Cache-Control"))
	}
	return doc
}

// serve serves the api over real connections.
func (a *api) serve(t testing.TB) *httptest.Server {
	t.Helper()
	server := httptest.NewUnstartedServer(a)
	server.Config.ErrorLog = slog.NewLogLogger(slog.NewTextHandler(io.Discard, nil), slog.LevelError)
	server.Start()
	t.Cleanup(server.Close)
	return server
}

// wantKind checks status and kind of an error.
func wantKind(t testing.TB, got answer, status int, kind string) problemDoc {
	t.Helper()
	if got.status != status {
		t.Fatalf("status %d, want %d\n%s", got.status, status, got.body)
	}
	doc := got.problem(t)
	if name, ok := strings.CutPrefix(doc.Type, "urn:rates:problem:"); !ok || name != kind {
		t.Errorf("the problem is %q, want the kind %q", doc.Type, kind)
	}
	return doc
}

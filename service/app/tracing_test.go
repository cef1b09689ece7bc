package app_test

import (
	"compress/gzip"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
	"example.com/rates/service/app"
)

// collect starts a collector of traces and returns its URL and the spans that it
// got.
func collect(t *testing.T) (url string, got func() []*trace.ResourceSpans) {
	t.Helper()
	var mu sync.Mutex
	var spans []*trace.ResourceSpans
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var body io.Reader = r.Body
		if r.Header.Get("Content-Encoding") == "gzip" {
			var err error
			if body, err = gzip.NewReader(r.Body); err != nil {
				t.Error(err)
				return
			}
		}
		content, err := io.ReadAll(body)
		if err != nil {
			t.Error(err)
		}
		var request collector.ExportTraceServiceRequest
		if err := proto.Unmarshal(content, &request); err != nil || r.URL.Path != "/v1/traces" {
			t.Errorf("%s: %v", r.URL.Path, err)
		}
		mu.Lock()
		defer mu.Unlock()
		spans = append(spans, request.GetResourceSpans()...)
		w.Header().Set("Content-Type", "application/x-protobuf")
	}))
	// The exporter would leave a connection open that the test cannot close.
	server.Config.SetKeepAlivesEnabled(false)
	server.Start()
	t.Cleanup(server.Close)
	return server.URL, func() []*trace.ResourceSpans {
		mu.Lock()
		defer mu.Unlock()
		return spans
	}
}

// answerOne starts the service, asks one question and stops it.
func answerOne(t *testing.T, headers ...string) {
	t.Helper()
	a := start(t, newConfig(newDatabase(t).As(dbtest.Reader)))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.URL()+question, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		request.Header.Set(headers[i], headers[i+1])
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusOK {
		t.Fatalf("status %d", response.StatusCode)
	}
	if err := a.closed(t.Context()); err != nil {
		t.Error(err)
	}
}

// With a collector in the environment, a request and its SQL are spans of one
// trace, that of the client if it has one, under the name of the service.
func TestTraces(t *testing.T) {
	url, got := collect(t)
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
	t.Setenv("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment.name=test")
	const traceID = "4bf92f3577b34da6a3ce929d0e0e4736"
	answerOne(t, "Traceparent", "00-"+traceID+"-00f067aa0ba902b7-01")
	resource := map[string]string{}
	var request, sql *trace.Span
	for _, group := range got() {
		for _, attribute := range group.GetResource().GetAttributes() {
			resource[attribute.GetKey()] = attribute.GetValue().GetStringValue()
		}
		for _, scope := range group.GetScopeSpans() {
			for _, span := range scope.GetSpans() {
				switch text := span.String(); {
				case span.GetName() == "GET /rates":
					request = span
				case strings.Contains(text, "FROM public.daily_rates"):
					sql = span
				}
			}
		}
	}
	if resource["service.name"] != "rates" || resource["deployment.environment.name"] != "test" {
		t.Errorf("the resource is %v", resource)
	}
	if request == nil || sql == nil {
		t.Fatalf("request %v, SQL %v; among %v", request, sql, got())
	}
	if id := hex(request.GetTraceId()); id != traceID || hex(sql.GetTraceId()) != traceID {
		t.Errorf("the request has trace %s, the SQL %s, the client %s", id, hex(sql.GetTraceId()), traceID)
	}
}

func hex(b []byte) string {
	const digits = "0123456789abcdef"
	var text strings.Builder
	for _, c := range b {
		text.WriteByte(digits[c>>4])
		text.WriteByte(digits[c&15])
	}
	return text.String()
}

// No traces are sent if they are turned off.
func TestNoTraces(t *testing.T) {
	for name, variables := range map[string]map[string]string{
		"disabled": {"OTEL_SDK_DISABLED": "true"},
		"none":     {"OTEL_TRACES_EXPORTER": "none"},
	} {
		t.Run(name, func(t *testing.T) {
			url, got := collect(t)
			t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
			for variable, value := range variables {
				t.Setenv(variable, value)
			}
			answerOne(t)
			if spans := got(); len(spans) > 0 {
				t.Errorf("sent %v", spans)
			}
		})
	}
}

// A setting that is not supported is named with what is expected, before anything
// is started.
func TestWrongTraceSettings(t *testing.T) {
	for _, c := range []struct {
		variables map[string]string
		want      string
	}{
		{map[string]string{"OTEL_TRACES_EXPORTER": "zipkin"}, `OTEL_TRACES_EXPORTER is "zipkin"; expected otlp or none`},
		{
			map[string]string{"OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "grpc"},
			`OTEL_EXPORTER_OTLP_PROTOCOL is "grpc"; expected http/protobuf, which collectors accept on port 4318`,
		},
		{
			map[string]string{"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL": "http/json"},
			`OTEL_EXPORTER_OTLP_TRACES_PROTOCOL is "http/json"; expected http/protobuf, which collectors accept on port 4318`,
		},
	} {
		t.Run(strings.Join(slices.Sorted(maps.Keys(c.variables)), " "), func(t *testing.T) {
			for variable, value := range c.variables {
				t.Setenv(variable, value)
			}
			_, err := app.Start(t.Context(), newConfig("postgres://127.0.0.1:1/rates"), &testkit.Buffer{})
			if err == nil || err.Error() != c.want {
				t.Errorf("the error is %v\nwant %s", err, c.want)
			}
		})
	}
}

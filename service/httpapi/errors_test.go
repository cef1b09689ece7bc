package httpapi_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/rates/service/httpapi"
	"example.com/rates/service/rates"
)

const internalSentence = "The service failed to answer. Report the request_id to its operators."

// Each kind of error has its status; those that are temporary say when to ask
// again.
func TestKindsOfError(t *testing.T) {
	for _, c := range []struct {
		kind       rates.Kind
		status     int
		retryAfter string
		detail     string
	}{
		{rates.UnknownPlace, 400, "", "A message. /ports and /regions list those that can be asked for."},
		{rates.Unavailable, 503, "5", "A message."},
		{rates.Busy, 503, "1", "A message."},
		{rates.Timeout, 504, "", "A message."},
		{rates.Internal, 500, "", internalSentence},
	} {
		got := newAPI(t, failing(&rates.Error{Kind: c.kind, Message: "A message."})).get(t, goodQuery)
		doc := wantKind(t, got, c.status, string(c.kind))
		if doc.Detail != c.detail || doc.Title == "" {
			t.Errorf("%s: detail %q, title %q", c.kind, doc.Detail, doc.Title)
		}
		if got.header.Get("Retry-After") != c.retryAfter {
			t.Errorf("%s: Retry-After is %q, want %q", c.kind, got.header.Get("Retry-After"), c.retryAfter)
		}
	}
}

// The cause of an internal error is only in the log, under the request id; the
// client gets the same sentence each time.
func TestCausesStayInTheLog(t *testing.T) {
	cause := errors.New("connect to postgres://rates:hunter2@db: refused")
	for name, err := range map[string]error{
		"unforeseen":   cause,
		"internal":     &rates.Error{Kind: rates.Internal, Message: "hunter2", Cause: cause},
		"unavailable":  &rates.Error{Kind: rates.Unavailable, Message: "Away.", Cause: cause},
		"timeout":      &rates.Error{Kind: rates.Timeout, Message: "Slow.", Cause: cause},
		"unknown kind": &rates.Error{Kind: "new", Message: "hunter2", Cause: cause},
	} {
		a := newAPI(t, failing(err))
		for _, target := range []string{goodQuery, "/ports", "/regions", "/readyz"} {
			got := a.get(t, target, "X-Request-Id", "id-of-"+target[1:5])
			doc := got.problem(t)
			if got.status < 500 || got.status == 500 && doc.Detail != internalSentence {
				t.Errorf("%s: %s: status %d, %q", name, target, got.status, doc.Detail)
			}
			if strings.Contains(got.body, "hunter2") || strings.Contains(got.body, "postgres") {
				t.Errorf("%s: %s shows the cause: %s", name, target, got.body)
			}
			if line := a.logged(t, "id-of-"+target[1:5]); !strings.Contains(line["error"].(string), "hunter2") || line["level"] != "ERROR" {
				t.Errorf("%s: %s: the log lacks the cause: %v", name, target, line)
			}
		}
	}
}

// logged returns the log line of a request.
func (a *api) logged(t *testing.T, id string) map[string]any {
	t.Helper()
	for line := range strings.Lines(a.logs.String()) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("a line of the log is not JSON: %v\n%s", err, line)
		}
		if entry["request_id"] == id {
			return entry
		}
	}
	t.Fatalf("the log has no line for %s:\n%s", id, a.logs.String())
	return nil
}

// A panic becomes an internal error with its stack in the log, and the next
// request is answered, with the cache as without it.
func TestPanic(t *testing.T) {
	answers, err := httpapi.NewCache(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	for name, edit := range map[string]func(*httpapi.Config){
		"without cache": func(*httpapi.Config) {},
		"with cache":    func(c *httpapi.Config) { c.Cache, c.Versions = answers, knownVersion(7) },
	} {
		boom := true
		a := newAPI(t, fakeStore{dailyRates: func(context.Context, rates.Query) (rates.Answer, error) {
			if boom {
				panic("hunter2 went off")
			}
			return rates.Answer{}, nil
		}}, edit, func(c *httpapi.Config) { c.Questions = newQueue(1) })
		got := a.get(t, goodQuery, "X-Request-Id", "panicking")
		doc := wantKind(t, got, http.StatusInternalServerError, "internal-error")
		if doc.Detail != internalSentence || strings.Contains(got.body, "hunter2") {
			t.Errorf("%s: the client gets %s", name, got.body)
		}
		line := a.logged(t, "panicking")
		for _, part := range []string{"panic: hunter2 went off", "goroutine ", "TestPanic"} {
			if !strings.Contains(line["error"].(string), part) {
				t.Errorf("%s: the log lacks %q: %v", name, part, line["error"])
			}
		}
		boom = false
		if got := a.get(t, goodQuery); got.status != http.StatusOK {
			t.Errorf("%s: after the panic: status %d", name, got.status)
		}
	}
}

// halfWriter panics when the body is written.
type halfWriter struct{ http.ResponseWriter }

func (halfWriter) Write([]byte) (int, error) { panic("the writer broke") }

// After the answer has begun, a panic breaks the connection, so that no client
// takes half an answer for all of it; the log has the panic.
func TestPanicAfterTheAnswerBegan(t *testing.T) {
	broken := true
	a := newAPI(t, fakeStore{}, func(c *httpapi.Config) {
		c.Wrap = func(_ string, h http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if broken {
					w = halfWriter{w}
				}
				h.ServeHTTP(w, r)
			})
		}
	})
	server := a.serve(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("X-Request-Id", "half")
	response, err := server.Client().Do(r)
	if err == nil {
		_, err = io.ReadAll(response.Body)
		response.Body.Close()
	}
	if err == nil {
		t.Error("the client does not notice that the answer is incomplete")
	}
	server.CloseClientConnections()
	if line := a.logged(t, "half"); line["level"] != "ERROR" || !strings.Contains(line["error"].(string), "the writer broke") {
		t.Errorf("the log has %v", line)
	}
	broken = false
	if got := a.get(t, "/"); got.status != http.StatusOK {
		t.Errorf("after the panic: status %d", got.status)
	}
}

// A question has a time limit, after which the store's context ends.
func TestTimeout(t *testing.T) {
	a := newAPI(t, fakeStore{dailyRates: func(ctx context.Context, _ rates.Query) (rates.Answer, error) {
		<-ctx.Done()
		return rates.Answer{}, &rates.Error{Kind: rates.Timeout, Message: "Slow.", Cause: ctx.Err()}
	}}, func(c *httpapi.Config) { c.Timeout = time.Millisecond })
	wantKind(t, a.get(t, goodQuery), http.StatusGatewayTimeout, "timeout")
}

// Readiness depends on the store; liveness does not.
func TestReadinessWhileTheDatabaseIsUnavailable(t *testing.T) {
	away := &rates.Error{Kind: rates.Unavailable, Message: "The database cannot be reached."}
	var state error = away
	a := newAPI(t, fakeStore{ready: func(ctx context.Context) error {
		if _, ok := ctx.Deadline(); !ok {
			t.Error("the check has no deadline, so a probe may get no answer")
		}
		return state
	}})
	doc := wantKind(t, a.get(t, "/readyz"), http.StatusServiceUnavailable, "database-unavailable")
	if doc.Detail != away.Message {
		t.Errorf("detail is %q", doc.Detail)
	}
	if got := a.get(t, "/healthz"); got.status != http.StatusOK {
		t.Errorf("/healthz while the database is unavailable: status %d", got.status)
	}
	state = nil
	if got := a.get(t, "/readyz"); got.status != http.StatusOK {
		t.Errorf("/readyz once it is back: status %d", got.status)
	}
}

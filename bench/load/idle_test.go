package load_test

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"example.com/rates/bench/load"
	"example.com/rates/internal/testkit"
)

// The connections stay open after their answers, until they are closed.
func TestIdleConnectionsStayOpen(t *testing.T) {
	var open, answered atomic.Int64
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { answered.Add(1) }))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			open.Add(1)
		}
		if state == http.StateClosed {
			open.Add(-1)
		}
	}
	server.Start()
	defer server.Close()
	const connections = 10
	closeAll, err := load.Idle(t.Context(), server.URL, connections)
	if err != nil || open.Load() != connections || answered.Load() != connections {
		t.Fatalf("%d are open, %d had an answer, %v", open.Load(), answered.Load(), err)
	}
	closeAll()
	testkit.Eventually(t, "all are closed", func() bool { return open.Load() == 0 })
}

func TestIdleConnectionsNeedAnAnswer(t *testing.T) {
	for name, handler := range map[string]http.HandlerFunc{
		"status 503": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) },
		"stays open": func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Connection", "close") },
	} {
		if _, err := load.Idle(t.Context(), serve(t, handler), 1); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

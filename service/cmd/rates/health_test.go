package main

import (
	"bytes"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"example.com/rates/internal/cli"
)

// health runs the command and returns its exit code and output.
func health(t *testing.T, flags ...string) (code int, said string) {
	t.Helper()
	var out bytes.Buffer
	code = run(t.Context(), append([]string{"health"}, flags...), cli.Streams{Out: &out, Err: &out})
	return code, out.String()
}

func expectHealth(t *testing.T, code int, said string, wantCode int, want string) {
	t.Helper()
	if code != wantCode || !strings.Contains(said, want) {
		t.Errorf("exit code %d, saying %q; expected %d and %q", code, said, wantCode, want)
	}
}

// The exit code is all that a container engine looks at.
func TestHealthReportsStatus(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/healthz" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	}))
	defer server.Close()

	code, said := health(t, "--url", server.URL+"/healthz")
	expectHealth(t, code, said, exitOK, "/healthz answers 200 OK")
	code, said = health(t, "--url", server.URL+"/readyz")
	expectHealth(t, code, said, exitFailure, "/readyz answers 503 Service Unavailable")
}

func TestHealthFindsTheServiceByItsConfiguration(t *testing.T) {
	var path string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { path = r.URL.Path }))
	defer server.Close()
	t.Setenv("RATES_ADDR", server.Listener.Addr().String())

	code, said := health(t)
	expectHealth(t, code, said, exitOK, server.URL)
	if path != "/healthz" {
		t.Errorf("asked for %q, expected /healthz", path)
	}
}

func TestHealthFailsWithoutAService(t *testing.T) {
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := listener.Addr().String()
	if err := listener.Close(); err != nil {
		t.Fatal(err)
	}
	code, said := health(t, "--addr", addr)
	expectHealth(t, code, said, exitFailure, addr)
}

func TestHealthDoesNotWaitForever(t *testing.T) {
	release := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-release }))
	defer server.Close()
	defer close(release)

	code, said := health(t, "--url", server.URL, "--timeout", "20ms")
	expectHealth(t, code, said, exitFailure, "no answer within 20ms")
}

// Otherwise it would report the health of the proxy. A process reads the variable
// only once, so the test needs a process of its own.
func TestHealthAsksNoProxy(t *testing.T) {
	if os.Getenv("RATES_TEST_CHILD") == "" {
		proxy := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
		defer proxy.Close()
		child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHealthAsksNoProxy$")
		child.Env = append(os.Environ(), "RATES_TEST_CHILD=1", "HTTP_PROXY="+proxy.URL)
		if out, err := child.CombinedOutput(); err != nil {
			t.Errorf("%v: %s", err, out)
		}
		return
	}
	const nobody = "http://192.0.2.1/healthz" // an address kept for documentation
	code, said := health(t, "--url", nobody, "--timeout", "20ms")
	expectHealth(t, code, said, exitFailure, nobody)
}

func TestOwnURL(t *testing.T) {
	tests := map[string]string{
		":3000":          "http://127.0.0.1:3000",
		"0.0.0.0:80":     "http://127.0.0.1:80",
		"[::]:3000":      "http://127.0.0.1:3000",
		"[::1]:3000":     "http://[::1]:3000",
		"10.0.0.7:3000":  "http://10.0.0.7:3000",
		"localhost:http": "http://localhost:80",
	}
	for addr, want := range tests {
		if got, err := ownURL(addr); got != want || err != nil {
			t.Errorf("ownURL(%q) is %q, %v; expected %q", addr, got, err, want)
		}
	}
	for _, addr := range []string{"", "3000", ":0", ":nonsense", "host:70000"} {
		if got, err := ownURL(addr); err == nil || !strings.Contains(err.Error(), "RATES_ADDR") {
			t.Errorf("ownURL(%q) is %q, %v; expected an error about RATES_ADDR", addr, got, err)
		}
	}
}

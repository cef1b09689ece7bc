package session

import (
	"context"
	"crypto/x509"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/rates/internal/testkit"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
	"example.com/rates/security/scanner/zap/standin"
)

// The test binary is also the program that stands in for ZAP.
func TestMain(m *testing.M) {
	if behaviour := os.Getenv("STANDIN"); behaviour != "" {
		if err := standin.Serve(context.Background(), behaviour, os.Args[2]+":"+os.Args[4], os.Stdin); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// bad is a service with one page that protects nothing.
func bad(t *testing.T) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		w.Header().Set("Server", "Apache/2.2.3")
		w.Header().Set("X-Powered-By", "PHP/5.3.1")
		w.Header().Set("Set-Cookie", "session=8f14e45fceea167a5a36dedd4bea2543; Path=/")
		fmt.Fprint(w, "<html></html>")
	})
	mux.HandleFunc("/openapi.yaml", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/yaml")
		fmt.Fprint(w, "openapi: 3.0.3\ninfo: {title: bad, version: \"1\"}\npaths: {/: {get: {responses: {\"200\": {description: ok}}}}}\n")
	})
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	return server.URL
}

// script writes a program.
func script(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(name, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	return name
}

// A session reports what ZAP did and found, on a service that runs already.
func TestSession(t *testing.T) {
	t.Setenv("STANDIN", standin.Honest)
	r := Run(t.Context(), Config{Target: bad(t), ZAP: os.Args[0]})
	if r.Failure != nil {
		t.Fatal(*r.Failure)
	}
	if r.Version != "2.17.0" || r.Logged != -1 || !slices.Contains(r.Passive, "10049") || !slices.Contains(r.AddOns, AddOn{"pscanrules", "75.0.0"}) {
		t.Errorf("report %+v", r)
	}
	if !slices.Contains(r.Messages, Message{"GET", r.Base + "/", http.StatusOK}) || r.Requests != len(r.Messages) {
		t.Errorf("%d requests, messages %+v", r.Requests, r.Messages)
	}
	if !slices.ContainsFunc(r.Alerts, func(a Alert) bool { return a.Ref == "10038-1" && a.URL == r.Base+"/" && a.Risk == "Medium" }) {
		t.Errorf("alerts %+v", r.Alerts)
	}
}

// A ZAP that runs already is asked with its key, and goes on.
func TestRunningZAP(t *testing.T) {
	zap, err := standin.New("its key", standin.Honest)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(zap)
	t.Cleanup(server.Close)
	target := bad(t)
	if r := Run(t.Context(), Config{Target: target, URL: server.URL, Key: "its key"}); r.Failure != nil || len(r.Alerts) == 0 {
		t.Errorf("failure %v, alerts %v", r.Failure, r.Alerts)
	}
	r := Run(t.Context(), Config{Target: target, URL: server.URL, Key: "another"})
	if r.Failure == nil || r.Failure.Kind != scanner.ToolFailed || !strings.Contains(r.Failure.Detail, "API key") {
		t.Errorf("with a wrong key: %v", r.Failure)
	}
}

// A service that does not serve its contract is not examined.
func TestNoContract(t *testing.T) {
	none := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(none.Close)
	for name, test := range map[string]struct {
		target string
		kind   scanner.Kind
	}{
		"nobody answers": {"http://127.0.0.1:1", scanner.InputUnavailable},
		"not found":      {none.URL, scanner.BadInput},
		"not a URL":      {"http://[", scanner.InputUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			if r := Run(t.Context(), Config{Target: test.target, URL: "http://127.0.0.1:1"}); r.Failure == nil || r.Failure.Kind != test.kind {
				t.Errorf("failure %+v, want %s", r.Failure, test.kind)
			}
		})
	}
}

// A service is ready when it says where it answers; its requests are counted.
func TestService(t *testing.T) {
	program := script(t, `
trap 'echo stopped >"$0.stopped"; exit' TERM
echo "$@" >"$0.args"
echo '{"msg":"starting"}' >&2
printf 'rates answers on http://127.0.0.1:'; echo 4711
for i in 1 2 3; do echo '{"msg":"request","path":"/"}' >&2; done
while :; do sleep 0.1; done`)
	s, err := startService(t.Context(), program, "/tree")
	if err != nil {
		t.Fatal(err)
	}
	if n := s.log.await(t.Context(), 3); s.url != "http://127.0.0.1:4711" || n != 3 {
		t.Errorf("it answers on %q with %d requests", s.url, n)
	}
	s.stop()
	args, err := os.ReadFile(program + ".args")
	if err != nil || !strings.Contains(string(args), "--temporary --project=/tree --addr=127.0.0.1:0") {
		t.Errorf("arguments %q, error %v", args, err)
	}
	if _, err := os.Stat(program + ".stopped"); err != nil {
		t.Errorf("it was not ended politely: %v", err)
	}
}

// A service that does not start is not examined, and nothing is left of it.
func TestServiceFails(t *testing.T) {
	_, err := startService(t.Context(), script(t, "echo no database >&2; exit 1"), ".")
	scannertest.WantKind(t, err, scanner.BadInput)
	if err == nil || !strings.Contains(err.Error(), "no database") {
		t.Errorf("error %v", err)
	}
	_, err = startService(t.Context(), "/nowhere/program", ".")
	scannertest.WantKind(t, err, scanner.BadInput)
	ctx, expire := testkit.Expiring(t.Context())
	program := script(t, `trap 'echo >"$0.stopped"; exit' TERM; echo >"$0.ready"; while :; do sleep 0.1; done`)
	go func() {
		defer expire()
		_ = testkit.Retry(func() error { _, err := os.Stat(program + ".ready"); return err }) // the test sees that it was not stopped
	}()
	_, err = startService(ctx, program, ".")
	scannertest.WantKind(t, err, scanner.TimedOut)
	if _, err := os.Stat(program + ".stopped"); err != nil {
		t.Errorf("it still runs: %v", err)
	}
}

// ZAP gets its key by standard input and ends with that.
func TestDaemon(t *testing.T) {
	t.Setenv("STANDIN", standin.Honest)
	d, err := startDaemon(t.Context(), os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	if args := strings.Join(d.process.cmd.Args, " "); strings.Contains(args, d.key) || d.key == "" {
		t.Errorf("arguments %q", args)
	}
	d.stop()
	testkit.Eventually(t, "it ends", func() bool {
		select {
		case <-d.process.done:
			return true
		default:
			return false
		}
	})
}

// A ZAP that ends, or refuses its own key, is an error at once.
func TestDaemonFails(t *testing.T) {
	_, err := startDaemon(t.Context(), script(t, "read -r key; echo no Java >&2; exit 1"))
	scannertest.WantKind(t, err, scanner.ToolFailed)
	if err == nil || !strings.Contains(err.Error(), "no Java") {
		t.Errorf("error %v", err)
	}
	_, err = startDaemon(t.Context(), "/nowhere/zap")
	scannertest.WantKind(t, err, scanner.ToolFailed)
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err = startDaemon(ctx, script(t, "cat >/dev/null"))
	scannertest.WantKind(t, err, scanner.TimedOut)
}

// Rules for HTTPS see the service over TLS, under the host that ZAP asks.
func TestFront(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.Header.Get("X-Forwarded-Proto"), " ", r.Host, r.URL)
	}))
	t.Cleanup(server.Close)
	f, err := startFront(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	defer f.close()
	if at, err := x509.ParseCertificate(f.server.TLSConfig.Certificates[0].Certificate[0]); err != nil || at.Issuer.String() == "" {
		t.Errorf("the certificate has the issuer %q, error %v; Java needs one", at.Issuer, err)
	}
	text, err := contractOf(t.Context(), f.url)
	if want := "https " + strings.TrimPrefix(f.url, "https://") + contractPath; text != want || err != nil {
		t.Errorf("answer %q, want %q; error %v", text, want, err)
	}
}

// Command devserver is a small server that does the same as its bad twin, and protects it.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"html"
	"log/slog"
	"net"
	"net/http"
	"os"
)

//go:embed openapi.yaml
var contract []byte

func main() {
	addr := flag.String("addr", "127.0.0.1:0", "")
	flag.Bool("temporary", false, "")
	for _, name := range []string{"project", "admin-addr", "log-format", "log-level"} {
		flag.String(name, "", "")
	}
	flag.Parse()
	listener, err := net.Listen("tcp", *addr)
	if err != nil {
		panic(err)
	}
	log := slog.New(slog.NewJSONHandler(os.Stderr, nil))
	mux := http.NewServeMux()
	mux.HandleFunc("/{$}", page)
	mux.HandleFunc("/search", search)
	mux.HandleFunc("/rates", rates)
	mux.HandleFunc("/openapi.yaml", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/yaml")
		_, _ = w.Write(contract)
	})
	fmt.Printf("it answers on http://%s\n", listener.Addr())
	_ = http.Serve(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range map[string]string{
			"Cache-Control":                "no-store, no-cache, must-revalidate",
			"Content-Security-Policy":      "default-src 'none'; form-action 'self'; frame-ancestors 'none'",
			"Cross-Origin-Embedder-Policy": "require-corp",
			"Cross-Origin-Opener-Policy":   "same-origin",
			"Cross-Origin-Resource-Policy": "same-origin",
			"Permissions-Policy":           "geolocation=()",
			"Strict-Transport-Security":    "max-age=31536000; includeSubDomains",
			"X-Content-Type-Options":       "nosniff",
		} {
			w.Header().Set(name, value)
		}
		mux.ServeHTTP(w, r)
		log.Info("request", "path", r.URL.Path)
	}))
}

func page(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.Header().Set("Set-Cookie", "__Host-session=8f14e45fceea167a5a36dedd4bea2543; Path=/; Secure; HttpOnly; SameSite=Strict")
	fmt.Fprint(w, `<html><body><a href="/search?q=x">s</a></body></html>`)
}

func search(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	fmt.Fprintf(w, "<html><body>You asked for %s</body></html>", html.EscapeString(r.FormValue("q")))
}

func prices(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if day := r.FormValue("day"); len(day) != len("2021-01-31") || day[4] != '-' {
		w.WriteHeader(http.StatusBadRequest)
	}
	fmt.Fprint(w, `{"rates":[]}`)
}

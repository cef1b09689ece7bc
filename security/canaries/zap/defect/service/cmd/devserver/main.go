// Command devserver is a small server that protects nothing.
package main

import (
	_ "embed"
	"flag"
	"fmt"
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
		mux.ServeHTTP(w, r)
		log.Info("request", "path", r.URL.Path)
	}))
}

func page(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	w.Header().Set("Server", "Apache/2.2.3")
	w.Header().Set("X-Powered-By", "PHP/5.3.1")
	w.Header().Set("Set-Cookie", "session=8f14e45fceea167a5a36dedd4bea2543; Path=/")
	fmt.Fprint(w, `<html><body><a href="/search?q=x">s</a><form method="post" action="/search"><input name="q"></form></body></html>`)
}

func search(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/html")
	fmt.Fprintf(w, "<html><body>You asked for %s</body></html>", r.FormValue("q"))
}

func rates(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if day := r.FormValue("day"); len(day) != len("2021-01-31") || day[4] != '-' {
		w.WriteHeader(http.StatusBadRequest)
	}
	fmt.Fprint(w, `{"rates":[]}`)
}

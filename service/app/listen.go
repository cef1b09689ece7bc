package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/pprof"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"example.com/rates/service/httpapi"
)

// listening is an HTTP server on an open port. It may be nil.
type listening struct {
	server   *http.Server
	listener net.Listener
	addr     *net.TCPAddr
	served   chan struct{}  // closed when no more connections are accepted
	open     sync.WaitGroup // connections
	used     atomic.Bool    // somebody has connected
}

// serve listens on addr at once, so that a port in use is an error here, and then
// serves in the background.
func (a *App) serve(ctx context.Context, addr, variable string, handler http.Handler) (*listening, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, listenError(addr, variable, err)
	}
	tcp, _ := listener.Addr().(*net.TCPAddr)
	l := &listening{listener: listener, addr: tcp, served: make(chan struct{})}
	l.server = &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: readTimeout, // the same, so that net/http sets one deadline, not two
		ReadTimeout:       readTimeout,
		WriteTimeout:      a.cfg.QuestionTimeout + writeMargin,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(a.log.Handler(), slog.LevelWarn),
		ConnState:         l.count,

		DisableGeneralOptionsHandler: true, // its answer has no headers
	}
	go func() {
		defer close(l.served)
		if err := l.server.Serve(httpapi.WithRefusals(listener)); !errors.Is(err, http.ErrServerClosed) && !errors.Is(err, net.ErrClosed) {
			a.failed <- fmt.Errorf("serve %s: %w", addr, err)
		}
	}()
	return l, nil
}

// count counts the open connections, and notes that there was one.
func (l *listening) count(_ net.Conn, state http.ConnState) {
	switch state {
	case http.StateNew:
		l.open.Add(1)
		l.used.Store(true)
	case http.StateClosed, http.StateHijacked:
		l.open.Done()
	case http.StateActive, http.StateIdle:
	}
}

func listenError(addr, variable string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is in use by another program; stop it, or choose another port with %s: %w", addr, variable, err)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("this user may not listen on %s; choose a port above 1023 with %s: %w", addr, variable, err)
	default:
		return fmt.Errorf("listen on %s (%s): %w", addr, variable, err)
	}
}

// url returns the address as a client on this machine uses it.
func (l *listening) url() string {
	if l == nil {
		return ""
	}
	host := l.addr.IP.String()
	if l.addr.IP.IsUnspecified() {
		host = "localhost"
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(l.addr.Port))
}

// runOut accepts no more connections and waits until those that are open are closed
// by an answer or by their client, or until ctx ends.
func (l *listening) runOut(ctx context.Context) {
	_ = l.listener.Close() // no more is needed of it
	<-l.served
	closed := make(chan struct{})
	go func() {
		defer close(closed)
		l.open.Wait()
	}()
	select {
	case <-closed:
	case <-ctx.Done():
	}
}

// close accepts no more connections, closes those that are idle and waits for running
// requests.
func (l *listening) close(ctx context.Context) error {
	if l == nil {
		return nil
	}
	if err := l.server.Shutdown(ctx); err != nil {
		return errors.Join(err, l.server.Close())
	}
	return nil
}

// adminHandler serves metrics and profiles, which must stay private.
func adminHandler(registry *prometheus.Registry) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{Registry: registry}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}

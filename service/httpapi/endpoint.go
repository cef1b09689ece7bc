package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"example.com/rates/service/rates"
)

// handlerFunc answers one request, or returns the error to answer with. It
// returns an error only when it has written nothing.
type handlerFunc func(w *response, r *http.Request) error

// response remembers what was answered, for the log and the metrics.
type response struct {
	http.ResponseWriter
	id     string // of the request
	status int
	bytes  int
}

// WriteHeader implements http.ResponseWriter.
func (w *response) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *response) Write(b []byte) (int, error) {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	n, err := w.ResponseWriter.Write(b)
	w.bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// allowedMethods is the same for every route: nothing here can be changed.
const allowedMethods = "GET, HEAD, OPTIONS"

// endpoint makes the handler of one route: it gives the request an id, sets
// the headers that every answer carries, turns errors and panics into problem
// documents, counts and logs.
func (a *api) endpoint(route string, handle handlerFunc) http.Handler {
	observe := a.Metrics.route(route)
	var h http.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		start := time.Now()
		observe.began()
		w := &response{ResponseWriter: rw, id: requestID(r)}
		setHeaders(w.Header(), r, w.id)
		var err error
		defer func() {
			took := time.Since(start)
			observe.ended(r.Method, w.status, took)
			a.log(w, r, route, took, err)
		}()
		if err = a.try(w, r, handle); err != nil {
			a.fail(w, r, err)
		}
	})
	if a.Wrap != nil {
		h = a.Wrap(route, h)
	}
	return h
}

// try calls handle for the methods that are allowed. A panic becomes an error.
func (*api) try(w *response, r *http.Request, handle handlerFunc) (err error) {
	defer func() {
		switch cause := recover(); {
		case cause == nil:
		case w.status != 0:
			// The answer is on its way and cannot be taken back: break the
			// connection, so that the client does not take it for whole.
			panic(http.ErrAbortHandler)
		default:
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	if len(r.RequestURI) > MaxURL {
		return &rates.Error{Kind: uriTooLong, Message: fmt.Sprintf("The URL is longer than %d bytes.", MaxURL)}
	}
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		return handle(w, r)
	case http.MethodOptions:
		w.Header().Set("Allow", allowedMethods)
		w.WriteHeader(http.StatusNoContent)
		return nil
	default:
		w.Header().Set("Allow", allowedMethods)
		return &rates.Error{Kind: methodNotAllowed, Message: "Only GET, HEAD and OPTIONS are allowed here."}
	}
}

// question bounds how many questions are answered at once, and for how long.
func (a *api) question(handle handlerFunc) handlerFunc {
	return func(w *response, r *http.Request) error {
		select {
		case a.questions <- struct{}{}:
			defer func() { <-a.questions }()
		default:
			return &rates.Error{
				Kind:    rates.Busy,
				Message: fmt.Sprintf("The service is answering %d questions already. Try again in a second.", a.MaxQuestions),
			}
		}
		ctx, cancel := context.WithTimeout(r.Context(), a.Timeout)
		defer cancel()
		return handle(w, r.WithContext(ctx))
	}
}

// statusClientGone is logged and counted when the client hung up before it was
// answered. It is never sent.
const statusClientGone = 499

func (a *api) fail(w *response, r *http.Request, err error) {
	if errors.Is(r.Context().Err(), context.Canceled) {
		w.status = statusClientGone
		return
	}
	writeProblem(w, r, rates.AsError(err))
}

func (a *api) log(w *response, r *http.Request, route string, took time.Duration, err error) {
	level := slog.LevelInfo
	switch {
	case w.status >= http.StatusInternalServerError:
		level = slog.LevelError
	case route == "/healthz" || route == "/readyz":
		level = slog.LevelDebug // probes come every few seconds
	}
	if !a.Log.Enabled(r.Context(), level) {
		return
	}
	attrs := [...]slog.Attr{
		slog.String("request_id", w.id),
		slog.String("method", r.Method),
		slog.String("path", r.URL.Path),
		slog.String("query", r.URL.RawQuery),
		slog.Int("status", w.status),
		slog.Int("bytes", w.bytes),
		slog.Float64("took_ms", float64(took)/float64(time.Millisecond)),
		slog.String("client", r.RemoteAddr),
		slog.Any("error", err),
	}
	n := len(attrs)
	if err == nil {
		n--
	}
	a.Log.LogAttrs(r.Context(), level, "request", attrs[:n]...)
}

// setLength announces the length of the body, which HEAD does not send.
func setLength(h http.Header, n int) { h.Set("Content-Length", strconv.Itoa(n)) }

package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"example.com/rates/service/accesslog"
	"example.com/rates/service/rates"
)

// handlerFunc answers one request, or returns the error to answer with. It
// returns an error only when it has written nothing.
type handlerFunc func(w *response, r *http.Request) error

// response records the answer for the log and the metrics.
type response struct {
	http.ResponseWriter
	api     *api
	id      [1]string // of the request, as a header has it
	accepts encodings // what the client does

	readable string // the origin whose scripts may read the answer, or ""
	entry    accesslog.Entry
}

// closeConnection is the value of a header, which is never changed.
var closeConnection = []string{"close"}

// WriteHeader implements http.ResponseWriter.
func (w *response) WriteHeader(status int) {
	if w.entry.Status == 0 {
		w.entry.Status = status
	}
	if stopping := w.api.Stopping; stopping != nil && stopping() {
		w.Header()["Connection"] = closeConnection
	}
	if len(w.api.AllowedOrigins) > 0 {
		w.setOriginHeaders()
	}
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *response) Write(b []byte) (int, error) {
	if w.entry.Status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	n, err := w.ResponseWriter.Write(b)
	w.entry.Bytes += n
	return n, err
}

// Unwrap lets http.ResponseController reach the connection.
func (w *response) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// allowedMethods is the same for every route: all are read-only.
const allowedMethods = "GET, HEAD, OPTIONS"

// endpoint returns the handler of one route. It gives the request an id, sets the
// headers that every answer has, turns errors and panics into problem documents,
// counts and logs.
func (a *api) endpoint(route string, handle handlerFunc) http.Handler {
	observe := a.Metrics.route(route)
	var h http.Handler = http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		start := time.Now()
		observe.began()
		id := requestID(r)
		w := &response{
			ResponseWriter: rw, api: a, id: [1]string{id}, accepts: acceptedEncodings(r.Header["Accept-Encoding"]),
			entry: accesslog.Entry{
				RequestID: id, Method: r.Method, Path: r.URL.Path, Query: r.URL.RawQuery, Client: r.RemoteAddr,
			},
		}
		setHeaders(w.Header(), r, w.id[:])
		if len(a.AllowedOrigins) > 0 {
			w.readable = a.readable(r)
		}
		var err error
		defer func() {
			w.entry.Took, w.entry.Err = time.Since(start), err
			observe.ended(r.Method, w.entry.Status, w.entry.Took)
			a.log(w, r, route, start)
		}()
		err = a.try(w, r, handle)
		switch {
		case err == nil:
		case w.entry.Status != 0:
			// The answer has been sent in part: break the connection, so that the
			// client notices.
			w.entry.Status = http.StatusInternalServerError
			panic(http.ErrAbortHandler)
		case errors.Is(r.Context().Err(), context.Canceled):
			// A client that has only closed its sending side would take the default of
			// net/http, an empty 200, for an answer.
			w.entry.Status = statusClientGone
			panic(http.ErrAbortHandler)
		default:
			writeProblem(w, r, rates.AsError(err))
		}
	})
	if a.Wrap != nil {
		h = a.Wrap(route, h)
	}
	return h
}

// try calls handle. A panic becomes an error.
func (*api) try(w *response, r *http.Request, handle handlerFunc) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	if len(r.RequestURI) > MaxURL {
		return &rates.Error{Kind: uriTooLong, Message: fmt.Sprintf("The URL is longer than %d bytes.", MaxURL)}
	}
	return handle(w, r)
}

// readOnly calls handle for the methods that only read.
func readOnly(handle handlerFunc) handlerFunc {
	return func(w *response, r *http.Request) error {
		switch r.Method {
		case http.MethodGet, http.MethodHead:
			if w.accepts.none() {
				varyByEncoding(w.Header())
				return &rates.Error{
					Kind:    notAcceptable,
					Message: "This is offered plain and compressed with gzip. Name identity or gzip in Accept-Encoding, or leave it out.",
				}
			}
			return handle(w, r)
		case http.MethodOptions:
			w.Header().Set("Allow", allowedMethods)
			w.answerPreflight(r)
			w.WriteHeader(http.StatusNoContent)
			return nil
		default:
			w.Header().Set("Allow", allowedMethods)
			return &rates.Error{Kind: methodNotAllowed, Message: "Only GET, HEAD and OPTIONS are allowed here."}
		}
	}
}

// question asks the store once it is its turn, and bounds how long that takes in all.
// It reports the version of the answer, which ask returns.
func (a *api) question(ctx context.Context, ask func(context.Context) (version int64, err error)) error {
	ctx, cancel := context.WithTimeout(ctx, a.Timeout)
	defer cancel()
	leave, err := a.Questions.Enter(ctx)
	if err != nil {
		return &rates.Error{
			Kind: rates.Busy, Cause: err,
			Message: "More questions arrive than the database answers. Try again in a second.",
		}
	}
	defer leave()
	version, err := ask(ctx)
	if err == nil && a.Versions != nil {
		a.Versions.Saw(version)
	}
	return err
}

// statusClientGone is logged and counted if the client closed the connection, or its
// side of it, before the answer. It is never sent.
const statusClientGone = 499

// log writes the line for a request that began at start.
func (a *api) log(w *response, r *http.Request, route string, start time.Time) {
	e := &w.entry
	level := slog.LevelInfo
	switch {
	case e.Status >= http.StatusInternalServerError:
		level = slog.LevelError
	case route == "/healthz" || route == "/readyz":
		level = slog.LevelDebug // probes come every few seconds
	}
	a.Log.Log(r.Context(), start.Add(e.Took), level, e)
}

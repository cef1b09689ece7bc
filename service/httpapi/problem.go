package httpapi

import (
	"bytes"
	"encoding/json"
	"net/http"

	"example.com/rates/service/rates"
)

// The kinds of error that only HTTP has.
const (
	notFound         rates.Kind = "not-found"
	methodNotAllowed rates.Kind = "method-not-allowed"
	notAcceptable    rates.Kind = "not-acceptable"
	uriTooLong       rates.Kind = "uri-too-long"
)

// problem is a problem document (RFC 9457).
type problem struct {
	Type      string   `json:"type"`
	Title     string   `json:"title"`
	Status    int      `json:"status"`
	Detail    string   `json:"detail"`
	Parameter string   `json:"parameter,omitempty"`
	Value     *string  `json:"value,omitempty"`
	Hints     []string `json:"hints,omitempty"`
	RequestID string   `json:"request_id"`
}

// problemTypePrefix and a kind make the type of a problem: a name to compare, not
// an address.
const problemTypePrefix = "urn:rates:problem:"

var problems = map[rates.Kind]struct {
	status     int
	title      string
	retryAfter string // seconds; "" if another attempt would not help
}{
	rates.Missing:      {http.StatusBadRequest, "A parameter is missing", ""},
	rates.Repeated:     {http.StatusBadRequest, "A parameter is given more than once", ""},
	rates.Malformed:    {http.StatusBadRequest, "A parameter is malformed", ""},
	rates.OutOfRange:   {http.StatusBadRequest, "A parameter is out of range", ""},
	rates.UnknownPlace: {http.StatusBadRequest, "A port or region is unknown", ""},
	rates.BadQuery:     {http.StatusBadRequest, "The query is malformed", ""},
	notFound:           {http.StatusNotFound, "Not found", ""},
	methodNotAllowed:   {http.StatusMethodNotAllowed, "Method not allowed", ""},
	notAcceptable:      {http.StatusNotAcceptable, "No acceptable format is offered", ""},
	uriTooLong:         {http.StatusRequestURITooLong, "The URL is too long", ""},
	rates.Internal:     {http.StatusInternalServerError, "Internal error", ""},
	rates.Unavailable:  {http.StatusServiceUnavailable, "The database is unavailable", "5"},
	rates.Busy:         {http.StatusServiceUnavailable, "Too busy", "1"},
	rates.Timeout:      {http.StatusGatewayTimeout, "The answer took too long", ""},
}

// internalDetail is all that a client learns about an internal error.
const internalDetail = "The service failed to answer. Report the request_id to its operators."

func writeProblem(w *response, r *http.Request, e *rates.Error) {
	about, known := problems[e.Kind]
	if !known || e.Kind == rates.Internal {
		e = &rates.Error{Kind: rates.Internal, Message: internalDetail}
		about = problems[rates.Internal]
	}
	doc := problem{
		Type: problemTypePrefix + string(e.Kind), Title: about.title, Status: about.status, Detail: e.Message,
		Parameter: parameterNames[e.Field], Hints: e.Hints, RequestID: w.id[0],
	}
	if about.retryAfter != "" {
		w.Header().Set("Retry-After", about.retryAfter)
	}
	if e.Field != "" && e.Kind != rates.Missing {
		doc.Value = &e.Value
	}
	if prefersPage(r) {
		writeProblemPage(w, r, doc)
		return
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false) // browsers do not take it for HTML, thanks to nosniff
	if err := encoder.Encode(doc); err != nil {
		// Strings and a number always encode.
		panic(err)
	}
	writeFailure(w, r, asProblem, about.status, body.Bytes())
}

// writeFailure writes an answer that nobody may keep.
func writeFailure(w *response, r *http.Request, form *representation, status int, body []byte) {
	h := w.Header()
	h["Cache-Control"] = noStore
	h["Vary"] = varyAccept
	newAnswer(form, "", body).send(w, r, status)
}

package azure

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"time"
)

// operation is a change that goes on after its request was answered.
type operation struct {
	done chan struct{} // closed once err is set
	err  error
}

const (
	operationsPath = "/operations/"
	// longPoll is how long a request about an operation waits for its end: the clients
	// of a rehearsal ask again at once.
	longPoll = 2 * time.Second
)

// begin starts an operation and tells the client where to ask about it.
func (c *Cloud) begin(w http.ResponseWriter, header string, run func(context.Context) error) {
	o := &operation{done: make(chan struct{})}
	path := operationsPath + rand.Text()
	c.operations[path] = o
	w.Header().Set(header, "https://"+armHost+path)
	go func() {
		defer close(o.done)
		if run != nil {
			o.err = run(c.ctx)
		}
	}()
}

func (c *Cloud) serveOperation(w http.ResponseWriter, r *http.Request) {
	o, ended := c.await(r.Context(), r.URL.Path)
	switch {
	case o == nil:
		refuse(w, http.StatusNotFound, "NotFound", "There is no operation %s.", r.URL.Path)
	case !ended:
		reply(w, http.StatusAccepted, map[string]any{"status": "InProgress"})
	case o.err != nil:
		answer := failure("OperationFailed", o.err.Error())
		answer["status"] = "Failed"
		reply(w, http.StatusOK, answer)
	default:
		reply(w, http.StatusOK, map[string]any{"status": "Succeeded"})
	}
}

// await waits for the end of an operation, but not for long. The operation is nil if
// there is none.
func (c *Cloud) await(ctx context.Context, path string) (o *operation, ended bool) {
	c.mu.Lock()
	o = c.operations[path]
	c.mu.Unlock()
	if o == nil {
		return nil, false
	}
	select {
	case <-o.done:
		return o, true
	case <-ctx.Done():
	case <-time.After(longPoll):
	}
	return o, false
}

// unsigned writes claims as a token that nobody verifies.
func unsigned(claims map[string]any) string {
	var parts []string
	for _, part := range []any{map[string]string{"alg": "none", "typ": "JWT"}, claims} {
		text, err := json.Marshal(part)
		if err != nil {
			panic(err) // texts and numbers
		}
		parts = append(parts, base64.RawURLEncoding.EncodeToString(text))
	}
	return strings.Join(parts, ".") + ".AA"
}

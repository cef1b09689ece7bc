package httpapi

import (
	"context"
	"net/http"
	"time"

	"example.com/rates/service/rates"
)

// readyTimeout bounds a readiness check, so that a probe gets "no" rather than no
// answer.
const readyTimeout = 2 * time.Second

// getHealth reports that the process is alive, and checks nothing else.
func (*api) getHealth(w *response, r *http.Request) error {
	writeState(w, r, "alive")
	return nil
}

// getReadiness reports whether the service can answer questions.
func (a *api) getReadiness(w *response, r *http.Request) error {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	if err := a.Store.Ready(ctx); err != nil {
		e := *rates.AsError(err)
		if e.Kind == rates.Timeout {
			// To a probe, slow is as good as unavailable.
			e.Kind, e.Message = rates.Unavailable, "The database does not answer in time. Try again in a few seconds."
		}
		return &e
	}
	writeState(w, r, "ready")
	return nil
}

func writeState(w *response, r *http.Request, state string) {
	body := []byte(`{"status":"` + state + `"}` + "\n")
	w.Header()["Cache-Control"] = noStore
	newAnswer(asJSON, "", body).send(w, r, http.StatusOK)
}

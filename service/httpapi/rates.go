package httpapi

import (
	"net/http"
	"sync"

	"example.com/rates/service/rates"
)

// buffers holds *[]byte that answers are encoded into.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// maxPooled keeps one answer of ten years from staying in memory for ever.
const maxPooled = 64 << 10

func (a *api) getRates(w *response, r *http.Request) error {
	q, err := parseQuery(r.URL.RawQuery, a.MaxDays)
	if err != nil {
		return err
	}
	w.Header()["Vary"] = varyAccept
	media, err := negotiate(r, mediaJSON, mediaCSV)
	if err != nil {
		return err
	}
	answer, err := a.Store.DailyRates(r.Context(), q)
	if err != nil {
		return asGiven(err, r)
	}
	buffer, _ := buffers.Get().(*[]byte)
	body := (*buffer)[:0]
	if media == mediaCSV {
		body = appendRatesCSV(body, q, answer)
	} else {
		body = appendRatesJSON(body, q, answer)
	}
	writeAnswer(w, r, media, versionTag(answer.Version, media), body)
	if cap(body) <= maxPooled {
		*buffer = body
		buffers.Put(buffer)
	}
	return nil
}

var varyAccept = []string{"Accept"}

// asGiven puts the text that the client sent for an unknown place into err;
// the store knows it in upper case only.
func asGiven(err error, r *http.Request) error {
	e := rates.AsError(err)
	if e.Kind == rates.UnknownPlace {
		e.Value = r.URL.Query().Get(e.Param)
	}
	return e
}

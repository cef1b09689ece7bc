package httpapi

import (
	"context"
	"net/http"
	"strconv"

	"example.com/rates/service/cache"
	"example.com/rates/service/rates"
)

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
	version, known := a.version()
	if known && r.Header["If-None-Match"] != nil {
		// Who names the tag was given the answer. "*" may be asked before there is any.
		if tag := versionTag(version, media); names(r, tag) {
			writeNotModified(w, []string{tag})
			return nil
		}
	}
	answer, err := a.answer(r.Context(), cache.Key{Query: q, Media: media}, version, known)
	if err != nil {
		return asGiven(err, r)
	}
	writeTagged(w, r, media, answer)
	return nil
}

var varyAccept = []string{"Accept"}

// version returns the version of the data if it is known without asking.
func (a *api) version() (version int64, known bool) {
	if a.Versions == nil {
		return 0, false
	}
	return a.Versions.Current()
}

// answer finds an answer that is as new as the question: in memory if the
// version of the data is known, else in the database.
func (a *api) answer(ctx context.Context, key cache.Key, version int64, known bool) (*cache.Answer, error) {
	if !known || a.Cache == nil {
		return a.ask(ctx, key)
	}
	if answer, ok := a.Cache.Get(key, version); ok {
		return answer, nil
	}
	return a.Cache.Load(ctx, key, version, func(ctx context.Context) (*cache.Answer, error) {
		return a.ask(ctx, key)
	})
}

// ask asks the store and encodes what it answers.
func (a *api) ask(ctx context.Context, key cache.Key) (*cache.Answer, error) {
	ctx, done, err := a.beginQuestion(ctx)
	if err != nil {
		return nil, err
	}
	defer done()
	answer, err := a.Store.DailyRates(ctx, key.Query)
	if err != nil {
		return nil, err
	}
	if a.Versions != nil {
		a.Versions.Saw(answer.Version)
	}
	return encode(key, answer), nil
}

func encode(key cache.Key, answer rates.Answer) *cache.Answer {
	// A day takes 52 bytes of JSON when its mean has four digits before the
	// point and repeats after it.
	const perDay, frame = 56, 16
	body := make([]byte, 0, key.Query.Days()*perDay+frame)
	if key.Media == mediaCSV {
		body = appendRatesCSV(body, key.Query, answer)
	} else {
		body = appendRatesJSON(body, key.Query, answer)
	}
	return &cache.Answer{
		Version: answer.Version,
		Tag:     []string{versionTag(answer.Version, key.Media)},
		Length:  []string{strconv.Itoa(len(body))},
		Body:    body,
	}
}

// asGiven puts the text that the client sent for an unknown place into err;
// the store knows it in upper case only. Others may be waiting for the same
// err, so it is copied.
func asGiven(err error, r *http.Request) error {
	e := *rates.AsError(err)
	if e.Kind == rates.UnknownPlace {
		e.Value = r.URL.Query().Get(e.Param)
	}
	return &e
}

package httpapi

import (
	"context"
	"net/http"

	"example.com/rates/service/rates"
)

func (a *api) getRates(w *response, r *http.Request) error {
	q, err := parseQuery(r.URL.RawQuery, a.MaxDays)
	if err != nil {
		return err
	}
	form, err := negotiate(w, r, ratesOffers)
	if err != nil {
		return err
	}
	version, known := a.version()
	if known && r.Header["If-None-Match"] != nil {
		// A client that sends the tag has the answer. One that sends "*" may not.
		if tag := form.tag(version); names(r, tag) {
			a.Versions.Saw(version)
			writeNotModified(w, []string{tag})
			return nil
		}
	}
	answer, err := a.answer(r.Context(), cacheKey{q.Query, form}, version, known)
	if err != nil {
		return q.explain(err)
	}
	answer.write(w, r)
	return nil
}

// version returns the version of the data if it is known without asking.
func (a *api) version() (version int64, known bool) {
	if a.Versions == nil {
		return 0, false
	}
	return a.Versions.Current()
}

// answer finds an answer that is as new as the question: in memory if the
// version of the data is known, else in the database.
func (a *api) answer(ctx context.Context, key cacheKey, version int64, known bool) (*answer, error) {
	if !known || a.Cache == nil {
		found, _, err := a.ask(ctx, key)
		return found, err
	}
	if found, ok := a.Cache.Get(key, version); ok {
		return found, nil
	}
	key = key.clone()
	return a.Cache.Load(ctx, key, version, func(ctx context.Context) (*answer, int64, error) { return a.ask(ctx, key) })
}

// ask asks the store and encodes its answer. It returns the version of the data
// that the answer was read from, too.
func (a *api) ask(ctx context.Context, key cacheKey) (*answer, int64, error) {
	var found rates.Answer
	err := a.question(ctx, func(ctx context.Context) (err error) {
		found, err = a.Store.DailyRates(ctx, key.query)
		return err
	})
	if err != nil {
		return nil, 0, err
	}
	if a.Versions != nil {
		a.Versions.Saw(found.Version)
	}
	return encode(key, found), found.Version, nil
}

func encode(key cacheKey, found rates.Answer) *answer {
	// A day takes 52 bytes of JSON when its mean has four digits before the
	// point and repeats after it.
	const perDay, frame = 56, 16
	body := make([]byte, 0, key.query.Days()*perDay+frame)
	body = key.form.appendRates(body, key.query, found)
	return newAnswer(key.form, key.form.tag(found.Version), body)
}

package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"example.com/rates/service/cache"
	"example.com/rates/service/rates"
)

func (a *api) getRates(w *response, r *http.Request) error {
	w.Header()["Vary"] = varyAccept
	q, err := parseQuery(r.URL.RawQuery, a.MaxDays)
	if err != nil {
		return err
	}
	form := q.form
	if form == nil {
		if form, err = negotiate(w, r, ratesOffers); err != nil {
			return err
		}
	}
	if q.count > 1 && form.appendRates != nil {
		return oneLaneOnly(form, &q)
	}
	version, known := a.version()
	if known && r.Header["If-None-Match"] != nil {
		// A client that sends the tag has the answer. One that sends "*" may not.
		if tag := w.accepts.held(r, form.tag(version)); tag != "" {
			a.Versions.Saw(version)
			writeNotModified(w, form, []string{tag})
			return nil
		}
	}
	key := cacheKey{query: q.query(0), form: form, others: q.others()}
	if form == asHTML {
		key.site = site(r)
	}
	found, err := a.answer(r.Context(), key, &q, version, known)
	if err != nil {
		return q.explain(err)
	}
	if q.download && form != asHTML {
		w.Header()["Content-Disposition"] = []string{`attachment; filename="` + q.fileName() + "." + form.name + `"`}
	}
	found.write(w, r)
	return nil
}

// oneLaneOnly refuses to answer for several lanes in a form that has no room for
// their names.
func oneLaneOnly(form *representation, q *question) error {
	last := q.lanes[q.count-1].pair
	if last == "" {
		last = q.lanes[0].pair // orig_code and dest_code came last
	}
	return &rates.Error{
		Kind: rates.OutOfRange, Field: fieldLane, Value: last,
		Message: fmt.Sprintf("%s answers for one lane, and these are %d. Ask for each lane by itself, or for %s=html or %s=svg.",
			strings.ToUpper(form.name), q.count, format, format),
	}
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
func (a *api) answer(ctx context.Context, key cacheKey, q *question, version int64, known bool) (*answer, error) {
	if !known || a.Cache == nil {
		found, _, err := a.ask(ctx, key, q.queries())
		return found, err
	}
	if found, ok := a.Cache.Get(key, version); ok {
		return found, nil
	}
	key = key.clone()
	queries := q.queries()
	return a.load(ctx, key, version, func(ctx context.Context) (*answer, int64, error) { return a.ask(ctx, key, queries) })
}

// load makes an answer and keeps it. The cache weighs it again when it grows.
func (a *api) load(ctx context.Context, key cacheKey, version int64, ask cache.Loader[*answer]) (*answer, error) {
	answers := a.Cache
	return answers.Load(ctx, key, version, func(ctx context.Context) (*answer, int64, error) {
		found, version, err := ask(ctx)
		if err == nil {
			found.grown = func() { answers.Reweigh(key) }
		}
		return found, version, err
	})
}

// ask asks the store about each lane and encodes its answers. It returns the
// version of the data that they were read from, too.
func (a *api) ask(ctx context.Context, key cacheKey, queries []rates.Query) (*answer, int64, error) {
	ctx, cancel := context.WithTimeout(ctx, a.Timeout)
	defer cancel()
	answers := make([]rates.Answer, len(queries))
	for i, q := range queries {
		err := a.question(ctx, func(ctx context.Context) (version int64, err error) {
			answers[i], err = a.Store.DailyRates(ctx, q)
			return answers[i].Version, err
		})
		if err != nil {
			return nil, 0, &laneError{index: i, err: err}
		}
	}
	if key.form.appendRates != nil {
		return encode(key, answers[0]), answers[0].Version, nil
	}
	return a.draw(ctx, key, queries, answers)
}

func encode(key cacheKey, found rates.Answer) *answer {
	// A day takes 58 bytes of JSON when its mean has four digits before the
	// point and repeats after it.
	const perDay, frame = 60, 16
	body := make([]byte, 0, key.query.Days()*perDay+frame)
	body = key.form.appendRates(body, key.query, found)
	return newAnswer(key.form, key.form.tag(found.Version), body)
}

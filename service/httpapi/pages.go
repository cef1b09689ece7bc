package httpapi

import (
	"context"
	"net/http"
	"net/url"
	"strings"

	"example.com/rates/service/chart"
	"example.com/rates/service/page"
	"example.com/rates/service/rates"
)

// draw makes a page or a chart of the answers. Its version is the oldest of what
// it shows, so that it is made again if the data changed meanwhile.
func (a *api) draw(ctx context.Context, key cacheKey, queries []rates.Query, answers []rates.Answer) (*answer, int64, error) {
	var places []rates.Place
	for _, q := range queries {
		places = append(places, q.Origin, q.Destination)
	}
	outline, err := a.outline(ctx, places...)
	if err != nil {
		return nil, 0, err
	}
	version := outline.Version
	for _, answer := range answers {
		version = min(version, answer.Version)
	}
	result := &page.Result{
		Question: named(queries, outline.Names), Answers: answers,
		Site: key.site, MaxDays: a.MaxDays, Span: spanOf(outline),
	}
	var body []byte
	if key.form == asSVG {
		body = chart.AppendDocument(nil, result.Drawing())
	} else if body, err = page.Draw(page.Answer(result)); err != nil {
		return nil, 0, err
	}
	return newAnswer(key.form, key.form.tag(version), body), version, nil
}

// outline asks the store for the outline of the data.
func (a *api) outline(ctx context.Context, places ...rates.Place) (outline rates.Outline, err error) {
	err = a.question(ctx, func(ctx context.Context) (version int64, err error) {
		outline, err = a.Store.Outline(ctx, places...)
		return outline.Version, err
	})
	return outline, err
}

func spanOf(outline rates.Outline) *page.Span {
	if outline.First > outline.Last {
		return nil
	}
	return &page.Span{First: outline.First, Last: outline.Last}
}

// named returns the question with the names of its places.
func named(queries []rates.Query, names map[rates.Place]rates.Named) page.Question {
	q := page.Question{From: queries[0].From, To: queries[0].To}
	for _, query := range queries {
		origin, destination := names[query.Origin], names[query.Destination]
		q.Lanes = append(q.Lanes, page.Lane{
			Origin: origin.Code, OriginName: origin.Name, Destination: destination.Code, DestinationName: destination.Name,
		})
	}
	return q
}

// getRoot greets programs, and shows people the form of a question.
func (a *api) getRoot(w *response, r *http.Request) error {
	form, err := negotiate(w, r, pageOffers)
	if err != nil {
		return err
	}
	if form == asJSON {
		body := []byte(`{"message":"Hello world!"}` + "\n")
		newAnswer(asJSON, contentTag(body), body).write(w, r)
		return nil
	}
	version, known := a.version()
	found, err := a.rootPage(r, version, known)
	if err != nil {
		return err
	}
	found.write(w, r)
	return nil
}

// rootPage returns the form of a question. The page without values is kept.
func (a *api) rootPage(r *http.Request, version int64, known bool) (*answer, error) {
	key := cacheKey{form: asHTML}
	build := func(ctx context.Context) (*answer, int64, error) {
		outline, err := a.outline(ctx)
		if err != nil {
			return nil, 0, err
		}
		body, err := page.Draw(page.Start(sent(r.URL.RawQuery), spanOf(outline)))
		return newAnswer(asHTML, asHTML.tag(outline.Version), body), outline.Version, err
	}
	if !known || a.Cache == nil || r.URL.RawQuery != "" {
		found, _, err := build(r.Context())
		return found, err
	}
	if found, ok := a.Cache.Get(key, version); ok {
		return found, nil
	}
	return a.load(r.Context(), key, version, build)
}

// sent returns the form with what the client sent, right or wrong.
func sent(rawQuery string) *page.Form {
	values, _ := url.ParseQuery(rawQuery) // what can be read of it
	form := page.NewForm("")
	form.From.Value, form.To.Value = values.Get(dateFrom), values.Get(dateTo)
	form.Origin.Value, form.Destination.Value = values.Get(origCode), values.Get(destCode)
	for _, lane := range values[laneName] {
		if lane != "" {
			form.Lanes = append(form.Lanes, page.Chosen{Value: lane, Text: strings.Replace(lane, laneSeparator, " → ", 1)})
		}
	}
	return form
}

// writeProblemPage writes a problem for people, with the form as they filled it in.
func writeProblemPage(w *response, r *http.Request, doc problem) {
	view := page.View{Title: doc.Title, Problem: &page.Problem{
		Detail: doc.Detail, Parameter: doc.Parameter, RequestID: doc.RequestID,
		Hints: hintLinks(r, doc),
	}}
	if r.URL.Path == ratesPath {
		view.Form = sent(r.URL.RawQuery)
		view.Form.Blame(view.Problem)
	}
	body, err := page.Draw(view)
	if err != nil {
		panic(err) // the templates are part of the program, and a view of text always fits
	}
	writeFailure(w, r, asHTML, doc.Status, body)
}

// hintLinks returns links to the question with the hints of a problem in place of
// the value to blame.
func hintLinks(r *http.Request, doc problem) []page.Link {
	var links []page.Link
	for _, hint := range doc.Hints {
		values, _ := url.ParseQuery(r.URL.RawQuery)
		for i, value := range values[doc.Parameter] {
			if doc.Value == nil || value == *doc.Value {
				values[doc.Parameter][i] = hint
			}
		}
		links = append(links, page.Link{Text: hint, URL: r.URL.Path + "?" + values.Encode()})
	}
	return links
}

// site returns the scheme and the host that the client used, for commands to copy.
// A host with other characters than those of names and addresses is left out.
func site(r *http.Request) string {
	scheme := "http://"
	if overTLS(r) {
		scheme = "https://"
	}
	const chars = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_:[]"
	if strings.Trim(r.Host, chars) != "" {
		return scheme
	}
	return scheme + r.Host
}

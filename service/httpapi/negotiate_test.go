package httpapi_test

import (
	"net/http"
	"slices"
	"testing"
)

// Accept decides between JSON and CSV, by weight; the most specific range counts
// (RFC 9110, section 12.5.1).
func TestNegotiation(t *testing.T) {
	const json, csv, neither = "application/json", "text/csv; charset=utf-8", ""
	const html, svg = "text/html; charset=utf-8", "image/svg+xml"
	a := newAPI(t, fakeStore{})
	for _, c := range []struct {
		want   string
		accept []string
	}{
		{json, nil},
		{json, []string{""}},
		{json, []string{" ", ",,,"}},
		{json, []string{",\t, ,"}},
		{json, []string{", application/json ,"}},
		{json, []string{`text/html;x="a,text/csv", application/json`}},
		{json, []string{"text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"}}, // Java's own client
		{json, []string{"*/*"}},
		{json, []string{"application/*"}},
		{json, []string{"application/json"}},
		{json, []string{"APPLICATION/JSON"}},
		{json, []string{"application/json; charset=utf-8"}},
		{json, []string{"application/json;q=0.5, text/csv;q=0.4"}},
		{json, []string{"application/json, text/csv"}},
		{json, []string{"text/csv;q=0, */*"}},
		{json, []string{"application/xml, */*;q=0.1"}},
		{json, []string{"text/*;q=0.1, application/json;q=0.2"}},
		{json, []string{"text/csv;q=nonsense, */*;q=0.1"}},
		{csv, []string{"text/csv"}},
		{csv, []string{"text/*"}},
		{csv, []string{`text/csv;x="a,b"`}},
		{csv, []string{`text/csv;x="a;q=0,b";q=1.000, */*;q=0.999`}},
		{csv, []string{`text/csv;x="\",application/json,\\"`}},
		{csv, []string{",, text/csv", ""}},
		{csv, []string{"application/json;q=0.000, TEXT/*"}},
		{csv, []string{"text/csv;header=absent;q=0.1, text/csv, application/json;q=0.5"}},
		{csv, []string{"Text/Csv ; q=1"}},
		{csv, []string{"text/csv;header=present;q=0.9, */*;q=0.1"}},
		{csv, []string{"application/json;q=0.4,text/csv;q=0.5"}},
		{csv, []string{"application/json; Q=0.4, text/csv ; q = 0.5"}},
		{csv, []string{"application/json;q=0, */*"}},
		{csv, []string{"application/json;q=0.1, */*;q=0.5"}},
		{csv, []string{"application/json;q=0.1", "text/csv"}},
		{csv, []string{"application/json;q=0.001, text/csv;q=0.002"}},
		// Firefox and Safari, and then Chrome.
		{html, []string{"text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}},
		{html, []string{"text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8"}},
		{html, []string{"text/html"}},
		{html, []string{"text/html, */*;q=0.1"}},
		{html, []string{"text/html, image/gif, image/jpeg, */*; q=0.2"}}, // close to Java's own client
		{svg, []string{"image/*"}},
		{svg, []string{"image/svg+xml"}},
		{svg, []string{"image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8"}}, // an img element in Chrome
		{svg, []string{"image/svg+xml, text/html;q=0.9"}},
		{neither, []string{"application/xml"}},
		{neither, []string{"image/png"}},
		{neither, []string{"text/csv;q=0"}},
		{neither, []string{"*/*;q=0"}},
		{neither, []string{"application/json;q=2"}},
		{neither, []string{"application/json;q=-1"}},
		{neither, []string{"application/json;q=NaN"}},
		{neither, []string{"application/json;q=1e-1"}},
		{neither, []string{"application/json;q=0x1p-2"}},
		{neither, []string{`application/json;q="1"`}},
		{neither, []string{"application/json;q=1.001"}},
		{neither, []string{"nonsense"}},
	} {
		var headers []string
		for _, accept := range c.accept {
			headers = append(headers, "Accept", accept)
		}
		got := a.get(t, goodQuery, headers...)
		if c.want == neither {
			wantKind(t, got, http.StatusNotAcceptable, "not-acceptable")
		} else if media := got.header.Get("Content-Type"); got.status != http.StatusOK || media != c.want {
			t.Errorf("Accept %q gives %d with %s, want %s", c.accept, got.status, media, c.want)
		}
		if vary := got.header.Values("Vary"); !slices.Equal(vary, []string{"Accept, Accept-Encoding"}) {
			t.Errorf("Accept %q: Vary is %q, so caches would confuse the representations", c.accept, vary)
		}
	}
}

// A refusal lists what is offered.
func TestNotAcceptableListsTheOffers(t *testing.T) {
	a := newAPI(t, fakeStore{})
	for target, want := range map[string]string{
		goodQuery:  "This is offered as application/json, text/csv, text/html and image/svg+xml. Name one of these in Accept, or leave it out.",
		"/ports":   "This is offered as application/json and text/html. Name one of these in Accept, or leave it out.",
		"/regions": "This is offered as application/json. Name one of these in Accept, or leave it out.",
		"/":        "This is offered as application/json and text/html. Name one of these in Accept, or leave it out.",
	} {
		doc := wantKind(t, a.get(t, target, "Accept", "image/png"), http.StatusNotAcceptable, "not-acceptable")
		if doc.Detail != want {
			t.Errorf("%s: %q, want %q", target, doc.Detail, want)
		}
	}
}

package httpapi

import (
	"net/http"
	"strconv"
	"strings"

	"example.com/rates/service/page"
	"example.com/rates/service/rates"
)

// representation is a form in which answers are offered.
//
// An answer has the headers of its form whatever its status. So has a 304, since a
// client replaces those it keeps by those that come.
type representation struct {
	name        string   // as the parameter format names it
	media       string   // as Accept names it
	contentType []string // the header
	tagSuffix   string   // sets the entity tags of one URL apart
	headers     []field  // besides, or instead of, those that every answer has

	// appendRates appends the answer about one lane. It is nil where an answer may
	// be about several, and where rates are not offered in this form.
	appendRates func(b []byte, q rates.Query, answer rates.Answer) []byte
}

var (
	asJSON = &representation{
		name: "json", media: "application/json", contentType: []string{"application/json"},
		appendRates: appendRatesJSON,
	}
	asCSV = &representation{
		name: "csv", media: "text/csv", contentType: []string{"text/csv; charset=utf-8"}, tagSuffix: "-csv",
		appendRates: appendRatesCSV,
	}
	asYAML    = &representation{media: "application/yaml", contentType: []string{"application/yaml"}}
	asProblem = &representation{media: "application/problem+json", contentType: []string{"application/problem+json"}}
	asHTML    = &representation{
		name: "html", media: "text/html", contentType: []string{"text/html; charset=utf-8"}, tagSuffix: "-html-" + page.Version(),
		headers: pageHeaders,
	}
	asSVG = &representation{
		name: "svg", media: "image/svg+xml", contentType: []string{"image/svg+xml"}, tagSuffix: "-svg-" + page.Version(),
		headers: chartHeaders,
	}
)

// The representations that a URL is offered in. A client without a preference gets the first.
var (
	ratesOffers = []*representation{asJSON, asCSV, asHTML, asSVG}
	pageOffers  = []*representation{asJSON, asHTML}
	jsonOffer   = []*representation{asJSON}
)

// formNamed returns the representation of rates with a name, in any letter case,
// nil if there is none.
func formNamed(name string) *representation {
	for _, form := range ratesOffers {
		if strings.EqualFold(form.name, name) {
			return form
		}
	}
	return nil
}

// formNames returns the names of all representations of rates.
func formNames() []string {
	names := make([]string, len(ratesOffers))
	for i, form := range ratesOffers {
		names[i] = form.name
	}
	return names
}

// answerFormat is part of every ETag. It changes with the form of an answer, so
// that a client never keeps an answer from an older program.
const answerFormat = "1"

// tag returns the entity tag of an answer from a version of the data. Answers
// to different questions share it: a tag belongs to its URL.
func (form *representation) tag(version int64) string {
	return `"` + answerFormat + "-" + strconv.FormatInt(version, 36) + form.tagSuffix + `"`
}

// setHeaders sets the headers of an answer in this form, whatever its status.
func (form *representation) setHeaders(h http.Header) {
	for _, f := range form.headers {
		h[f.name] = f.values
	}
}

package httpapi

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"example.com/rates/service/rates"
)

// negotiate returns the offer that the client prefers (RFC 9110, section
// 12.5.1), the first of equals, or an error of kind notAcceptable. A client that
// names none gets the first. If there is a choice, the answer's Vary header says so.
func negotiate(w http.ResponseWriter, r *http.Request, offers []*representation) (*representation, error) {
	if len(offers) > 1 {
		w.Header()["Vary"] = varyAccept
	}
	accept := r.Header["Accept"]
	if isEmpty(accept) || isJava(accept) {
		return offers[0], nil
	}
	var best *representation
	bestQuality := 0.0
	for _, offer := range offers {
		if quality := acceptQuality(accept, offer.media); quality > bestQuality {
			best, bestQuality = offer, quality
		}
	}
	if best == nil {
		return nil, notOffered(offers)
	}
	return best, nil
}

// isEmpty reports whether the lines of a header hold no element.
func isEmpty(lines []string) bool {
	for range elements(lines, escapes) {
		return false
	}
	return true
}

// isJava reports whether Accept is what HttpURLConnection sends for a Java program
// that sets none. It names HTML first, which such a program cannot read.
func isJava(accept []string) bool {
	return len(accept) == 1 && accept[0] == "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"
}

// prefersPage reports whether a client wants to look at the answer rather than
// to read it with a program, errors included.
func prefersPage(r *http.Request) bool {
	if named := r.URL.Query()[format]; r.URL.Path == ratesPath && len(named) == 1 {
		if form := formNamed(named[0]); form != nil {
			return form == asHTML
		}
	}
	accept := r.Header["Accept"]
	return !isJava(accept) && acceptQuality(accept, asHTML.media) > acceptQuality(accept, asJSON.media)
}

var varyAccept = []string{"Accept, Accept-Encoding"}

func notOffered(offers []*representation) error {
	var media []string
	for _, offer := range offers {
		media = append(media, offer.media)
	}
	return &rates.Error{
		Kind:    notAcceptable,
		Message: fmt.Sprintf("This is offered as %s. Name one of these in Accept, or leave it out.", and(media)),
	}
}

// and joins the elements of a list as a sentence does.
func and(list []string) string {
	last := len(list) - 1
	if last < 1 {
		return strings.Join(list, "")
	}
	return strings.Join(list[:last], ", ") + " and " + list[last]
}

// acceptQuality returns the weight of a media type in the lines of an Accept
// header, 0 to 1. The most specific range that matches decides, the heaviest of
// equals. Parameters other than q and malformed ranges are ignored.
func acceptQuality(accept []string, media string) float64 {
	anyOfKind := media[:strings.IndexByte(media, '/')] + "/*"
	quality, specific := 0.0, 0
	for item := range elements(accept, escapes) {
		mediaRange, parameters, _ := strings.Cut(item, ";")
		mediaRange = trim(mediaRange)
		var rank int
		switch {
		case strings.EqualFold(mediaRange, media):
			rank = 3
		case strings.EqualFold(mediaRange, anyOfKind):
			rank = 2
		case mediaRange == "*/*":
			rank = 1
		default:
			continue
		}
		if q, ok := qualityOf(parameters); ok && (rank > specific || rank == specific && q > quality) {
			quality, specific = q, rank
		}
	}
	return quality
}

// qualityOf returns the weight among the parameters of a media range, 1 if there
// is none.
func qualityOf(parameters string) (q float64, ok bool) {
	for parameter := range split(parameters, ';', escapes) {
		name, value, _ := strings.Cut(parameter, "=")
		if !strings.EqualFold(trim(name), "q") {
			continue
		}
		value = trim(value)
		if strings.Trim(value, "0123456789.") != "" {
			return 0, false // such as an exponent
		}
		q, err := strconv.ParseFloat(value, 64)
		return q, err == nil && q <= 1
	}
	return 1, true
}

package httpapi

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"example.com/rates/service/rates"
)

// negotiate returns the offer that the client prefers (RFC 9110, section
// 12.5.1), the first of equals, or an error of kind notAcceptable. A client
// without an Accept header gets the first. If there is a choice, the answer's
// Vary header says so.
func negotiate(w http.ResponseWriter, r *http.Request, offers []*representation) (*representation, error) {
	if len(offers) > 1 {
		w.Header()["Vary"] = varyAccept
	}
	accept := strings.Join(r.Header.Values("Accept"), ",")
	if strings.TrimSpace(accept) == "" {
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

var varyAccept = []string{"Accept"}

func notOffered(offers []*representation) error {
	var media []string
	for _, offer := range offers {
		media = append(media, offer.media)
	}
	return &rates.Error{
		Kind:    notAcceptable,
		Message: fmt.Sprintf("This is offered as %s. Name one of these in Accept, or leave it out.", strings.Join(media, " and ")),
	}
}

// acceptQuality returns the weight of a media type in an Accept header, 0 to 1.
// The most specific range that matches decides. Parameters other than q and
// malformed ranges are ignored.
func acceptQuality(accept, media string) float64 {
	kind, _, _ := strings.Cut(media, "/")
	quality, specific := 0.0, 0
	for item := range strings.SplitSeq(accept, ",") {
		mediaRange, parameters, _ := strings.Cut(item, ";")
		rank := 0
		switch strings.ToLower(strings.TrimSpace(mediaRange)) {
		case media:
			rank = 3
		case kind + "/*":
			rank = 2
		case "*/*":
			rank = 1
		}
		if q, ok := qualityOf(parameters); ok && rank > specific {
			quality, specific = q, rank
		}
	}
	return quality
}

// qualityOf returns the weight among the parameters of a media range, 1 if there
// is none.
func qualityOf(parameters string) (q float64, ok bool) {
	for parameter := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(parameter, "=")
		if !strings.EqualFold(strings.TrimSpace(name), "q") {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		return q, err == nil && q >= 0 && q <= 1
	}
	return 1, true
}

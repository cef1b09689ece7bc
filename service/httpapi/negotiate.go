package httpapi

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"example.com/rates/service/rates"
)

const (
	mediaJSON = "application/json"
	mediaCSV  = "text/csv"
)

// negotiate returns the offered media type that the client likes best (RFC
// 9110, section 12.5.1), the first of equals, or an error of kind
// notAcceptable. A client that says nothing gets the first.
func negotiate(r *http.Request, offers ...string) (string, error) {
	accept := strings.Join(r.Header.Values("Accept"), ",")
	if strings.TrimSpace(accept) == "" {
		return offers[0], nil
	}
	best, bestQuality := "", 0.0
	for _, offer := range offers {
		if quality := acceptQuality(accept, offer); quality > bestQuality {
			best, bestQuality = offer, quality
		}
	}
	if best == "" {
		return "", &rates.Error{
			Kind:    notAcceptable,
			Message: fmt.Sprintf("This is offered as %s. Name one of these in Accept, or leave it out.", strings.Join(offers, " and ")),
		}
	}
	return best, nil
}

// acceptQuality returns how much an Accept header likes the media type offer,
// 0 to 1. The most specific range that matches decides. Parameters other than
// q are passed over, as are ranges that cannot be read.
func acceptQuality(accept, offer string) float64 {
	kind, _, _ := strings.Cut(offer, "/")
	quality, specific := 0.0, 0
	for item := range strings.SplitSeq(accept, ",") {
		mediaRange, parameters, _ := strings.Cut(item, ";")
		rank := 0
		switch strings.ToLower(strings.TrimSpace(mediaRange)) {
		case offer:
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

// qualityOf reads the weight out of the parameters of a media range, 1 if they
// have none.
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

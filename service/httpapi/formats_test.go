package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"example.com/rates/service/httpapi"
	"example.com/rates/service/rates"
)

// browser is what browsers say they accept.
const browser = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"

// Data go to programs, and pages to browsers, whatever happened. The parameter
// format wins over Accept.
func TestFormat(t *testing.T) {
	const json, csv, html, svg = "application/json", "text/csv; charset=utf-8", "text/html; charset=utf-8", "image/svg+xml"
	a := newAPI(t, fakeStore{})
	for _, c := range []struct{ query, accept, want string }{
		{"&format=json", browser, json},
		{"&format=csv", "", csv},
		{"&format=csv", "application/json", csv},
		{"&format=CSV", browser, csv},
		{"&format=csv", "image/png", csv},
		{"&format=html", "", html},
		{"&format=html", "*/*", html},
		{"&format=svg", browser, svg},
		{"&format=%73vg", "", svg},
		{"&format=", "text/csv", csv},
		{"&Format=csv", "", json},
		{"", browser, html},
		{"", "*/*", json},
	} {
		got := a.get(t, goodQuery+c.query, "Accept", c.accept)
		if got.status != http.StatusOK || got.header.Get("Content-Type") != c.want {
			t.Errorf("%q with Accept %q: status %d, %q, want %q", c.query, c.accept, got.status, got.header.Get("Content-Type"), c.want)
		}
		if vary := got.header.Get("Vary"); vary != "Accept, Accept-Encoding" {
			t.Errorf("%q: Vary is %q", c.query, vary)
		}
	}
}

// A format that is not offered is refused with those that are, and so are other
// values that could be meant in several ways.
func TestFormatIsRefused(t *testing.T) {
	a := newAPI(t, fakeStore{})
	for _, c := range []struct{ query, kind, parameter, value string }{
		{"&format=xlsx", "malformed-parameter", "format", "xlsx"},
		{"&format=text/csv", "malformed-parameter", "format", "text/csv"},
		{"&format=json+", "malformed-parameter", "format", "json "},
		{"&format=csv&format=json", "repeated-parameter", "format", "json"},
		{"&format=csv&format=csv", "repeated-parameter", "format", "csv"},
		{"&download=yes", "malformed-parameter", "download", "yes"},
		{"&download=1&download=1", "repeated-parameter", "download", "1"},
	} {
		doc := wantKind(t, a.get(t, goodQuery+c.query), http.StatusBadRequest, c.kind)
		if doc.Parameter != c.parameter || doc.Value == nil || *doc.Value != c.value {
			t.Errorf("%s: the problem blames %q: %+v", c.query, doc.Parameter, doc)
		}
		if c.kind == "malformed-parameter" && c.parameter == "format" && !strings.Contains(doc.Detail, "json, csv, html and svg") {
			t.Errorf("%s: %q does not list the formats", c.query, doc.Detail)
		}
	}
}

// download=1 gives data and charts a name to be kept under; it consists of letters
// that are safe in a header and in a file system.
func TestDownload(t *testing.T) {
	a := newAPI(t, fakeStore{})
	const days = "/rates?date_from=2021-01-01&date_to=2021-01-31"
	long := strings.Repeat("a", 63)
	for query, want := range map[string]string{
		"&orig_code=CNGGZ&dest_code=EETLL&format=csv&download=1":               `attachment; filename="rates_CNGGZ_EETLL_2021-01-01_2021-01-31.csv"`,
		"&orig_code=cnggz&dest_code=north-sea&format=json&download=1":          `attachment; filename="rates_CNGGZ_NORTH-SEA_2021-01-01_2021-01-31.json"`,
		"&orig_code=CNGGZ&dest_code=EETLL&lane=a_b.cd&format=svg&download=1":   `attachment; filename="rates_CNGGZ_EETLL_2021-01-01_2021-01-31_and_1_more.svg"`,
		"&orig_code=CNGGZ&dest_code=EETLL&format=csv":                          "",
		"&orig_code=CNGGZ&dest_code=EETLL&format=csv&download=":                "",
		"&orig_code=CNGGZ&dest_code=EETLL&format=csv&download=0":               "",
		"&orig_code=CNGGZ&dest_code=EETLL&format=html&download=1":              "",
		"&orig_code=CNGGZ&dest_code=%22%0d%0aX-Bad:1&format=csv&download=1":    "",
		"&orig_code=" + long + "&dest_code=" + long + "&format=csv&download=1": `attachment; filename="rates_` + strings.ToUpper(long+"_"+long) + `_2021-01-01_2021-01-31.csv"`,
	} {
		got := a.get(t, days+query)
		if name := got.header.Get("Content-Disposition"); name != want {
			t.Errorf("%s: Content-Disposition is %q, want %q", query, name, want)
		}
	}
	broken := newAPI(t, failing(&rates.Error{Kind: rates.Unavailable, Message: "Away."}))
	if got := broken.get(t, goodQuery+"&format=csv&download=1"); got.header.Get("Content-Disposition") != "" {
		t.Errorf("a problem would be kept as %s", got.header.Get("Content-Disposition"))
	}
}

// asked returns an api that counts the questions of its store by lane.
func asked(t *testing.T, edits ...func(*httpapi.Config)) (*api, map[string]int) {
	t.Helper()
	counts := map[string]int{}
	return newAPI(t, fakeStore{dailyRates: func(_ context.Context, q rates.Query) (rates.Answer, error) {
		counts[fmt.Sprintf("%s %s", q.Origin, q.Destination)]++
		return rates.Answer{Version: 7}, nil
	}, outline: func(_ context.Context, places ...rates.Place) (rates.Outline, error) {
		counts["outline"]++
		outline := rates.Outline{Version: 7, Names: map[rates.Place]rates.Named{}}
		for _, place := range places {
			outline.Names[place] = rates.Named{Code: string(place), Name: "<" + string(place) + ">"}
		}
		return outline, nil
	}}, edits...), counts
}

// A URL may name up to four lanes, which are drawn in its order, each once.
func TestLanes(t *testing.T) {
	const days = "/rates?date_from=2021-01-01&date_to=2021-01-31"
	for query, want := range map[string]string{
		"&lane=CNGGZ.EETLL":                                           "CNGGZ EETLL",
		"&lane=cnggz-eetll":                                           "CNGGZ EETLL",
		"&lane=north-sea.a-b":                                         "NORTH-SEA A-B",
		"&lane=north_sea.CNGGZ":                                       "NORTH_SEA CNGGZ",
		"&lane=CNGGZ.EETLL&lane=EETLL.CNGGZ":                          "CNGGZ EETLL, EETLL CNGGZ",
		"&lane=AA.BB&lane=AA.CC&lane=AA.DD&lane=AA.EE":                "AA BB, AA CC, AA DD, AA EE",
		"&orig_code=AA&dest_code=BB&lane=AA.CC":                       "AA BB, AA CC",
		"&lane=AA.CC&orig_code=AA&dest_code=BB":                       "AA CC, AA BB",
		"&lane=AA.CC&orig_code=AA&dest_code=BB&lane=AA.DD":            "AA CC, AA BB, AA DD",
		"&orig_code=AA&dest_code=BB&lane=aa.bb&lane=AA-BB":            "AA BB",
		"&orig_code=&dest_code=&lane=AA.BB":                           "AA BB",
		"&orig_code=AA&dest_code=BB&lane=":                            "AA BB",
		"&lane=AA.CC&lane=AA.DD&lane=AA.EE&orig_code=AA&dest_code=BB": "AA CC, AA DD, AA EE, AA BB",
		"&lane=&lane=AA.CC&lane=&lane=&lane=&lane=":                   "AA CC",
	} {
		a, counts := asked(t)
		got := a.get(t, days+query, "Accept", "text/html")
		if got.status != http.StatusOK {
			t.Errorf("%s: status %d", query, got.status)
			continue
		}
		last := -1
		for _, lane := range strings.Split(want, ", ") {
			if counts[lane] != 1 {
				t.Errorf("%s: %s was asked %d times: %v", query, lane, counts[lane], counts)
			}
			origin, destination, _ := strings.Cut(lane, " ")
			at := strings.Index(got.body, "&lt;"+origin+"&gt; ("+origin+") → &lt;"+destination+"&gt; ("+destination+")")
			if at <= last {
				t.Errorf("%s: %s is missing, or before the lane that it follows", query, lane)
			}
			last = at
		}
		if len(counts) != 1+strings.Count(want, ",")+1 || counts["outline"] != 1 {
			t.Errorf("%s: the store was asked %v", query, counts)
		}
	}
}

// Lanes that cannot be read, or are too many, are refused before the store is asked.
func TestLanesAreRefused(t *testing.T) {
	const days = "/rates?date_from=2021-01-01&date_to=2021-01-31&format=svg"
	for _, c := range []struct{ query, kind, parameter, value string }{
		{"&lane=CNGGZ", "malformed-parameter", "lane", "CNGGZ"},
		{"&lane=CNGGZ.", "malformed-parameter", "lane", "CNGGZ."},
		{"&lane=.EETLL", "malformed-parameter", "lane", ".EETLL"},
		{"&lane=AA.BB.CC", "malformed-parameter", "lane", "AA.BB.CC"},
		{"&lane=north-sea-EETLL", "malformed-parameter", "lane", "north-sea-EETLL"},
		{"&lane=CNGGZ+EETLL", "malformed-parameter", "lane", "CNGGZ EETLL"},
		{"&lane=CNGGZ.EE%22LL", "malformed-parameter", "lane", `CNGGZ.EE"LL`},
		{"&lane=AA.BB&lane=x", "malformed-parameter", "lane", "x"},
		{"&lane=A1.B1&lane=A1.B2&lane=A1.B3&lane=A1.B4&lane=A1.B5", "parameter-out-of-range", "lane", "A1.B4"},
		{"&lane=A1.B1&lane=A1.B2&lane=A1.B3&lane=A1.B4&orig_code=AA&dest_code=BB", "parameter-out-of-range", "lane", "A1.B4"},
		{"&lane=AA.BB&orig_code=CC", "missing-parameter", "dest_code", ""},
		{"&lane=AA.BB&dest_code=CC", "missing-parameter", "orig_code", ""},
		{"&lane=", "missing-parameter", "orig_code", ""},
		{"&lane=AA.BB&orig_code=CC&orig_code=CC&dest_code=DD", "repeated-parameter", "orig_code", "CC"},
	} {
		a, counts := asked(t)
		doc := wantKind(t, a.get(t, days+c.query), http.StatusBadRequest, c.kind)
		value := ""
		if doc.Value != nil {
			value = *doc.Value
		}
		if doc.Parameter != c.parameter || value != c.value || len(counts) > 0 {
			t.Errorf("%s: the problem blames %s %q, want %s %q; the store was asked %v", c.query, doc.Parameter, value, c.parameter, c.value, counts)
		}
	}
}

// JSON and CSV have no names of lanes, so they answer for one, however it is named.
func TestDataAreForOneLane(t *testing.T) {
	const days = "/rates?date_from=2021-01-01&date_to=2021-01-31"
	for _, format := range []string{"json", "csv"} {
		a, counts := asked(t)
		plain := a.get(t, goodQuery+"&format="+format)
		if got := a.get(t, days+"&lane=CNGGZ.EETLL&format="+format); got.body != plain.body || got.header.Get("ETag") != plain.header.Get("ETag") {
			t.Errorf("%s: a lane by its own parameter has another answer: %q", format, got.body)
		}
		clear(counts)
		doc := wantKind(t, a.get(t, goodQuery+"&lane=CNSGH.EETLL&format="+format), http.StatusBadRequest, "parameter-out-of-range")
		if doc.Parameter != "lane" || *doc.Value != "CNSGH.EETLL" || !strings.HasPrefix(doc.Detail, strings.ToUpper(format)) || len(counts) > 0 {
			t.Errorf("%s: %+v; the store was asked %v", format, doc, counts)
		}
	}
}

// An unknown place is blamed on the parameter that has it, with values to use
// instead.
func TestUnknownPlaceOfALane(t *testing.T) {
	a := newAPI(t, fakeStore{dailyRates: func(_ context.Context, q rates.Query) (rates.Answer, error) {
		for field, place := range map[rates.Field]rates.Place{rates.FieldOrigin: q.Origin, rates.FieldDestination: q.Destination} {
			if strings.HasPrefix(string(place), "XX") {
				return rates.Answer{}, &rates.Error{Kind: rates.UnknownPlace, Field: field, Message: "There is none.", Hints: []string{"YYYYY", "zz-z"}}
			}
		}
		return rates.Answer{Version: 1}, nil
	}})
	const days = "/rates?date_from=2021-01-01&date_to=2021-01-31&format=svg"
	for query, want := range map[string]string{
		"&lane=xxone.EETLL":                             "lane xxone.EETLL [YYYYY.EETLL zz-z.EETLL]",
		"&lane=EETLL.CNGGZ&lane=EETLL-xxone":            "lane EETLL-xxone [EETLL.YYYYY EETLL.zz-z]",
		"&lane=EETLL.CNGGZ&orig_code=xxA&dest_code=CNX": "orig_code xxA [YYYYY zz-z]",
		"&orig_code=CNX&dest_code=xxA&lane=EETLL.CNGGZ": "dest_code xxA [YYYYY zz-z]",
	} {
		doc := wantKind(t, a.get(t, days+query), http.StatusBadRequest, "unknown-place")
		if got := fmt.Sprintf("%s %s %v", doc.Parameter, *doc.Value, doc.Hints); got != want {
			t.Errorf("%s: the problem is about %s, want %s", query, got, want)
		}
	}
}

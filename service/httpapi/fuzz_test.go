package httpapi

import (
	"math"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/rates/service/rates"
)

// A query is either understood and within the limits, or refused with one field
// and its value as sent.
func FuzzParseQuery(f *testing.F) {
	const good = "date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL"
	f.Add(good)
	f.Add(strings.Replace(good, "01-31", "02-29", 1))
	f.Add(strings.Replace(good, "2021-01-31", "9999-12-31", 1))
	f.Add(good + "&date_to=2021-01-31")
	f.Add("date_from=2021-01-01&date_to=2021-01-31&lane=CNGGZ.EETLL&lane=north-sea.a_b&lane=CNSGH-NOOSL&format=svg&download=1")
	f.Add(good + "&lane=CNGGZ-EETLL&lane=&lane=a-b-c")
	f.Add(good + "&lane=A1.B2&lane=A1.B3&lane=A1.B4&lane=A1.B5&format=xlsx")
	f.Add("date_from=%zz;")
	f.Add("")
	f.Fuzz(func(t *testing.T, raw string) {
		const maxDays = 3660
		q, err := parseQuery(raw, maxDays)
		values, badQuery := url.ParseQuery(raw)
		if err == nil {
			checkUnderstood(t, raw, q, values)
			return
		}
		e := rates.AsError(err)
		_, known := problems[e.Kind]
		switch {
		case !known || e.Kind == rates.Internal || e.Message == "":
			t.Fatalf("%q is refused with %+v", raw, e)
		case (e.Kind == rates.BadQuery) != (badQuery != nil):
			t.Fatalf("%q is refused with %+v; url.ParseQuery says %v", raw, e, badQuery)
		case e.Kind != rates.BadQuery && e.Kind != rates.Missing && !slices.Contains(values[parameterNames[e.Field]], e.Value):
			t.Fatalf("%q is refused for %s %q, which it does not contain", raw, e.Field, e.Value)
		}
	})
}

// checkUnderstood checks that a question is what its parameters say.
func checkUnderstood(t *testing.T, raw string, q question, values url.Values) {
	t.Helper()
	const maxDays = 3660
	if q.from.String() != values.Get(dateFrom) || q.to.String() != values.Get(dateTo) ||
		q.from > q.to || q.to-q.from >= maxDays || q.count < 1 || q.count > maxLanes {
		t.Fatalf("%q is understood as %+v", raw, q)
	}
	asked := map[string]bool{strings.ToUpper(values.Get(origCode) + laneSeparator + values.Get(destCode)): true}
	for _, lane := range values[laneName] {
		asked[strings.ToUpper(lane)] = true
		asked[strings.ToUpper(strings.Replace(lane, "-", laneSeparator, 1))] = true
	}
	seen := map[string]bool{}
	for _, l := range q.lanes[:q.count] {
		if !asked[l.name()] || seen[l.name()] {
			t.Fatalf("%q is understood as a question about %s", raw, l.name())
		}
		seen[l.name()] = true
	}
	if name := q.fileName(); strings.Trim(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") != "" {
		t.Fatalf("%q is kept in a file named %q", raw, name)
	}
}

// Whatever an Accept header says, a weight is from 0 to 1 and does not depend on
// letter case.
func FuzzAcceptQuality(f *testing.F) {
	for _, accept := range []string{"", "*/*", "text/*;q=0.5", "text/csv;q=NaN", "application/json;q=1e-400,*/*;q=0x1p-2", ";;,,=q", `text/csv;x="a,\"b";q=0.5`} {
		f.Add(accept)
	}
	f.Fuzz(func(t *testing.T, accept string) {
		for _, offer := range []string{asJSON.media, asCSV.media} {
			quality := acceptQuality([]string{accept}, offer)
			if math.IsNaN(quality) || quality < 0 || quality > 1 {
				t.Fatalf("%q gives %s the weight %v", accept, offer, quality)
			}
			if isASCII(accept) && acceptQuality([]string{strings.ToUpper(accept)}, offer) != quality {
				t.Fatalf("%q in upper case gives %s another weight than %v", accept, offer, quality)
			}
			if got := acceptQuality([]string{"image/png," + accept + ",image/gif;q=0.1"}, offer); got != quality {
				t.Fatalf("among types that are not offered, %q gives %s the weight %v, not %v", accept, offer, got, quality)
			}
		}
	})
}

func isASCII(s string) bool { return strings.IndexFunc(s, func(r rune) bool { return r > 127 }) < 0 }

// A tag is found wherever it is in a list, and nowhere else.
func FuzzIfNoneMatch(f *testing.F) {
	for _, header := range []string{"", "*", `"1-a"`, `W/"1-a"`, `"x", "1-a"`, `"1-a`, `W/W/"1-a"`} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		const tag = `"1-a"`
		r := &http.Request{Header: http.Header{"If-None-Match": {header}}}
		if names(r, tag) && !strings.Contains(header, tag) {
			t.Fatalf("%q is taken for %s", header, tag)
		}
		r.Header.Add("If-None-Match", `"x",W/`+tag)
		if !names(r, tag) {
			t.Fatalf("%s is not found next to %q", tag, header)
		}
	})
}

// Whatever an Accept-Encoding header says, weights are from 0 to 1 and do not depend
// on letter case, and other codings change nothing.
func FuzzAcceptedEncodings(f *testing.F) {
	for _, header := range []string{"", "gzip", "x-gzip;q=0.5", "identity;q=0, *", "*;q=NaN", "gzip;q=1e9,GZIP;q=0x1p-2", ";;,,=q", `br;q="gzip"`} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		got := acceptedEncodings([]string{header})
		for _, q := range []float64{got.gzip, got.plain} {
			if math.IsNaN(q) || q < 0 || q > 1 {
				t.Fatalf("%q is understood as %+v", header, got)
			}
		}
		if upper := acceptedEncodings([]string{strings.ToUpper(header)}); isASCII(header) && upper != got {
			t.Fatalf("%q in upper case is understood as %+v, not %+v", header, upper, got)
		}
		if among := acceptedEncodings([]string{"br," + header + ",zstd;q=0.1"}); among != got {
			t.Fatalf("among others %q is understood as %+v, not %+v", header, among, got)
		}
	})
}

// Whatever a request brings, its id is safe to log.
func FuzzRequestID(f *testing.F) {
	for _, id := range []string{"", "a", "Trace_1.2-3", "a b", "a\nb", "ä", strings.Repeat("x", 65)} {
		f.Add(id)
	}
	form := regexp.MustCompile(`^[A-Za-z0-9._-]{1,64}$`)
	f.Fuzz(func(t *testing.T, id string) {
		got := requestID(&http.Request{Header: http.Header{requestIDHeader: {id}}})
		if !form.MatchString(got) || form.MatchString(id) && got != id {
			t.Fatalf("%q becomes %q", id, got)
		}
	})
}

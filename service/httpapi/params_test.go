package httpapi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/service/httpapi"
	"example.com/rates/service/rates"
)

const (
	aDay   = "a calendar day as YYYY-MM-DD, for example 2021-01-31"
	aPlace = "a port code of five characters or the slug of a region, for example CNGGZ"
)

// with returns goodQuery with a parameter set to values, or without it.
func with(name string, values ...string) string {
	u, err := url.Parse(goodQuery)
	if err != nil {
		panic(err)
	}
	query := u.Query()
	query[name] = values
	return "/rates?" + query.Encode()
}

// An invalid parameter is named, with its value as it was sent and what was
// expected.
func TestBadParameters(t *testing.T) {
	type refusal struct {
		target, kind, parameter string
		value                   any // nil: none is shown
		detail                  string
	}
	cases := []refusal{
		{"/rates", "missing-parameter", "date_from", nil, "date_from is required: " + aDay + "."},
		{
			with("date_from", "2021-02-01"), "parameter-out-of-range", "date_from", "2021-02-01",
			"date_from is after date_to, which is 2021-01-31. Swap them.",
		},
		{
			with("date_to", "2021-04-11"), "parameter-out-of-range", "date_to", "2021-04-11",
			"2021-01-01 to 2021-04-11 are 101 days. Ask for at most 100, for example until 2021-04-10.",
		},
		{
			with("date_to", "9999-12-31"), "parameter-out-of-range", "date_to", "9999-12-31",
			"2021-01-01 to 9999-12-31 are 2914269 days. Ask for at most 100, for example until 2021-04-10.",
		},
	}
	for _, name := range []string{"date_from", "date_to", "orig_code", "dest_code"} {
		expected, bad := aDay, []string{
			"2021-02-29", "2021-13-01", "2021-1-1", "20210101", "tomorrow", " 2021-01-01", "2021-01-01T00:00:00Z",
			"0000-01-01", "２０２１-01-01", "<b>&\"'", "\xff",
		}
		if strings.HasSuffix(name, "code") {
			expected, bad = aPlace, []string{
				"x", "CN GGZ", " CNGGZ", "Ålesund", "a'; DROP TABLE prices; --", strings.Repeat("x", 64), "<b>", "CNGGZ\n", "%",
			}
		}
		cases = append(cases,
			refusal{with(name), "missing-parameter", name, nil, name + " is required: " + expected + "."},
			refusal{with(name, ""), "missing-parameter", name, nil, name + " is required: " + expected + "."},
			refusal{with(name, "CNGGZ", "EETLL"), "repeated-parameter", name, "EETLL", name + " is given 2 times. Give it once."},
			refusal{with(name, "", "", ""), "repeated-parameter", name, "", name + " is given 3 times. Give it once."})
		for _, value := range bad {
			// JSON cannot contain invalid UTF-8.
			shown := strings.ToValidUTF8(value, "�")
			cases = append(cases, refusal{with(name, value), "malformed-parameter", name, shown, name + " must be " + expected + "."})
		}
	}
	a := newAPI(t, fakeStore{}, func(c *httpapi.Config) { c.MaxDays = 100 })
	for _, c := range cases {
		doc := wantKind(t, a.get(t, c.target), http.StatusBadRequest, c.kind)
		got := refusal{c.target, c.kind, doc.Parameter, nil, doc.Detail}
		if doc.Value != nil {
			got.value = *doc.Value
		}
		if diff := cmp.Diff(c, got, cmp.AllowUnexported(refusal{})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.target, diff)
		}
	}
}

// Of several errors, the first in the order of the contract is reported.
func TestFirstBadParameterIsBlamed(t *testing.T) {
	a := newAPI(t, fakeStore{})
	for want, target := range map[string]string{
		"date_from": "/rates?dest_code=%21&orig_code=%21&date_to=x&date_from=x",
		"date_to":   "/rates?dest_code=%21&orig_code=%21&date_to=x&date_from=2021-01-01",
		"orig_code": "/rates?dest_code=%21&orig_code=%21&date_to=2020-01-01&date_from=2021-01-01",
		"dest_code": "/rates?dest_code=%21&orig_code=CNGGZ&date_to=2020-01-01&date_from=2021-01-01",
	} {
		if got := wantKind(t, a.get(t, target), http.StatusBadRequest, "malformed-parameter").Parameter; got != want {
			t.Errorf("%s blames %s, want %s", target, got, want)
		}
	}
}

// A query that is not a list of parameters is refused as a whole.
func TestMalformedQuery(t *testing.T) {
	a := newAPI(t, fakeStore{})
	for _, query := range []string{"date_from=%zz", "a;b", "date_from=2021-01-01%"} {
		doc := wantKind(t, a.get(t, "/rates?"+query), http.StatusBadRequest, "malformed-query")
		if !strings.HasPrefix(doc.Detail, "The query after '?' is not well-formed.") || doc.Parameter != "" {
			t.Errorf("%s: %+v", query, doc)
		}
	}
}

// The store says which end of a lane is unknown; the client sees the parameter,
// the place as it sent it, and the hints.
func TestUnknownPlaceIsShownAsSent(t *testing.T) {
	for field, name := range map[rates.Field]string{rates.FieldOrigin: "orig_code", rates.FieldDestination: "dest_code"} {
		a := newAPI(t, failing(&rates.Error{
			Kind: rates.UnknownPlace, Field: field, Message: "There is no such port or region.", Hints: []string{"EETLL", "EETLN"},
		}))
		doc := wantKind(t, a.get(t, with(name, "eEtLx")), http.StatusBadRequest, "unknown-place")
		if doc.Parameter != name || doc.Value == nil || *doc.Value != "eEtLx" || fmt.Sprint(doc.Hints) != "[EETLL EETLN]" ||
			doc.Detail != "There is no such port or region. /ports and /regions list those that can be asked for." {
			t.Errorf("%s: got %+v", field, doc)
		}
	}
}

// Requests that wait for one answer share its error, and each sees the place as
// it sent it.
func TestSharedErrorShowsEachClientItsOwnValue(t *testing.T) {
	answers, err := httpapi.NewCache(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		asked := 0
		unknown := &rates.Error{Kind: rates.UnknownPlace, Field: rates.FieldDestination, Message: "Unknown."}
		a := newAPI(t, fakeStore{dailyRates: func(context.Context, rates.Query) (rates.Answer, error) {
			asked++
			<-release
			return rates.Answer{}, unknown
		}}, func(c *httpapi.Config) { c.Cache, c.Versions = answers, knownVersion(7) })
		var clients sync.WaitGroup
		for _, value := range []string{"EETLX", "eetlx", "EetlX"} {
			clients.Go(func() {
				doc := wantKind(t, a.get(t, with("dest_code", value)), http.StatusBadRequest, "unknown-place")
				if doc.Value == nil || *doc.Value != value {
					t.Errorf("the client that sent %s got %+v", value, doc)
				}
			})
		}
		synctest.Wait()
		close(release)
		clients.Wait()
		if asked != 1 || unknown.Value != "" || unknown.Message != "Unknown." {
			t.Errorf("%d questions; the store's error became %+v", asked, unknown)
		}
	})
}

// The question reaches the store with both days, codes in upper case, and a
// deadline.
func TestQuestionReachesStore(t *testing.T) {
	day := func(year int, month time.Month, day int) rates.Day {
		return rates.DayOf(time.Date(year, month, day, 0, 0, 0, 0, time.UTC))
	}
	var got rates.Query
	deadline := false
	a := newAPI(t, fakeStore{dailyRates: func(ctx context.Context, q rates.Query) (rates.Answer, error) {
		got = q
		_, deadline = ctx.Deadline()
		return rates.Answer{}, nil
	}})
	for target, want := range map[string]rates.Query{
		goodQuery: {From: day(2021, 1, 1), To: day(2021, 1, 31), Origin: "CNGGZ", Destination: "EETLL"},
		"/rates?dest_code=china_east-main&orig_code=eEtLl&date_from=2020-02-29&date_to=2020-02-29": {
			From: day(2020, 2, 29), To: day(2020, 2, 29), Origin: "EETLL", Destination: "CHINA_EAST-MAIN",
		},
		"/rates?dest_code=EETLL&orig_code=EETLL&date_from=0001-01-01&date_to=0001-01-02": {
			From: rates.MinDay, To: rates.MinDay + 1, Origin: "EETLL", Destination: "EETLL",
		},
		"/rates?dest_code=EETLL&orig_code=EETLL&date_from=9999-12-30&date_to=9999-12-31": {
			From: rates.MaxDay - 1, To: rates.MaxDay, Origin: "EETLL", Destination: "EETLL",
		},
	} {
		got, deadline = rates.Query{}, false
		if answer := a.ask(t, http.MethodHead, target); answer.status != http.StatusOK {
			t.Errorf("%s: status %d", target, answer.status)
		}
		if got != want || !deadline {
			t.Errorf("%s asks for %+v (deadline: %v), want %+v and a deadline", target, got, deadline, want)
		}
	}
}

// The longest allowed question is answered; TestBadParameters asks for one day
// more.
func TestLongestQuestion(t *testing.T) {
	a := newAPI(t, fakeStore{}, func(c *httpapi.Config) { c.MaxDays = 100 })
	if got := a.get(t, with("date_to", "2021-04-10")); got.status != http.StatusOK || strings.Count(got.body, `"day"`) != 100 {
		t.Errorf("100 days give status %d and %d days", got.status, strings.Count(got.body, `"day"`))
	}
}

package httpapi_test

import (
	"context"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"example.com/rates/service/httpapi"
	"example.com/rates/service/rates"
)

// A client that has the current answer gets 304 and no body, in whatever form it
// sends the tag (RFC 9110, section 13.1.2).
func TestIfNoneMatch(t *testing.T) {
	a := newAPI(t, fakeStore{})
	for _, target := range []string{goodQuery, "/ports", "/regions", "/", "/openapi.yaml", "/docs"} {
		tag := a.get(t, target).header.Get("ETag")
		if !regexp.MustCompile(`^"[!#-~]+"$`).MatchString(tag) {
			t.Fatalf("%s: the ETag is %s", target, tag)
		}
		for _, c := range []struct {
			held   bool
			header []string
		}{
			{true, []string{tag}},
			{true, []string{"W/" + tag}},
			{true, []string{"*"}},
			{true, []string{`"other", ` + tag}},
			{true, []string{`"other",W/` + tag + ` , "third"`}},
			{true, []string{`"other"`, tag}},
			{true, []string{",, " + tag + " ,"}},
			{true, []string{`"a,b", ` + tag}},
			{true, []string{`"a\", ` + tag}}, // no escape: a backslash is a character of a tag
			{false, []string{`"a,` + tag + `b"`}},
			{false, nil},
			{false, []string{""}},
			{false, []string{`"other"`}},
			{false, []string{strings.Trim(tag, `"`)}},
			{false, []string{strings.TrimSuffix(tag, `"`)}},
			{false, []string{`"` + strings.Trim(tag, `"`) + `x"`}},
			{false, []string{`"*"`}},
			{false, []string{"w/" + tag}},
		} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				var headers []string
				for _, value := range c.header {
					headers = append(headers, "If-None-Match", value)
				}
				got := a.ask(t, method, target, headers...)
				want := http.StatusOK
				if c.held {
					want = http.StatusNotModified
				}
				if got.status != want || got.header.Get("ETag") != tag {
					t.Errorf("%s %s with If-None-Match %q: status %d and ETag %s, want %d and %s",
						method, target, c.header, got.status, got.header.Get("ETag"), want, tag)
				}
				if c.held && (got.body != "" || got.header.Get("Content-Type") != "") {
					t.Errorf("%s %s: 304 with a body of the type %q: %s", method, target, got.header.Get("Content-Type"), got.body)
				}
			}
		}
	}
}

// The tag changes with the data and differs between JSON and CSV, so that no
// answer is taken for another.
func TestETagDependsOnDataAndForm(t *testing.T) {
	version := int64(1)
	a := newAPI(t, fakeStore{
		dailyRates: func(context.Context, rates.Query) (rates.Answer, error) { return rates.Answer{Version: version}, nil },
		ports:      func(context.Context) ([]rates.Port, int64, error) { return nil, version, nil },
		regions:    func(context.Context) ([]rates.Region, int64, error) { return nil, version, nil },
	})
	for _, headers := range [][]string{{goodQuery}, {goodQuery, "Accept", "text/csv"}, {"/ports"}, {"/regions"}} {
		seen := map[string]int64{}
		for version = range int64(100) {
			tag := a.get(t, headers[0], headers[1:]...).header.Get("ETag")
			if before, again := seen[tag]; again {
				t.Errorf("%v: versions %d and %d have one tag, %s", headers, before, version, tag)
			}
			seen[tag] = version
		}
	}
	json := a.get(t, goodQuery).header.Get("ETag")
	if csv := a.get(t, goodQuery, "Accept", "text/csv").header.Get("ETag"); csv == json {
		t.Errorf("JSON and CSV share the tag %s", json)
	}
	if got := a.get(t, goodQuery, "Accept", "text/csv", "If-None-Match", json); got.status != http.StatusOK {
		t.Errorf("a client that has JSON and wants CSV got status %d", got.status)
	}
}

// An error has no tag that a client could send.
func TestErrorsHaveNoTag(t *testing.T) {
	a := newAPI(t, failing(&rates.Error{Kind: rates.Unavailable, Message: "Away."}))
	for _, target := range []string{goodQuery, "/rates", "/ports", "/nothing"} {
		got := a.get(t, target, "If-None-Match", "*")
		if got.status < http.StatusBadRequest || got.header.Get("ETag") != "" {
			t.Errorf("%s: status %d with ETag %q", target, got.status, got.header.Get("ETag"))
		}
	}
}

// knownVersion is Versions for data that never change.
type knownVersion int64

func (v knownVersion) Current() (int64, bool) { return int64(v), true }
func (knownVersion) Saw(int64)                {}

// While the version is known, a client that sends the tag gets 304 without a
// query. "*" stands for any answer, and an unknown place has none.
func TestNotModifiedWhileTheVersionIsKnown(t *testing.T) {
	asked := 0
	unknown := &rates.Error{Kind: rates.UnknownPlace, Field: rates.FieldDestination, Message: "Unknown."}
	a := newAPI(t, fakeStore{dailyRates: func(_ context.Context, q rates.Query) (rates.Answer, error) {
		asked++
		if q.Destination == "EETLX" {
			return rates.Answer{}, unknown
		}
		return rates.Answer{Version: 7}, nil
	}}, func(c *httpapi.Config) { c.Versions = knownVersion(7) })
	tag := a.get(t, goodQuery).header.Get("ETag")
	for _, c := range []struct {
		target, held  string
		status, asked int
	}{
		{goodQuery, tag, http.StatusNotModified, 0},
		{goodQuery, "*", http.StatusNotModified, 1},
		{goodQuery, `"other"`, http.StatusOK, 1},
		{strings.Replace(goodQuery, "EETLL", "EETLX", 1), "*", http.StatusBadRequest, 1},
		{strings.Replace(goodQuery, "EETLL", "EETLX", 1), `"other"`, http.StatusBadRequest, 1},
	} {
		asked = 0
		if got := a.get(t, c.target, "If-None-Match", c.held); got.status != c.status || asked != c.asked {
			t.Errorf("%s with If-None-Match %s: status %d after %d questions, want %d after %d",
				c.target, c.held, got.status, asked, c.status, c.asked)
		}
	}
}

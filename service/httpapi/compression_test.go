package httpapi_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"

	"example.com/rates/service/httpapi"
	"example.com/rates/service/rates"
)

// month and week are questions whose JSON is more and less than 1 kB.
const (
	month = goodQuery
	week  = "/rates?date_from=2021-01-01&date_to=2021-01-07&orig_code=CNGGZ&dest_code=EETLL"
)

// A client gets the coding that it prefers of those that it accepts (RFC 9110,
// section 12.5.3), and a small body as it is.
func TestAcceptEncoding(t *testing.T) {
	const (
		plain    = ""
		zipped   = "gzip"
		whatever = "406"
	)
	a := newAPI(t, fakeStore{})
	for _, c := range []struct {
		accept      []string
		month, week string
	}{
		{nil, plain, plain},
		{[]string{""}, plain, plain},
		{[]string{",, ,"}, plain, plain},
		{[]string{"gzip"}, zipped, plain},
		{[]string{"GZip"}, zipped, plain},
		{[]string{"x-gzip"}, zipped, plain},
		{[]string{"gzip, deflate, br, zstd"}, zipped, plain},
		{[]string{"br;q=1.0, gzip;q=0.2"}, zipped, plain},
		{[]string{"br", "gzip"}, zipped, plain},
		{[]string{" br , gzip ; q=0.5"}, zipped, plain},
		{[]string{"gzip;q=0.001"}, zipped, plain},
		{[]string{"gzip, identity"}, zipped, plain},
		{[]string{"*"}, zipped, plain},
		{[]string{"*;q=0.1"}, zipped, plain},
		{[]string{"gzip;q=0, x-gzip"}, zipped, plain},
		{[]string{"deflate, br"}, plain, plain},
		{[]string{"gzip;q=0"}, plain, plain},
		{[]string{"gzip;q=0.000"}, plain, plain},
		{[]string{"gzip;q=0, *"}, plain, plain},
		{[]string{"*;q=0, identity"}, plain, plain},
		{[]string{"identity, gzip;q=0.5"}, plain, plain},
		{[]string{"identity;q=0.6, *;q=0.5"}, plain, plain},
		{[]string{"gzip;q=2"}, plain, plain},
		{[]string{"gzip;q=1e-1"}, plain, plain},
		{[]string{"gzip;q=NaN"}, plain, plain},
		{[]string{"gzipped, not-gzip, gzip/1"}, plain, plain},
		{[]string{"gzip, identity;q=0"}, zipped, zipped},
		{[]string{"gzip, *;q=0"}, zipped, zipped},
		{[]string{"*, identity;q=0"}, zipped, zipped},
		{[]string{"identity;q=0"}, whatever, whatever},
		{[]string{"br, identity;q=0"}, whatever, whatever},
		{[]string{"*;q=0"}, whatever, whatever},
		{[]string{"gzip;q=0, *;q=0.0"}, whatever, whatever},
	} {
		var headers []string
		for _, accept := range c.accept {
			headers = append(headers, "Accept-Encoding", accept)
		}
		for target, want := range map[string]string{month: c.month, week: c.week} {
			got := a.get(t, target, headers...)
			if want == whatever {
				doc := wantKind(t, got, http.StatusNotAcceptable, "not-acceptable")
				if !strings.Contains(doc.Detail, "gzip") || got.header.Get("Vary") != "Accept, Accept-Encoding" {
					t.Errorf("Accept-Encoding %q: Vary is %q, the detail %q", c.accept, got.header.Get("Vary"), doc.Detail)
				}
				continue
			}
			if coding := got.header.Get("Content-Encoding"); got.status != http.StatusOK || coding != want {
				t.Errorf("Accept-Encoding %q: status %d, coded as %q, want %q: %s", c.accept, got.status, coding, want, target)
			}
		}
	}
}

// What is compressed is the plain answer, of every form and route, with a tag and
// a Vary of its own.
func TestCompressedAnswers(t *testing.T) {
	many := make([]rates.Port, 40)
	for i := range many {
		many[i] = rates.Port{Code: "CNGGZ", Name: "Guangzhou", Parent: "china_south_main"}
	}
	regions := make([]rates.Region, 40)
	for i := range regions {
		regions[i] = rates.Region{Slug: "china_south_main", Name: "China South Main"}
	}
	a := newAPI(t, fakeStore{
		ports:   func(context.Context) ([]rates.Port, int64, error) { return many, 1, nil },
		regions: func(context.Context) ([]rates.Region, int64, error) { return regions, 1, nil },
	})
	long := "/rates?date_from=2021-01-01&date_to=2021-03-31&orig_code=CNGGZ&dest_code=EETLL"
	for _, c := range []struct{ target, accept, vary string }{
		{month, "application/json", "Accept, Accept-Encoding"},
		{long, "text/csv", "Accept, Accept-Encoding"},
		{"/ports", "*/*", "Accept, Accept-Encoding"},
		{"/regions", "*/*", "Accept-Encoding"},
		{"/openapi.yaml", "*/*", "Accept-Encoding"},
		{"/docs", "*/*", "Accept-Encoding"},
	} {
		plain := a.get(t, c.target, "Accept", c.accept)
		zipped := a.get(t, c.target, "Accept", c.accept, "Accept-Encoding", "gzip")
		if zipped.header.Get("Content-Encoding") != "gzip" || zipped.unpacked(t) != plain.body {
			t.Errorf("%s: coded as %q, %d bytes unpacked, want the %d plain ones",
				c.target, zipped.header.Get("Content-Encoding"), len(zipped.unpacked(t)), len(plain.body))
		}
		if len(zipped.body) >= len(plain.body)/2 {
			t.Errorf("%s: %d bytes become %d", c.target, len(plain.body), len(zipped.body))
		}
		for name, got := range map[string]answer{"plain": plain, "compressed": zipped} {
			if vary := strings.Join(got.header.Values("Vary"), "|"); vary != c.vary {
				t.Errorf("%s, %s: Vary is %q, want %q", c.target, name, vary, c.vary)
			}
		}
		if tag, want := zipped.header.Get("ETag"), strings.TrimSuffix(plain.header.Get("ETag"), `"`)+`-gzip"`; tag != want {
			t.Errorf("%s: the tag of the compressed answer is %s, want %s", c.target, tag, want)
		}
		if plain.header.Get("Content-Encoding") != "" || plain.header.Get("Content-Type") != zipped.header.Get("Content-Type") {
			t.Errorf("%s: coded as %q with the types %q and %q", c.target, plain.header.Get("Content-Encoding"),
				plain.header.Get("Content-Type"), zipped.header.Get("Content-Type"))
		}
	}
}

// The smallest body that is compressed has 1,025 bytes.
func TestSmallBodiesStayPlain(t *testing.T) {
	const frame = len(`{"ports":[{"code":"CNGGZ","name":"","region":"x"}]}` + "\n")
	for size, want := range map[int]string{1024: "", 1025: "gzip"} {
		name := strings.Repeat("x", size-frame)
		a := newAPI(t, fakeStore{ports: func(context.Context) ([]rates.Port, int64, error) {
			return []rates.Port{{Code: "CNGGZ", Name: name, Parent: "x"}}, 1, nil
		}})
		got := a.get(t, "/ports", "Accept-Encoding", "gzip")
		if coding := got.header.Get("Content-Encoding"); len(got.unpacked(t)) != size || coding != want {
			t.Errorf("a body of %d bytes, want %d: coded as %q, want %q", len(got.unpacked(t)), size, coding, want)
		}
	}
}

// A long problem is compressed, and has no tag in any coding.
func TestLongProblemIsCompressed(t *testing.T) {
	a := newAPI(t, fakeStore{})
	got := a.get(t, strings.Replace(goodQuery, "CNGGZ", strings.Repeat("y", 2000), 1), "Accept-Encoding", "gzip")
	doc := wantKind(t, got, http.StatusBadRequest, "malformed-parameter")
	if got.header.Get("Content-Encoding") != "gzip" || got.header.Get("ETag") != "" || doc.Value == nil || len(*doc.Value) != 2000 {
		t.Errorf("coded as %q with the tag %q", got.header.Get("Content-Encoding"), got.header.Get("ETag"))
	}
	short := a.get(t, "/rates", "Accept-Encoding", "gzip")
	if wantKind(t, short, http.StatusBadRequest, "missing-parameter"); short.header.Get("Content-Encoding") != "" {
		t.Errorf("a short problem is coded as %q", short.header.Get("Content-Encoding"))
	}
}

// A client that has the answer in a coding that it accepts gets 304 with the tag of
// that coding, so that a cache knows which of its copies is meant.
func TestIfNoneMatchInEachEncoding(t *testing.T) {
	for name, edit := range map[string]func(*httpapi.Config){
		"the version is known":   func(c *httpapi.Config) { c.Versions = knownVersion(1) },
		"the version is unknown": func(*httpapi.Config) {},
	} {
		a := newAPI(t, fakeStore{}, edit)
		const plain, zipped = `"1-1"`, `"1-1-gzip"`
		for _, c := range []struct {
			accept, held string
			status       int
			tag          string
		}{
			{"gzip", zipped, 304, zipped},
			{"gzip", "W/" + zipped, 304, zipped},
			{"gzip", plain, 304, plain},
			{"gzip", plain + ", " + zipped, 304, zipped},
			{"gzip", "*", 304, zipped},
			{"gzip", `"other"`, 200, zipped},
			{"identity", plain, 304, plain},
			{"identity", plain + ", " + zipped, 304, plain},
			{"identity", "*", 304, plain},
			{"identity", `"other"`, 200, plain},
			{"identity, gzip;q=0.5", zipped, 304, zipped},
			{"identity, gzip;q=0.5", zipped + ", " + plain, 304, plain},
			{"gzip;q=0", zipped, 200, plain},
			{"identity", zipped, 200, plain},
			{"gzip, identity;q=0", plain, 200, zipped},
			{"gzip, identity;q=0", zipped, 304, zipped},
		} {
			for _, method := range []string{http.MethodGet, http.MethodHead} {
				got := a.ask(t, method, month, "Accept-Encoding", c.accept, "If-None-Match", c.held)
				if got.status != c.status || got.header.Get("ETag") != c.tag {
					t.Errorf("%s, %s with Accept-Encoding %q and If-None-Match %s: status %d with %s, want %d with %s",
						name, method, c.accept, c.held, got.status, got.header.Get("ETag"), c.status, c.tag)
				}
				if vary := got.header.Get("Vary"); vary != "Accept, Accept-Encoding" {
					t.Errorf("%s: status %d with Vary %q", name, got.status, vary)
				}
				if got.status == http.StatusNotModified && (got.body != "" || got.header.Get("Content-Encoding") != "") {
					t.Errorf("%s: 304 with a body that is coded as %q", name, got.header.Get("Content-Encoding"))
				}
			}
		}
	}
}

// Many clients may want one answer for the first time, compressed and plain.
func TestConcurrentCompression(t *testing.T) {
	answers, err := httpapi.NewCache(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	a := newAPI(t, fakeStore{}, func(c *httpapi.Config) { c.Cache, c.Versions = answers, knownVersion(1) })
	want := a.get(t, month).body
	var asking sync.WaitGroup
	for i := range 40 {
		asking.Go(func() {
			accept := [...]string{"gzip", "identity"}[i%2]
			if got := a.get(t, month, "Accept-Encoding", accept); got.unpacked(t) != want {
				t.Errorf("as %s: %d bytes unpacked, want %d", accept, len(got.unpacked(t)), len(want))
			}
		})
	}
	asking.Wait()
}

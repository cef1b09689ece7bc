package httpapi_test

import (
	"context"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"example.com/rates/service/httpapi"
	"example.com/rates/service/page"
	"example.com/rates/service/rates"
)

// A browser gets a page with the status of what happened; a program gets the problem
// document that it got before there were pages.
func TestProblemsArePagesForBrowsers(t *testing.T) {
	away := failing(&rates.Error{Kind: rates.Unavailable, Message: "The database is <away>."})
	slow := failing(&rates.Error{Kind: rates.Timeout, Message: "Too slow."})
	for _, c := range []struct {
		store          fakeStore
		method, target string
		status         int
		says           string
	}{
		{fakeStore{}, "GET", "/rates", 400, "From is required: a calendar day as YYYY-MM-DD, for example 2021-01-31."},
		{fakeStore{}, "GET", goodQuery + "&format=xlsx", 400, "format must be one of json, csv, html and svg."},
		{fakeStore{}, "GET", "/rates?%zz", 400, "The query after &#39;?&#39; is not well-formed."},
		{fakeStore{}, "GET", "/nothing", 404, "There is nothing here."},
		{fakeStore{}, "POST", "/", 405, "Only GET, HEAD and OPTIONS are allowed here."},
		{fakeStore{}, "POST", goodQuery, 405, "Only GET, HEAD and OPTIONS are allowed here."},
		{fakeStore{}, "GET", "/" + strings.Repeat("x", 5000), 414, "The URL is longer than 4096 bytes."},
		{away, "GET", goodQuery, 503, "The database is &lt;away&gt;."},
		{away, "GET", "/", 503, "The database is &lt;away&gt;."},
		{away, "GET", "/ports", 503, "The database is &lt;away&gt;."},
		{slow, "GET", goodQuery, 504, "Too slow."},
		{failing(context.Canceled), "GET", goodQuery, 500, internalSentence},
	} {
		a := newAPI(t, c.store)
		got := a.ask(t, c.method, c.target, "Accept", browser, "X-Request-Id", "the-id")
		name := c.method + " " + c.target[:min(60, len(c.target))]
		if got.status != c.status || got.header.Get("Content-Type") != asPage || !strings.Contains(got.body, c.says) {
			t.Errorf("%s: status %d, %s, want %d and a page that says %q\n%s", name, got.status, got.header.Get("Content-Type"), c.status, c.says, got.body)
		}
		if got.header.Get("Cache-Control") != "no-store" || got.header.Get("ETag") != "" || !strings.Contains(got.header.Get("Vary"), "Accept") {
			t.Errorf("%s: the page may be kept: %v", name, got.header)
		}
		if !strings.Contains(got.body, "the-id") {
			t.Errorf("%s: the page does not say the id of the request", name)
		}
		if c.target == "/" && c.method == "GET" {
			continue // programs are greeted, whatever happens
		}
		program := a.ask(t, c.method, c.target)
		doc := program.problem(t)
		if program.status != c.status || program.header.Get("Retry-After") != got.header.Get("Retry-After") {
			t.Errorf("%s: a program gets status %d and %+v", name, program.status, doc)
		}
	}
}

// The form of a refused question has what was sent, with the problem beside the field
// that caused it and links to questions that would be answered.
func TestRefusedQuestionIsAFormToCorrect(t *testing.T) {
	a := newAPI(t, fakeStore{dailyRates: func(context.Context, rates.Query) (rates.Answer, error) {
		return rates.Answer{}, &rates.Error{Kind: rates.UnknownPlace, Field: rates.FieldDestination, Message: "There is none.", Hints: []string{"EETLL"}}
	}})
	got := a.get(t, "/rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=cnggz&dest_code=eetlx&other=%22%3E", "Accept", browser)
	for _, want := range []string{
		`name="orig_code" value="cnggz"`,
		`name="dest_code" value="eetlx"`,
		`aria-describedby="dest_code-hint dest_code-problem" aria-invalid="true"`,
		`<p class="wrong" id="dest_code-problem">There is none. /ports and /regions list those that can be asked for.</p>`,
		`<a href="/rates?date_from=2021-01-01&amp;date_to=2021-01-31&amp;dest_code=EETLL&amp;orig_code=cnggz&amp;other=%22%3E">EETLL</a>`,
		`name="date_from" type="date" value="2021-01-01"`,
	} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Count(got.body, `aria-invalid`) != 1 || strings.Contains(got.body, `class="problem"`) {
		t.Errorf("the problem is not beside its field alone:\n%s", got.body)
	}
	for _, broken := range []string{"date_from=2021-02-31&date_to=2021-01-31", "date_from=2021-01-01&date_to=x", "date_from=2021-02-01&date_to=2021-01-01"} {
		got := a.get(t, "/rates?orig_code=CNGGZ&dest_code=EETLL&"+broken, "Accept", browser)
		if got.status != http.StatusBadRequest || strings.Count(got.body, "aria-invalid") != 1 || !regexp.MustCompile(`id="date_(from|to)-problem"`).MatchString(got.body) {
			t.Errorf("%s: status %d\n%s", broken, got.status, got.body)
		}
	}
}

// A page is kept with the version of the data, and a client that has it is not sent
// it again. Pages for other addresses of the service have other commands.
func TestPagesAreKept(t *testing.T) {
	answers, err := httpapi.NewCache(1 << 20)
	if err != nil {
		t.Fatal(err)
	}
	a, counts := asked(t, func(c *httpapi.Config) { c.Cache, c.Versions = answers, knownVersion(7) })
	for _, target := range []string{"/", goodQuery, goodQuery + "&format=svg", goodQuery + "&lane=CNSGH.EETLL"} {
		clear(counts)
		first := a.get(t, target, "Accept", browser)
		asked := maps.Clone(counts)
		second := a.get(t, target, "Accept", browser)
		if second.body != first.body || !maps.Equal(counts, asked) || counts["outline"] != 1 {
			t.Errorf("%s: asked again, the store was asked %v, before %v", target, counts, asked)
		}
		tag := first.header.Get("ETag")
		if got := a.get(t, target, "Accept", browser, "If-None-Match", tag); got.status != http.StatusNotModified || tag == "" {
			t.Errorf("%s: a client that has %s gets status %d", target, tag, got.status)
		}
	}
	if got := a.get(t, goodQuery, "Accept", browser); !strings.Contains(got.body, "curl &#39;http://example.com/rates?") {
		t.Errorf("the command does not have the address of the service:\n%s", got.body)
	}
	elsewhere := newRequest("GET", goodQuery, "Accept", browser, "X-Forwarded-Proto", "https")
	elsewhere.Host = "rates.example.org:8443"
	if got := a.do(t, elsewhere); !strings.Contains(got.body, "curl &#39;https://rates.example.org:8443/rates?") {
		t.Errorf("the command does not have the other address of the service:\n%s", got.body)
	}
	elsewhere.Host = `x';rm -rf /;'`
	if got := a.do(t, elsewhere); strings.Contains(got.body, "rm -rf") {
		t.Errorf("the command has what the client says is its host:\n%s", got.body)
	}
}

// All representations of a question have tags of their own.
func TestTagsOfRepresentations(t *testing.T) {
	a := newAPI(t, fakeStore{})
	seen := map[string]string{}
	for _, format := range []string{"json", "csv", "html", "svg"} {
		tag := a.get(t, goodQuery+"&format="+format).header.Get("ETag")
		if other, again := seen[tag]; again || tag == "" {
			t.Errorf("%s and %s have the tag %s", format, other, tag)
		}
		seen[tag] = format
	}
}

// If the data change while a page is made, its tag is that of the older part, so that
// nobody keeps it for longer.
func TestPageOfTwoVersions(t *testing.T) {
	rated, outlined := int64(8), int64(7)
	a := newAPI(t, fakeStore{
		dailyRates: func(context.Context, rates.Query) (rates.Answer, error) { return rates.Answer{Version: rated}, nil },
		outline: func(context.Context, ...rates.Place) (rates.Outline, error) {
			return rates.Outline{Version: outlined}, nil
		},
	})
	older := a.get(t, goodQuery+"&format=html").header.Get("ETag")
	rated, outlined = 7, 8
	if tag := a.get(t, goodQuery+"&format=html").header.Get("ETag"); tag != older {
		t.Errorf("with versions 7 and 8 the tags are %s and %s", older, tag)
	}
	rated = 8
	if tag := a.get(t, goodQuery+"&format=html").header.Get("ETag"); tag == older {
		t.Errorf("version 8 has the tag of version 7, %s", tag)
	}
}

// What a page loads is part of the service, under a name that changes with its
// content, to be kept for a year.
func TestAssets(t *testing.T) {
	a := newAPI(t, fakeStore{})
	start, docs := loadedBy(a.get(t, "/", "Accept", browser).body), loadedBy(a.get(t, "/docs").body)
	if len(start) != 3 {
		t.Errorf("the first page loads %v", start)
	}
	paths := slices.Compact(slices.Sorted(slices.Values(append(start, docs...))))
	var served []string
	for _, asset := range page.Assets() {
		served = append(served, asset.Path)
	}
	slices.Sort(served)
	if !slices.Equal(paths, served) {
		t.Fatalf("the pages load %v, served are %v", paths, served)
	}
	for _, path := range paths {
		if !regexp.MustCompile(`^/assets/[a-z]+\.[0-9a-f]{16}\.(css|js|svg)$`).MatchString(path) {
			t.Errorf("%s has no hash", path)
		}
		r := newRequest("GET", path)
		got := a.serveOnce(r)
		if got.status != http.StatusOK || got.header.Get("Cache-Control") != "public, max-age=31536000, immutable" || got.header.Get("X-Content-Type-Options") != "nosniff" {
			t.Errorf("%s: status %d, %v", path, got.status, got.header)
		}
	}
}

// loadedBy returns the paths of the assets that a page loads.
func loadedBy(body string) []string {
	var paths []string
	for _, match := range regexp.MustCompile(`(?:href|src)="(/assets/[^"]+)"`).FindAllStringSubmatch(body, -1) {
		paths = append(paths, match[1])
	}
	return paths
}

// The reference shows each request and each parameter of the contract, and loads
// nothing from elsewhere.
func TestDocs(t *testing.T) {
	c, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	body := newAPI(t, fakeStore{}).get(t, "/docs").body
	wanted := []string{`href="/openapi.yaml"`, "urn:rates:problem:unknown-place"}
	for path, item := range c.doc.Paths.Map() {
		wanted = append(wanted, "<code>GET "+path+"</code>")
		for _, parameter := range item.Get.Parameters {
			wanted = append(wanted, "<dt><code>"+parameter.Value.Name+"</code>")
		}
	}
	for _, want := range wanted {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if elsewhere := regexp.MustCompile(`(?:src|href|action)="(?:https?:)?//[^"]*"|style=|<style|javascript:|\son[a-z]+=`).FindString(body); elsewhere != "" {
		t.Errorf("the page has %s", elsewhere)
	}
}

// The first view of a month takes at most 60 kB, compressed, with all that it loads.
func TestFirstViewIsLight(t *testing.T) {
	a := newAPI(t, fakeStore{})
	weight := 0
	fetch := func(target string) {
		got := a.serveOnce(newRequest("GET", target, "Accept", browser, "Accept-Encoding", "gzip"))
		weight += len(got.body)
		t.Logf("%s: %d bytes, coded as %q", target, len(got.body), got.header.Get("Content-Encoding"))
	}
	fetch(goodQuery)
	for _, asset := range page.Assets() {
		fetch(asset.Path)
	}
	const most = 60_000
	if weight > most {
		t.Errorf("the first view takes %d bytes", weight)
	}
}

// The list of places is a page too, whose links fill the form and keep what it has.
func TestListOfPlaces(t *testing.T) {
	a := newAPI(t, fakeStore{
		regions: func(context.Context) ([]rates.Region, int64, error) {
			return []rates.Region{{Slug: "china", Name: "China"}, {Slug: "south", Name: "South <China>", Parent: "china"}}, 3, nil
		},
		ports: func(context.Context) ([]rates.Port, int64, error) {
			return []rates.Port{{Code: "CNGGZ", Name: "Guangzhou", Parent: "south"}}, 3, nil
		},
	})
	got := a.get(t, "/ports?choose=dest_code&orig_code=EETLL&date_to=2021-01-31&lane=A.B&dest_code=old&x=y", "Accept", browser)
	for _, want := range []string{
		"Choose the destination</h1>",
		`<a href="/?date_to=2021-01-31&amp;lane=A.B&amp;orig_code=EETLL&amp;dest_code=china">China</a> <code>china</code>` + "\n<ul>",
		`dest_code=south">South &lt;China&gt;</a>`,
		`dest_code=CNGGZ">Guangzhou</a>`,
		`<a href="/ports?choose=orig_code&amp;`,
	} {
		if !strings.Contains(got.body, want) {
			t.Errorf("the page lacks %s:\n%s", want, got.body)
		}
	}
	filled := a.get(t, "/?orig_code=CNGGZ&dest_code=%22%3E&lane=A.B&date_from=2021-01-01", "Accept", browser)
	for _, want := range []string{`name="orig_code" value="CNGGZ"`, `name="dest_code" value="&#34;&gt;"`, `name="lane" value="A.B" checked`, `value="2021-01-01"`} {
		if !strings.Contains(filled.body, want) {
			t.Errorf("the form lacks %s:\n%s", want, filled.body)
		}
	}
}

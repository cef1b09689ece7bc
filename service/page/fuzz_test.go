package page_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"

	"example.com/rates/service/page"
	"example.com/rates/service/rates"
)

// hostile returns pages on which everything that comes from the database or from a
// client is the given text.
func hostile(t *testing.T, name string) []page.View {
	t.Helper()
	lane := page.Lane{Origin: "CNGGZ", Destination: "EETLL", OriginName: name, DestinationName: name}
	form := page.NewForm("")
	form.From.Value, form.Origin.Value, form.Lanes = name, name, []page.Chosen{{Value: name, Text: name}}
	problem := &page.Problem{Detail: name, Parameter: "orig_code", RequestID: name, Hints: []page.Link{{Text: name, URL: "/rates?x=y"}}}
	form.Blame(problem)
	return []page.View{
		page.Answer(result(t, lane)), page.Answer(result(t, lane, north)),
		{Title: name, Lead: name, Form: form, Problem: problem},
		{Title: name, Problem: problem},
		page.Choose(true, url.Values{"orig_code": {name}}, []rates.Region{{Slug: "china", Name: name}}, []rates.Port{{Code: "CNGGZ", Name: name, Parent: "china"}}),
	}
}

// parts counts the elements and attributes of pages. The chart parts labels that are
// long, so these parts do not count.
func parts(t *testing.T, views []page.View) map[string]int {
	t.Helper()
	counts := map[string]int{}
	for _, view := range views {
		for n := range draw(t, view).Descendants() {
			if n.Type == html.ElementNode && n.Data != "tspan" {
				counts[n.Data]++
			}
			for _, a := range n.Attr {
				if n.Data != "tspan" || !slices.Contains([]string{"class", "display", "font-weight"}, a.Key) {
					counts[n.Data+" "+a.Key]++
				}
				if slices.Contains([]string{"href", "src", "action"}, a.Key) && (!strings.HasPrefix(a.Val, "/") || strings.HasPrefix(a.Val, "//")) && !strings.HasPrefix(a.Val, "#") {
					t.Errorf("a link leads to %q", a.Val)
				}
			}
		}
	}
	return counts
}

// Whatever places are called and whatever was sent, it is text on the page: no
// element and no attribute comes of it, and no link leads elsewhere.
func FuzzPage(f *testing.F) {
	for _, name := range []string{
		"Tallinn", "", "<script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "</title><script>", "'; DROP", "javascript:alert(1)",
		"&lt;b&gt;", "{{.}}", "\x00\xff", "</textarea></svg><style>*{}", "`${x}`", "a\r\nb", "<!--", "]]>", "＜script＞", "\u202eabc",
	} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		plain := parts(t, hostile(t, "Tallinn"))
		for what, n := range parts(t, hostile(t, name)) {
			if want := plain[what]; n > want {
				t.Errorf("%q becomes %s: there are %d, want %d", name, what, n, want)
			}
		}
	})
}

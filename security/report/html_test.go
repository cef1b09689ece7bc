package report

import (
	"html"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"example.com/rates/security/gate"
)

func TestPageLoadsNothingAndItsPolicyForbidsIt(t *testing.T) {
	text := rendered(t, HTML, sample())
	for _, element := range elements(t, text) {
		for _, foreign := range []string{"<script", "<link", "<img", "<iframe", "<object", "<form", " src", " style", " onclick"} {
			if strings.HasPrefix(element, foreign) || strings.Contains(element, foreign+" ") || strings.HasSuffix(element, foreign) {
				t.Errorf("the page has %s", element)
			}
		}
	}
	_, rest, _ := strings.Cut(text, "<style>")
	style, _, found := strings.Cut(rest, "</style>")
	if !found {
		t.Fatal("the page has no style")
	}
	for _, fetch := range []string{"url(", "@import"} {
		if strings.Contains(style, fetch) {
			t.Errorf("the style fetches something: %s", fetch)
		}
	}
	policy := contentPolicy(style)
	if !strings.HasPrefix(policy, "default-src 'none'; ") || strings.Contains(policy, "unsafe") {
		t.Errorf("the policy allows too much: %s", policy)
	}
	if !strings.Contains(html.UnescapeString(text), policy) {
		t.Errorf("the page lacks the policy that allows its own style: %s", policy)
	}
}

func TestPageHasTheEvidenceAndTheFindings(t *testing.T) {
	r := sample()
	text := html.UnescapeString(rendered(t, HTML, r))
	want := []string{
		"<span class=\"line\"><span class=\"number\"> 85</span>", "<span class=\"line own\"><span class=\"number\">›88</span>",
		"also called CVE-2026-1111, GHSA-aaaa-bbbb-cccc", "because it holds a secret", "Waived until 2026-08-20</b> by Grace",
		"malformed", "expired", "matches nothing", "in use, ends in 6 days", "https://vuln.go.dev, of 2026-08-13 00:00 UTC",
	}
	for _, g := range r.Gates {
		want = append(want, g.Subject, g.Reason, examined(g), found(g), duration(g))
		if g.Outcome != nil {
			want = append(append(want, g.Outcome.Tool+" "+g.Outcome.Version), slices.Concat(g.Outcome.Commands, g.Outcome.Unseen, g.Outcome.Notes)...)
		}
	}
	for _, f := range r.Findings {
		want = append(want, severity(f)+"</span> "+f.Message, place(f), remedy(f), "Seen by "+witnesses(f), link(f.URL))
	}
	for _, part := range want {
		if !strings.Contains(text, part) {
			t.Errorf("the page does not show %q", part)
		}
	}
}

func TestPageBeginsWithTheVerdict(t *testing.T) {
	for want, text := range map[string]string{
		"Green": rendered(t, HTML, greenSample()), "Not green": rendered(t, HTML, sample()),
	} {
		first := regexp.MustCompile(`(?s)<h1>.*?</span> (.*?)</h1>`).FindStringSubmatch(text)
		if first == nil || first[1] != want {
			t.Errorf("the first heading is %q, want %q", first, want)
		}
		if !strings.Contains(text, "<title>"+want+":") {
			t.Errorf("the title does not begin with %q", want)
		}
	}
}

func TestPageCutsLongLines(t *testing.T) {
	r := sample()
	r.Code["0a11"] = gate.Code{First: 88, Lines: []string{strings.Repeat("x", 10_000)}}
	if text := rendered(t, HTML, r); strings.Contains(text, strings.Repeat("x", longestLine)) {
		t.Errorf("there is a line of code of %d characters or more", longestLine)
	}
}

// TestColoursOfThePageAreReadable checks the pairs of colours for the contrast of
// 4.5:1 that WCAG 2.2 requires (criterion 1.4.3).
func TestColoursOfThePageAreReadable(t *testing.T) {
	light, dark, found := strings.Cut(pageStyle, "prefers-color-scheme: dark")
	if !found {
		t.Fatal("the style has no dark mode")
	}
	pairs := [][2]string{
		{"ink", "back"},
		{"ink", "card"},
		{"ink", "code"},
		{"quiet", "back"},
		{"quiet", "card"},
		{"quiet", "code"},
		{"link", "back"},
		{"link", "card"},
		{"ink", "bad-back"},
		{"ink", "good-back"},
		{"ink", "warn-back"},
		{"quiet", "bad-back"},
		{"quiet", "good-back"},
		{"bad", "bad-back"},
		{"good", "good-back"},
		{"warn", "warn-back"},
		{"calm", "calm-back"},
	}
	for mode, style := range map[string]string{"light": light, "dark": dark} {
		colours := map[string]string{}
		for _, match := range regexp.MustCompile(`--([a-z-]+): (#[0-9a-f]{6});`).FindAllStringSubmatch(style, -1) {
			colours[match[1]] = match[2]
		}
		for _, pair := range pairs {
			if got := contrast(t, colours[pair[0]], colours[pair[1]]); got < 4.5 {
				t.Errorf("%s mode: %s on %s has a contrast of %.2f, want 4.5", mode, pair[0], pair[1], got)
			}
		}
	}
}

// contrast is the ratio that WCAG 2.2 defines for two colours as #rrggbb.
func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	x, y := luminance(t, a), luminance(t, b)
	return (max(x, y) + 0.05) / (min(x, y) + 0.05)
}

func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	value, err := strconv.ParseUint(strings.TrimPrefix(colour, "#"), 16, 32)
	if err != nil {
		t.Fatalf("a colour is missing: %v", err)
	}
	linear := func(channel uint64) float64 {
		v := float64(channel&0xff) / 0xff
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(value>>16) + 0.7152*linear(value>>8) + 0.0722*linear(value)
}

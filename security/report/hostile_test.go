package report

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
	"example.com/rates/security/scanner"
	"example.com/rates/security/waiver"
)

// hostile is the sample with s in every text from a tool, a file of the tree or
// waivers.yaml.
func hostile(s string) gate.Report {
	r := sample()
	r.Project, r.Commit = s, s
	for i := range r.Gates {
		g := &r.Gates[i]
		if g.Reason != "" {
			g.Reason = s
		}
		if g.Outcome != nil {
			g.Outcome.Tool, g.Outcome.Version, g.Outcome.Examined.Unit = s, s, s
			g.Outcome.Commands, g.Outcome.Notes, g.Outcome.Unseen = []string{s}, []string{s}, []string{s}
			g.Outcome.Database = &scanner.Database{Source: s, Date: day(1)}
		}
	}
	code := map[string]gate.Code{}
	for i := range r.Findings {
		f := &r.Findings[i]
		f.Rule, f.Message, f.Help, f.URL, f.Resource, f.Package, f.Version, f.Fixed = s, s, s, s, s, s, s, s
		if f.File != "" {
			f.File = s
		}
		f.Aliases = []string{s}
		for j := range f.Witnesses {
			f.Witnesses[j].Rule = s
		}
		if f.Waiver != nil {
			f.Waiver = &finding.Waiver{Reason: s, Owner: s, Expires: s}
		}
		if excerpt, ok := r.Code[f.Fingerprint]; ok {
			for j := range excerpt.Lines {
				excerpt.Lines[j] = s
			}
			code[f.Fingerprint] = excerpt
		}
	}
	r.Code = code
	r.Verdict.Reasons, r.Verdict.Warnings, r.Verdict.Unseen = []string{s}, []string{s}, []string{s}
	for _, list := range [][]waiver.Waiver{r.Waivers.Used, r.Waivers.Ending, r.Waivers.Unused, r.Waivers.Expired} {
		for i := range list {
			list[i].Rule, list[i].Path, list[i].Resource, list[i].Reason, list[i].Owner = s, s, s, s, s
		}
	}
	r.Waivers.Problems = []waiver.Problem{{Line: 1, Rule: s, What: s}}
	return r
}

// attacks are texts in a scanned file that would deceive a reader or break out
// of a rendering.
var attacks = []string{
	"\x1b[2J\x1b[1;31mall gates passed\x1b[0m", "\x1b]8;;https://evil.example\a here \x1b]8;;\a", "\u009b31m", "a\rb\bc\x00\x7f",
	"</pre></code><script>alert(1)</script>", `"><img src=x onerror=alert(1)>`, "' onmouseover='x", "</style><style>*{display:none}",
	"{{.}} {{template \"page\"}}", "javascript:alert(1)", "javascript://evil.example/%0aalert(1)", "https://example.org/\"><b>", "https://example.org/)[x](https://evil.example",
	"](https://evil.example)", "![x](https://evil.example/x.png)", "| a | b |\n|---|---|", "```\n# heading\n```", "<details><summary>x", "@admin #1 www.evil.example",
	"]]><testcase name='green'/>", "<!-- ", "&lt;b&gt; &#x1b;", "\xff\xfe\xed\xa0\x80", "\ufffe\uffff", "\u202egnp.exe\u2066 \u200b\ufeff\u2028x",
	"../../etc/passwd", "/etc/passwd", "C:\\x", "a:b", "//evil.example/x", "%2e%2e/%SRCROOT%", "file with space#1?.go", "\n\n\n", "\t", " ", "",
}

func FuzzRenderings(f *testing.F) {
	for _, text := range attacks {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { mustShow(t, text) })
}

// mustShow fails unless every rendering of a report with text everywhere has the
// same structure as one with a harmless word there.
func mustShow(t *testing.T, text string) {
	t.Helper()
	harmless := "word"
	switch {
	case oneLine(text) == "":
		harmless = text // rendered as if there were nothing
	case link(text) != "":
		harmless = "https://example.org/"
	}
	page := rendered(t, HTML, hostile(text))
	mustBeVisible(t, "report.html", page)
	if diff := cmp.Diff(elements(t, rendered(t, HTML, hostile(harmless))), elements(t, page)); diff != "" {
		t.Errorf("report.html has other elements or attributes (-harmless +got):\n%s", diff)
	}
	markdown, want := rendered(t, Markdown, hostile(text)), rendered(t, Markdown, hostile(harmless))
	mustBeVisible(t, "report.md", markdown)
	if got, want := strings.Count(markdown, "\n"), strings.Count(want, "\n"); got != want && !strings.Contains(markdown, "left out") {
		t.Errorf("report.md has %d lines, and %d with a harmless word", got, want)
	}
	mustBeVisible(t, "text", textOf(t, hostile(text), false))
	coloured := textOf(t, hostile(text), true)
	mustBeVisible(t, "coloured text", ownColour.ReplaceAllString(coloured, ""))

	var document any
	if err := json.Unmarshal([]byte(rendered(t, SARIF, hostile(text))), &document); err != nil {
		t.Errorf("report.sarif: %v", err)
	}
	for _, s := range stringsIn(document) {
		mustBeVisible(t, "report.sarif", s)
	}
	if _, err := ReadJSON(strings.NewReader(rendered(t, JSON, hostile(text)))); err != nil {
		t.Errorf("report.json does not read back: %v", err)
	}
}

func rendered(t *testing.T, render func(io.Writer, gate.Report) error, r gate.Report) string {
	t.Helper()
	var text bytes.Buffer
	if err := render(&text, r); err != nil {
		t.Fatal(err)
	}
	return text.String()
}

func mustBeVisible(t *testing.T, name, text string) {
	t.Helper()
	if !utf8.ValidString(text) || text != visible(text) {
		t.Errorf("%s holds characters that act without being seen: %q", name, text)
	}
}

// elements lists the elements with the names of their attributes, and checks
// the links. The page must be well-formed XML.
func elements(t *testing.T, document string) []string {
	t.Helper()
	var found []string
	decoder := xml.NewDecoder(strings.NewReader(document))
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return found
		}
		if err != nil {
			t.Fatalf("the document is not well-formed: %v", err)
		}
		switch token := token.(type) {
		case xml.StartElement:
			text := "<" + token.Name.Local
			for _, attribute := range token.Attr {
				text += " " + attribute.Name.Local
				if name := attribute.Name.Local; name == "href" && !strings.HasPrefix(attribute.Value, "#") && link(attribute.Value) == "" {
					t.Errorf("a link leads to %q", attribute.Value)
				}
			}
			found = append(found, text)
		case xml.EndElement:
			found = append(found, "</"+token.Name.Local)
		case xml.Comment:
			t.Errorf("there is a comment: %s", token)
		}
	}
}

func stringsIn(value any) []string {
	var found []string
	switch value := value.(type) {
	case string:
		found = append(found, value)
	case []any:
		for _, v := range value {
			found = append(found, stringsIn(v)...)
		}
	case map[string]any:
		for key, v := range value {
			found = append(append(found, key), stringsIn(v)...)
		}
	}
	return found
}

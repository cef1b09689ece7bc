package main

import (
	"bytes"
	"os"
	"strings"
	"testing"
)

// The page shows the document of the service as it is now.
func TestReferenceIsCurrent(t *testing.T) {
	document, err := os.ReadFile("../../httpapi/openapi.yaml")
	if err != nil {
		t.Fatal(err)
	}
	want, err := draw(document)
	if err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile("../templates/reference.html")
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("templates/reference.html is not what openapi.yaml says; run: go run ./service/page/reference")
	}
}

const minimal = `openapi: 3.0.3
info: { title: x, version: "1" }
paths:
  /second:
    get:
      operationId: getSecond
      summary: SUMMARY
      responses: { "200": { description: Fine., content: { application/json: { schema: { type: object }, example: { a: "</pre><script>" } } } } }
  /first:
    get:
      operationId: getFirst
      responses: { "404": { description: None. }, "200": { description: Fine. } }
`

// The order is that of the document, answers are by status, and what the document
// says is text.
func TestDraw(t *testing.T) {
	drawn, err := draw([]byte(strings.Replace(minimal, "SUMMARY", "'<b>It</b> & `code`'", 1)))
	if err != nil {
		t.Fatal(err)
	}
	page := string(drawn)
	for _, want := range []string{"&lt;b&gt;It&lt;/b&gt; &amp; <code>code</code>", "&lt;/pre&gt;&lt;script&gt;", `<code>GET /second</code>`} {
		if !strings.Contains(page, want) {
			t.Errorf("%q is missing in:\n%s", want, page)
		}
	}
	if strings.Contains(page, "<script") || strings.Contains(page, "<b>") {
		t.Errorf("markup of the document is not escaped:\n%s", page)
	}
	if strings.Index(page, "/second") > strings.Index(page, "/first") {
		t.Error("the order is not that of the document")
	}
	if _, answers, _ := strings.Cut(page, `id="getFirst"`); strings.Index(answers, "<code>200") > strings.Index(answers, "<code>404") {
		t.Error("answers are not sorted by status")
	}
}

// A document that is not valid, or that the page could not show as it is, is refused.
func TestDrawRefuses(t *testing.T) {
	for document, want := range map[string]string{
		"":          "read service/httpapi/openapi.yaml",
		"paths: []": "",
		strings.Replace(minimal, "SUMMARY", "'{{.Title}}'", 1): "write it in another way",
	} {
		if _, err := draw([]byte(document)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.20q: %v, want %q", document, err, want)
		}
	}
}

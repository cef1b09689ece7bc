// Command reference draws the part of the page /docs that says what openapi.yaml
// says, so that the service needs no program to read that document. It writes
// service/page/templates/reference.html.
package main

import (
	"bytes"
	"cmp"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

const (
	from = "service/httpapi/openapi.yaml"
	to   = "service/page/templates/reference.html"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "reference:", err)
		os.Exit(1)
	}
}

func run() error {
	document, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("run it in the folder with go.mod: %w", err)
	}
	page, err := draw(document)
	if err != nil {
		return err
	}
	const mode = 0o644
	return os.WriteFile(to, page, mode) // #nosec G306 -- a file of the repository, which everybody may read
}

//go:embed reference.tmpl
var source string

// draw returns the reference as a template of package page.
func draw(document []byte) ([]byte, error) {
	loader := openapi3.NewLoader()
	doc, err := loader.LoadFromData(document)
	if err == nil {
		err = doc.Validate(loader.Context)
	}
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", from, err)
	}
	// The result is a template itself, and has the usual delimiters.
	drawn, err := template.New("").Delims("[[", "]]").
		Funcs(template.FuncMap{"text": text, "json": indented}).Parse(source)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = drawn.Execute(&out, struct {
		*openapi3.T
		Operations []operation
	}{doc, operations(doc, string(document))})
	if err != nil {
		return nil, fmt.Errorf("draw the reference: %w", err)
	}
	if strings.Contains(out.String(), "{{") {
		return nil, errors.New("the document has {{, which the page would take for its own; write it in another way")
	}
	return slices.Concat([]byte("{{define \"reference\"}}\n"), bytes.TrimSpace(out.Bytes()), []byte("\n{{end}}\n")), nil
}

// operation is a request that the document describes.
type operation struct {
	*openapi3.Operation
	Method, Path string
	Answers      []response
}

type response struct {
	Status string
	*openapi3.Response
}

// operations returns the operations in the order of the document.
func operations(doc *openapi3.T, document string) []operation {
	var all []operation
	for path, item := range doc.Paths.Map() {
		for method, o := range item.Operations() {
			op := operation{Operation: o, Method: method, Path: path}
			for status, answer := range o.Responses.Map() {
				op.Answers = append(op.Answers, response{status, answer.Value})
			}
			slices.SortFunc(op.Answers, func(a, b response) int { return cmp.Compare(a.Status, b.Status) })
			all = append(all, op)
		}
	}
	at := func(o operation) int { return strings.Index(document, "\n  "+o.Path+":\n") }
	slices.SortFunc(all, func(a, b operation) int { return cmp.Or(cmp.Compare(at(a), at(b)), cmp.Compare(a.Method, b.Method)) })
	return all
}

var code = regexp.MustCompile("`([^`]+)`")

// text returns a description with what stands between backticks as code.
func text(description string) template.HTML {
	escaped := template.HTMLEscapeString(strings.TrimSpace(description))
	return template.HTML(code.ReplaceAllString(escaped, "<code>$1</code>")) // #nosec G203 -- it is escaped
}

// indented returns an example as people read it.
func indented(example any) (string, error) {
	if plain, ok := example.(string); ok {
		return strings.TrimRight(strings.ReplaceAll(plain, "\r\n", "\n"), "\n"), nil
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false) // the template escapes it
	encoder.SetIndent("", "  ")
	err := encoder.Encode(example)
	return strings.TrimRight(out.String(), "\n"), err
}

package report

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"html/template"
	"io"
	"sync"

	"example.com/rates/security/gate"
)

var (
	//go:embed page.html.tmpl
	pageTemplate string
	//go:embed page.css
	pageStyle string
)

var parsePage = sync.OnceValues(func() (*template.Template, error) {
	return template.New("page").Parse(pageTemplate)
})

// HTML writes the report as one page that asks for nothing from elsewhere and
// runs no script. Its policy allows its own style and nothing else.
func HTML(w io.Writer, r gate.Report) error {
	page, err := parsePage()
	if err != nil {
		return err
	}
	var text bytes.Buffer
	if err := page.Execute(&text, newPage(r)); err != nil {
		return err
	}
	_, err = io.WriteString(w, visible(text.String()))
	return err
}

// contentPolicy is the Content Security Policy of a page with that style.
func contentPolicy(style string) string {
	sum := sha256.Sum256([]byte(style))
	return "default-src 'none'; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) +
		"'; base-uri 'none'; form-action 'none'"
}

package httpapi

import (
	_ "embed"
	"net/http"
	"strings"

	"example.com/rates/service/page"
)

//go:embed openapi.yaml
var openAPI []byte

// OpenAPI returns the contract of the service as OpenAPI 3, in YAML.
func OpenAPI() []byte { return openAPI }

// docs returns the page that shows the contract.
func docs() []byte {
	body, err := page.Draw(page.Reference())
	if err != nil {
		panic(err) // the templates are part of the program
	}
	return body
}

// fixed returns the handler of an answer that never changes, which is compressed once.
func fixed(form *representation, body []byte) handlerFunc {
	a := newAnswer(form, contentTag(body), body)
	return func(w *response, r *http.Request) error {
		a.write(w, r)
		return nil
	}
}

// assetHandler answers with a file that pages load. Its path changes with its
// content, so that a copy is good for as long as it is kept.
func assetHandler(asset page.Asset) handlerFunc {
	form := &representation{
		media: asset.MediaType, contentType: []string{asset.MediaType},
		headers: []field{{"Cache-Control", []string{"public, max-age=31536000, immutable"}}},
	}
	if strings.HasPrefix(asset.MediaType, "text/javascript") {
		form.headers = append(form.headers, permissionsPolicy)
	}
	return fixed(form, asset.Body)
}

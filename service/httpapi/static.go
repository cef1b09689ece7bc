package httpapi

import (
	_ "embed"
	"net/http"
)

//go:embed openapi.yaml
var openAPI []byte

// OpenAPI returns the contract of the service as OpenAPI 3, in YAML.
func OpenAPI() []byte { return openAPI }

// fixed returns the handler of an answer that never changes, which is compressed once.
func fixed(form *representation, body []byte) handlerFunc {
	a := newAnswer(form, contentTag(body), body)
	return func(w *response, r *http.Request) error {
		a.write(w, r)
		return nil
	}
}

func (*api) getRoot(w *response, r *http.Request) error {
	if _, err := negotiate(w, r, jsonOffer); err != nil {
		return err
	}
	body := []byte(`{"message":"Hello world!"}` + "\n")
	newAnswer(asJSON, contentTag(body), body).write(w, r)
	return nil
}

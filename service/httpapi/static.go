package httpapi

import (
	_ "embed"
	"net/http"
)

//go:embed openapi.yaml
var openAPI []byte

// OpenAPI returns the contract of the service as OpenAPI 3, in YAML.
func OpenAPI() []byte { return openAPI }

func (*api) getOpenAPI(w *response, r *http.Request) error {
	writeAnswer(w, r, "application/yaml", contentTag(openAPI), openAPI)
	return nil
}

func (*api) getRoot(w *response, r *http.Request) error {
	if _, err := negotiate(r, mediaJSON); err != nil {
		return err
	}
	body := []byte(`{"message":"Hello world!"}` + "\n")
	writeAnswer(w, r, mediaJSON, contentTag(body), body)
	return nil
}

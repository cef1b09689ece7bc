package httpapi_test

import (
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"example.com/rates/service/httpapi"
)

// contract is openapi.yaml, parsed and validated.
var contract = sync.OnceValues(func() (struct {
	doc    *openapi3.T
	router routers.Router
}, error,
) {
	var c struct {
		doc    *openapi3.T
		router routers.Router
	}
	// These are compared as text, not by their content.
	for _, media := range []string{"application/yaml", "text/html", "image/svg+xml"} {
		openapi3filter.RegisterBodyDecoder(media, openapi3filter.PlainBodyDecoder)
	}
	loader := openapi3.NewLoader()
	var err error
	if c.doc, err = loader.LoadFromData(httpapi.OpenAPI()); err != nil {
		return c, err
	}
	if err = c.doc.Validate(loader.Context); err != nil {
		return c, err
	}
	c.router, err = gorillamux.NewRouter(c.doc)
	return c, err
})

// asPage is the type of pages, whose form is not a matter of the contract.
const asPage = "text/html; charset=utf-8"

// checkContract checks an answer against openapi.yaml.
func checkContract(t testing.TB, r *http.Request, got answer) {
	t.Helper()
	c, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	if r.Method == http.MethodOptions || r.Method == http.MethodHead {
		return
	}
	got.body = got.unpacked(t)
	route, params, err := c.router.FindRoute(r)
	if err != nil {
		// The document does not describe unknown paths and methods, but all errors
		// have one form.
		if got.header.Get("Content-Type") == asPage {
			return
		}
		var body any
		if err := json.Unmarshal([]byte(got.body), &body); err != nil {
			t.Errorf("%s %s: the body is not JSON: %v", r.Method, r.URL, err)
		} else if err := c.doc.Components.Schemas["Problem"].Value.VisitJSON(body); err != nil {
			t.Errorf("%s %s: %v", r.Method, r.URL, err)
		}
		return
	}
	err = openapi3filter.ValidateResponse(t.Context(), &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{Request: r, PathParams: params, Route: route},
		Status:                 got.status,
		Header:                 got.header,
		Body:                   io.NopCloser(strings.NewReader(got.body)),
		Options:                &openapi3filter.Options{IncludeResponseStatus: true, MultiError: true},
	})
	if err != nil {
		t.Errorf("%s %s does not match openapi.yaml: %v", r.Method, r.URL, err)
	}
}

// The contract is a valid OpenAPI document, examples included, and describes
// every route and no other.
func TestContractIsValidAndComplete(t *testing.T) {
	c, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	a := newAPI(t, fakeStore{})
	got := slices.Sorted(maps.Keys(c.doc.Paths.Map()))
	want := []string{"/", "/docs", "/healthz", "/openapi.yaml", "/ports", "/rates", "/readyz", "/regions"}
	if !slices.Equal(got, want) {
		t.Errorf("the contract describes %v, want %v", got, want)
	}
	for _, path := range got {
		if answer := a.get(t, path); answer.status == http.StatusNotFound {
			t.Errorf("%s is in the contract and not served", path)
		}
	}
}

// A scanner that uses the examples of the contract gets answers, not errors.
func TestContractExamplesAreAnswered(t *testing.T) {
	c, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	a := newAPI(t, fakeStore{})
	for path, item := range c.doc.Paths.Map() {
		r := newRequest(http.MethodGet, path)
		query := r.URL.Query()
		for _, parameter := range item.Get.Parameters {
			if example, ok := parameter.Value.Example.(string); ok && parameter.Value.In == openapi3.ParameterInQuery {
				query.Set(parameter.Value.Name, example)
			}
		}
		target := path
		if len(query) > 0 {
			target += "?" + query.Encode()
		}
		if got := a.get(t, target); got.status != http.StatusOK {
			t.Errorf("%s: status %d\n%s", target, got.status, got.body)
		}
	}
}

// The contract itself is served, byte for byte.
func TestContractIsServed(t *testing.T) {
	got := newAPI(t, fakeStore{}).get(t, "/openapi.yaml")
	if got.status != http.StatusOK || got.body != string(httpapi.OpenAPI()) {
		t.Errorf("status %d with %d bytes, want the %d bytes of the contract", got.status, len(got.body), len(httpapi.OpenAPI()))
	}
	if media := got.header.Get("Content-Type"); media != "application/yaml" {
		t.Errorf("Content-Type is %q", media)
	}
}

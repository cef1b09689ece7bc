package steps_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"

	"example.com/rates/service/httpapi"
)

// contract is the OpenAPI document that every answer of every scenario is checked
// against.
type contract struct{ doc *openapi3.T }

func newContract(t *testing.T) *contract {
	t.Helper()
	// The document describes these as text.
	for _, media := range []string{"application/yaml", "text/html", "image/svg+xml"} {
		openapi3filter.RegisterBodyDecoder(media, openapi3filter.PlainBodyDecoder)
	}
	doc, err := readOpenAPI(t.Context(), httpapi.OpenAPI())
	if err != nil {
		t.Fatal(err)
	}
	return &contract{doc: doc}
}

// readOpenAPI parses a document and validates it, examples included.
func readOpenAPI(ctx context.Context, document []byte) (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(document)
	if err != nil {
		return nil, fmt.Errorf("read the OpenAPI document: %w", err)
	}
	if err := doc.Validate(ctx); err != nil {
		return nil, fmt.Errorf("the OpenAPI document is not valid: %w", err)
	}
	return doc, nil
}

// check returns an error unless the contract allows the answer. If the request
// succeeded, the contract must allow it too.
func (c *contract) check(ctx context.Context, a *answer) error {
	path, _, _ := strings.Cut(a.request.target, "?")
	item := c.doc.Paths.Value(path)
	if err := c.checkAlways(a); err != nil {
		return err
	}
	switch {
	case a.request.method == http.MethodOptions:
		return nil
	case item == nil || a.request.method != http.MethodGet && a.request.method != http.MethodHead:
		return c.checkProblem(a)
	}
	input, err := c.input(ctx, a, path, item)
	if err != nil {
		return err
	}
	if a.status < http.StatusBadRequest {
		if err := openapi3filter.ValidateRequest(ctx, input.RequestValidationInput); err != nil {
			return fmt.Errorf("%s was answered with %d, but the contract does not allow it: %w", a.request.target, a.status, err)
		}
	}
	if err := openapi3filter.ValidateResponse(ctx, input); err != nil {
		return fmt.Errorf("the answer breaks the contract: %w", err)
	}
	if a.status == http.StatusNotModified && a.header.Get("Etag") == "" {
		return errors.New("the answer breaks the contract: a 304 has no ETag")
	}
	return nil
}

// page is the type of the answers that people see in a browser.
const page = "text/html; charset=utf-8"

// checkAlways checks what holds for every answer.
func (*contract) checkAlways(a *answer) error {
	switch {
	case !isRequestID(a.header.Get("X-Request-Id")):
		return fmt.Errorf("the answer has the request id %q", a.header.Get("X-Request-Id"))
	case a.request.method == http.MethodHead || a.status == http.StatusNoContent || a.status == http.StatusNotModified:
		if len(a.body) > 0 {
			return fmt.Errorf("%s %s with status %d has a body", a.request.method, a.request.target, a.status)
		}
	case a.header.Get("Content-Length") != strconv.Itoa(a.sent):
		return fmt.Errorf("the answer has the Content-Length %q and %d bytes", a.header.Get("Content-Length"), a.sent)
	case len(a.body) > 0 && a.header.Get("Content-Type") == "":
		return errors.New("the answer has a body without a Content-Type")
	}
	return nil
}

// input converts request and answer for the library. HEAD is checked like GET,
// without its body.
func (c *contract) input(ctx context.Context, a *answer, path string, item *openapi3.PathItem) (*openapi3filter.ResponseValidationInput, error) {
	if item.Get.Responses.Status(a.status) == nil {
		return nil, fmt.Errorf("the contract has no status %d for %s", a.status, path)
	}
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, a.request.target, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("repeat the request: %w", err)
	}
	r.Header = a.request.header.Clone()
	options := &openapi3filter.Options{
		IncludeResponseStatus: true,
		ExcludeResponseBody:   a.request.method == http.MethodHead,
	}
	return &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: r,
			Route:   &routers.Route{Spec: c.doc, Path: path, PathItem: item, Method: http.MethodGet, Operation: item.Get},
			Options: options,
		},
		Status:  a.status,
		Header:  a.header,
		Body:    io.NopCloser(bytes.NewReader(a.body)),
		Options: options,
	}, nil
}

// checkProblem checks an answer that no path of the document describes against its
// schema of a problem.
func (c *contract) checkProblem(a *answer) error {
	media := a.header.Get("Content-Type")
	if media == page {
		return nil
	}
	if media != "application/problem+json" {
		return fmt.Errorf("the answer with status %d is %q, want a problem document", a.status, media)
	}
	if a.request.method == http.MethodHead {
		return nil
	}
	var value any
	if err := json.Unmarshal(a.body, &value); err != nil {
		return fmt.Errorf("read the problem: %w", err)
	}
	if err := c.doc.Components.Schemas["Problem"].Value.VisitJSON(value); err != nil {
		return fmt.Errorf("the problem breaks the contract: %w", err)
	}
	return nil
}

// isRequestID reports whether an id is safe to log.
func isRequestID(id string) bool {
	const most = 64
	return id != "" && len(id) <= most && strings.Trim(id,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.") == ""
}

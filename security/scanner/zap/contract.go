package zap

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/zap/session"
)

// operation is a method and a path of the OpenAPI document.
type operation struct {
	method, path string
	statuses     []string // that the document names, as 200 or 4XX
}

// String returns the operation as GET /rates.
func (o operation) String() string { return o.method + " " + o.path }

// contract is the operations of the service, sorted by path and method.
type contract []operation

// readContract reads the OpenAPI document of the service. ZAP imports one with an
// unresolved reference, or without paths, and does not complain.
func readContract(ctx context.Context, text string) (contract, error) {
	document, err := openapi3.NewLoader().LoadFromData([]byte(text))
	if err == nil {
		err = document.Validate(ctx, openapi3.DisableExamplesValidation())
	}
	if err != nil {
		return nil, scanner.Errorf(scanner.BadInput, "the OpenAPI document of the service is not valid: %w", err)
	}
	var c contract
	for path, item := range document.Paths.Map() {
		for method, o := range item.Operations() {
			c = append(c, operation{method, path, slices.Sorted(maps.Keys(o.Responses.Map()))})
		}
	}
	if len(c) == 0 {
		return nil, scanner.Errorf(scanner.NothingExamined, "the OpenAPI document of the service names no operation")
	}
	slices.SortFunc(c, func(a, b operation) int { return strings.Compare(a.path+" "+a.method, b.path+" "+b.method) })
	return c, nil
}

// is reports whether a request is of this operation.
func (o operation) is(m session.Message) bool {
	at, err := url.Parse(m.URL)
	if err != nil || m.Method != o.method {
		return false
	}
	want, got := strings.Split(o.path, "/"), strings.Split("/"+strings.TrimPrefix(at.Path, "/"), "/")
	return slices.EqualFunc(want, got, func(want, got string) bool {
		return want == got || strings.HasPrefix(want, "{") && got != ""
	})
}

// names reports whether the contract names a status of the operation.
func (o operation) names(status int) bool {
	text := strconv.Itoa(status)
	return slices.Contains(o.statuses, text) || slices.Contains(o.statuses, text[:1]+"XX") || slices.Contains(o.statuses, "default")
}

// succeeded reports whether a status is a success that the contract names.
func (o operation) succeeded(status int) bool {
	return status >= http.StatusOK && status < http.StatusMultipleChoices && o.names(status)
}

// answers counts the answers to the operation by status.
func (o operation) answers(messages []session.Message) map[int]int {
	count := map[int]int{}
	for _, m := range messages {
		if o.is(m) {
			count[m.Status]++
		}
	}
	return count
}

// tally says how often each operation was answered with each status.
func (c contract) tally(messages []session.Message) string {
	var parts []string
	for _, o := range c {
		parts = append(parts, o.String()+" "+statuses(o.answers(messages)))
	}
	return strings.Join(parts, "; ")
}

// statuses returns counts by status as 200 (3 times).
func statuses(count map[int]int) string {
	var parts []string
	for _, status := range slices.Sorted(maps.Keys(count)) {
		parts = append(parts, fmt.Sprintf("%d (%d times)", status, count[status]))
	}
	return strings.Join(parts, ", ")
}

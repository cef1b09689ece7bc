package testkit

import (
	"context"
	"io"
	"net/http"
	"testing"
)

// Get asks for url and returns the status and the body.
func Get(ctx context.Context, url string) (status int, body string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return 0, "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return 0, "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	return response.StatusCode, string(text), err
}

// MustGet is Get for an answer that the test cannot go on without.
func MustGet(t testing.TB, url string) (status int, body string) {
	t.Helper()
	status, body, err := Get(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return status, body
}

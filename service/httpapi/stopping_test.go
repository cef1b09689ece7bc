package httpapi_test

import (
	"context"
	"testing"

	"example.com/rates/service/httpapi"
	"example.com/rates/service/rates"
)

// While the service stops, each answer is the last on its connection, also that to a
// request which began before.
func TestStoppingClosesConnections(t *testing.T) {
	stopping := false
	a := newAPI(t, fakeStore{dailyRates: func(context.Context, rates.Query) (rates.Answer, error) {
		stopping = true
		return rates.Answer{Version: 1}, nil
	}}, func(c *httpapi.Config) { c.Stopping = func() bool { return stopping } })
	if got := a.get(t, "/healthz").header.Get("Connection"); got != "" {
		t.Errorf("before: Connection is %q", got)
	}
	for _, target := range []string{goodQuery, "/healthz", "/nowhere", "/rates"} {
		if got := a.get(t, target).header.Get("Connection"); got != "close" {
			t.Errorf("%s: Connection is %q", target, got)
		}
	}
}

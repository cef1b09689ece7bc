//go:build linux

package azure

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// A client that accepts no compression is given none, whatever lies between.
func TestTheIngressAsksAsItsClientDoes(t *testing.T) {
	app := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Accepted", r.Header.Get("Accept-Encoding"))
		w.Header().Set("X-Asked", r.Host+r.URL.RequestURI())
	}))
	defer app.Close()
	ingress := forward(func() string { return strings.TrimPrefix(app.URL, "http://") })
	for _, accepted := range []string{"", "gzip", "br"} {
		r := httptest.NewRequest(http.MethodGet, "https://ca-rates-dev.example/rates?a=1;b=%zz", nil)
		if accepted != "" {
			r.Header.Set("Accept-Encoding", accepted)
		}
		w := httptest.NewRecorder()
		ingress.ServeHTTP(w, r)
		if got := w.Header().Get("X-Accepted"); got != accepted {
			t.Errorf("the app is asked for the encoding %q, want %q", got, accepted)
		}
		if got, want := w.Header().Get("X-Asked"), "ca-rates-dev.example/rates?a=1;b=%zz"; got != want {
			t.Errorf("the app is asked %s, want %s", got, want)
		}
	}
}

package app_test

import (
	"net"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
	"example.com/rates/service/app"
)

// A port in use is named, with the variable that sets another; everything that
// was started is stopped.
func TestPortInUse(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	url := newDatabase(t).As(dbtest.Reader)
	for variable, edit := range map[string]func(*app.Config){
		"RATES_ADDR":       func(c *app.Config) { c.Addr = taken.Addr().String() },
		"RATES_ADMIN_ADDR": func(c *app.Config) { c.AdminAddr = taken.Addr().String() },
	} {
		before := goleak.IgnoreCurrent()
		cfg := newConfig(url)
		edit(&cfg)
		_, err := app.Start(t.Context(), cfg, &testkit.Buffer{})
		want := taken.Addr().String() + " is in use by another program; stop it, or choose another port with " + variable + ": "
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: %v\nwant %s", variable, err, want)
		}
		wantNoGoroutines(t, before)
	}
}

// Listening on an address of another machine fails, with its variable.
func TestForeignAddress(t *testing.T) {
	cfg := newConfig(newDatabase(t).As(dbtest.Reader))
	cfg.Addr = "192.0.2.1:3000"
	if _, err := app.Start(t.Context(), cfg, &testkit.Buffer{}); err == nil || !strings.HasPrefix(err.Error(), "listen on 192.0.2.1:3000 (RATES_ADDR): ") {
		t.Errorf("the error is %v", err)
	}
}

// A request with too large headers is refused before it is read, with the headers of
// every answer.
func TestLargeHeaderIsRefused(t *testing.T) {
	a := start(t, newConfig(newDatabase(t).As(dbtest.Reader)))
	for size, want := range map[int]int{
		8 << 10:  http.StatusOK,
		64 << 10: http.StatusRequestHeaderFieldsTooLarge,
	} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.URL()+question, nil)
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("X-Large", strings.Repeat("x", size))
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != want {
			t.Errorf("%d bytes of header: status %d, want %d", size, response.StatusCode, want)
		}
		if got := response.Header.Get("X-Content-Type-Options"); got != "nosniff" {
			t.Errorf("%d bytes of header: X-Content-Type-Options is %q", size, got)
		}
	}
}

// "OPTIONS *" is answered like OPTIONS of a path.
func TestOptionsOfTheServer(t *testing.T) {
	a := start(t, newConfig(newDatabase(t).As(dbtest.Reader)))
	request, err := http.NewRequestWithContext(t.Context(), http.MethodOptions, a.URL(), nil)
	if err != nil {
		t.Fatal(err)
	}
	request.URL.Opaque = "*"
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if allow, id := response.Header.Get("Allow"), response.Header.Get("X-Request-Id"); response.StatusCode != http.StatusNoContent ||
		allow != "GET, HEAD, OPTIONS" || id == "" {
		t.Errorf("status %d, Allow %q, request id %q", response.StatusCode, allow, id)
	}
}

package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/scannertest"
)

// saying returns a client of a ZAP that answers each path with a text, and the
// status 200 like ZAP. The last text stays.
func saying(t *testing.T, texts map[string][]string) *client {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := strings.Trim(strings.TrimPrefix(r.URL.Path, "/JSON"), "/")
		said, ok := texts[name]
		if !ok {
			said = []string{`{"Result":"OK"}`}
		}
		if len(said) > 1 {
			texts[name] = said[1:]
		}
		fmt.Fprint(w, said[0])
	}))
	t.Cleanup(server.Close)
	c, err := connect(server.URL, "secret key")
	if err != nil {
		t.Fatal(err)
	}
	c.poll = time.Millisecond
	return c
}

// ZAP answers what it did not do with the status 200, and the library returns that
// without an error.
func TestRefusals(t *testing.T) {
	const internal = `{"code":"internal_error","message":"Internal Error"}`
	importing := func(ctx context.Context, c *client) error {
		_, err := c.importContract(ctx, "https://x")
		return err
	}
	spider := func(ctx context.Context, c *client) error { return c.spider(ctx, "https://x") }
	rules := func(ctx context.Context, c *client) error {
		_, err := c.passiveRules(ctx)
		return err
	}
	alerts := func(ctx context.Context, c *client) error {
		_, err := c.alerts(ctx, "https://x")
		return err
	}
	messages := func(ctx context.Context, c *client) error {
		_, err := c.messages(ctx, "https://x")
		return err
	}
	version := func(ctx context.Context, c *client) error {
		_, err := c.version(ctx)
		return err
	}
	attack := func(ctx context.Context, c *client) error { return c.attack(ctx, "https://x", time.Minute) }
	prepare := func(ctx context.Context, c *client) error { return c.prepare(ctx) }
	for name, test := range map[string]struct {
		path, says string
		step       func(context.Context, *client) error
		kind       scanner.Kind
	}{
		"no add-on that imports":    {"openapi/action/importUrl", `{"code":"no_implementor","message":"No Implementor"}`, importing, scanner.NothingExamined},
		"no add-on with rules":      {"pscan/view/scanners", `{"code":"no_implementor","message":"No Implementor"}`, rules, scanner.NothingExamined},
		"no add-on that follows":    {"spider/action/scan", `{"code":"no_implementor","message":"No Implementor"}`, spider, scanner.NothingExamined},
		"a closed port":             {"core/action/accessUrl", internal, importing, scanner.InputUnavailable},
		"bad external data":         {"openapi/action/importUrl", `{"code":"bad_external_data","message":"x"}`, importing, scanner.BadInput},
		"does not exist":            {"openapi/action/importUrl", `{"code":"does_not_exist","message":"x"}`, importing, scanner.BadInput},
		"an illegal parameter":      {"openapi/action/importUrl", `{"code":"illegal_parameter","message":"x"}`, importing, scanner.BadInput},
		"the mode forbids":          {"spider/action/scan", `{"code":"mode_violation","message":"x"}`, spider, scanner.ToolFailed},
		"an unknown site to attack": {"ascan/action/scan", `{"code":"url_not_found","message":"x"}`, attack, scanner.ToolFailed},
		"no session":                {"core/action/newSession", internal, prepare, scanner.ToolFailed},
		"not confirmed":             {"pscan/action/setMaxAlertsPerRule", `{"Result":"FAIL"}`, prepare, scanner.BadOutput},
		"alerts that are an error":  {"alert/view/alerts", internal, alerts, scanner.ToolFailed},
		"alerts that are no list":   {"alert/view/alerts", `{"alerts":"none"}`, alerts, scanner.BadOutput},
		"alerts of another shape":   {"alert/view/alerts", `{"alerts":[1]}`, alerts, scanner.BadOutput},
		"no count of alerts":        {"alert/view/alertsSummary", internal, alerts, scanner.ToolFailed},
		"no number of alerts":       {"alert/view/alertsSummary", `{"alertsSummary":{"Low":"many"}}`, alerts, scanner.BadOutput},
		"more alerts than shown":    {"alert/view/alertsSummary", `{"alertsSummary":{"Low":1}}`, alerts, scanner.BadOutput},
		"no list of alerts":         {"alert/view/alertsSummary", `{}`, alerts, scanner.BadOutput},
		"a scan without a number":   {"spider/action/scan", `{"scan":"url_not_found"}`, spider, scanner.BadOutput},
		"a request without a URL":   {"core/view/messages", `{"messages":[{"requestHeader":"GET","responseHeader":"HTTP/1.1 200 OK"}]}`, messages, scanner.BadOutput},
		"an answer without status":  {"core/view/messages", `{"messages":[{"requestHeader":"GET https://x/ HTTP/1.1","responseHeader":""}]}`, messages, scanner.BadOutput},
		"no version":                {"core/view/version", `{}`, version, scanner.BadOutput},
		"nothing":                   {"core/view/version", `null`, version, scanner.BadOutput},
		"no JSON":                   {"core/view/version", `<html>`, version, scanner.ToolFailed},
	} {
		t.Run(name, func(t *testing.T) {
			c := saying(t, map[string][]string{
				"alert/view/alerts": {`{"alerts":[]}`}, "alert/view/alertsSummary": {`{"alertsSummary":{}}`},
				"core/action/accessUrl": {`{"accessUrl":[]}`}, test.path: {test.says},
			})
			scannertest.WantKind(t, test.step(t.Context(), c), test.kind)
		})
	}
}

// The passive rules are done when the queue was empty twice, not once.
func TestPassiveRulesAreAwaited(t *testing.T) {
	queue := func(lengths ...string) *client {
		var texts []string
		for _, n := range lengths {
			texts = append(texts, `{"recordsToScan":"`+n+`"}`)
		}
		return saying(t, map[string][]string{"pscan/view/recordsToScan": texts})
	}
	if err := queue("7", "0", "3", "0", "0").awaitPassive(t.Context()); err != nil {
		t.Error(err)
	}
	for name, lengths := range map[string][]string{"never empty": {"1"}, "never twice": {"0", "1"}} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
			defer cancel()
			scannertest.WantKind(t, queue(lengths...).awaitPassive(ctx), scanner.TimedOut)
		})
	}
}

// A scan that uses up its time may be incomplete, and one that does not end is not
// waited for.
func TestScansEnd(t *testing.T) {
	c := saying(t, map[string][]string{
		"spider/action/scan": {`{"scan":"3"}`}, "spider/view/status": {`{"status":"0"}`, `{"status":"99"}`, `{"status":"100"}`},
	})
	if err := c.spider(t.Context(), "https://x"); err != nil {
		t.Error(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	c = saying(t, map[string][]string{"ascan/action/scan": {`{"scan":"0"}`}, "ascan/view/status": {`{"status":"50"}`}})
	scannertest.WantKind(t, c.attack(ctx, "https://x", time.Minute), scanner.TimedOut)
}

// An error of the library has the key in it; ours has not.
func TestTheKeyIsNotShown(t *testing.T) {
	closing := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	t.Cleanup(closing.Close)
	for name, address := range map[string]string{"closed port": "http://127.0.0.1:1", "wrong key": closing.URL} {
		t.Run(name, func(t *testing.T) {
			const key = "hunter2 & more"
			c, err := connect(address, key)
			if err != nil {
				t.Fatal(err)
			}
			_, err = c.version(t.Context())
			scannertest.WantKind(t, err, scanner.ToolFailed)
			if err != nil && (strings.Contains(err.Error(), "hunter2") || !strings.Contains(err.Error(), "name its version")) {
				t.Errorf("error %v", err)
			}
			if wrong := name == "wrong key"; errors.Is(err, errClosed) != wrong {
				t.Errorf("error %v; is about a closed connection: %t", err, !wrong)
			}
		})
	}
	for _, address := range []string{"", "127.0.0.1:8080", "http://", "::"} {
		_, err := connect(address, "hunter2")
		scannertest.WantKind(t, err, scanner.InputUnavailable)
	}
}

// All pages are read, and an error in any is one.
func TestPages(t *testing.T) {
	const size = 3
	for _, length := range []int{0, 1, 2, 3, 4, 6, 7} {
		var asked []string
		all, err := pages(size, func(start, count string) ([]int, error) {
			asked = append(asked, start+"+"+count)
			return make([]int, min(size, length-(len(asked)-1)*size)), nil
		})
		if err != nil || len(all) != length || len(asked) != length/size+1 {
			t.Errorf("%d of %d elements in the pages %q, error %v", len(all), length, asked, err)
		}
	}
	broken := errors.New("broken")
	if _, err := pages(size, func(string, string) ([]int, error) { return nil, broken }); !errors.Is(err, broken) {
		t.Errorf("error %v", err)
	}
}

// Any header has a status, or is refused.
func FuzzStatus(f *testing.F) {
	for _, header := range []string{"HTTP/1.1 200 OK\r\nServer: x\r\n\r\n", "HTTP/1.0 0\r\n\r\n", "HTTP/2 404", "HTTP/1.1", ""} {
		f.Add(header)
	}
	f.Fuzz(func(t *testing.T, header string) {
		got, err := status(header)
		if err == nil && !strings.Contains(header, fmt.Sprint(got)) && !strings.ContainsAny(header, "+0-") {
			t.Errorf("%q has the status %d", header, got)
		}
	})
}

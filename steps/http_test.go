package steps_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/cucumber/godog"

	"example.com/rates/internal/testkit"
)

// goodQuestion is the question of the README, one parameter each.
var goodQuestion = []string{"date_from=2021-01-01", "date_to=2021-01-31", "orig_code=CNGGZ", "dest_code=EETLL"}

// request is a request to the service.
type request struct {
	method string
	target string // path and query
	header http.Header
}

// answer is an answer of the service, read to its end.
type answer struct {
	request request
	status  int
	header  http.Header
	body    []byte
	sent    int // bytes of the body on the wire, which may be compressed
}

// String returns the answer for the message of a failure.
func (a *answer) String() string {
	const most = 2000
	body := a.body[:min(most, len(a.body))]
	var header strings.Builder
	_ = a.header.Write(&header) // a strings.Builder takes everything
	return fmt.Sprintf("%s %s\n%d\n%s\n%s", a.request.method, a.request.target, a.status,
		strings.ReplaceAll(header.String(), "\r\n", "\n"), body)
}

func newClient() *http.Client {
	return &http.Client{
		Timeout:       testkit.Patience,
		Transport:     &http.Transport{Proxy: http.ProxyFromEnvironment, DisableCompression: true},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (w *world) registerRequests(sc *godog.ScenarioContext) {
	sc.Step(`^I ([A-Z]+) "([^"]*)"$`, func(ctx context.Context, method, target string) error {
		return w.ask(ctx, request{method: method, target: target})
	})
	sc.Step(`^I ([A-Z]+) "([^"]*)" with the headers:$`, func(ctx context.Context, method, target string, headers *godog.Table) error {
		return w.ask(ctx, request{method: method, target: target, header: headersOf(headers)})
	})
	sc.Step(`^I ask for the rates from (\S+) to (\S+), (\S+) to (\S+)$`, func(ctx context.Context, from, to, first, last string) error {
		return w.ask(ctx, rates(nil, "date_from="+first, "date_to="+last, "orig_code="+from, "dest_code="+to))
	})
	sc.Step(`^I ask for the rates from (\S+) to (\S+), (\S+) to (\S+), with the headers:$`, func(ctx context.Context, from, to, first, last string, headers *godog.Table) error {
		return w.ask(ctx, rates(headersOf(headers), "date_from="+first, "date_to="+last, "orig_code="+from, "dest_code="+to))
	})
	sc.Step(`^I ask a good question$`, func(ctx context.Context) error {
		return w.ask(ctx, rates(nil, goodQuestion...))
	})
	sc.Step(`^I ask a good question with the headers:$`, func(ctx context.Context, headers *godog.Table) error {
		return w.ask(ctx, rates(headersOf(headers), goodQuestion...))
	})
	sc.Step(`^I ask a good question with "([^"]*)" instead$`, func(ctx context.Context, given string) error {
		name, _, _ := strings.Cut(given, "=")
		return w.ask(ctx, rates(nil, append(goodQuestionWithout(name), given)...))
	})
	sc.Step(`^I ask a good question without "([^"]*)"$`, func(ctx context.Context, name string) error {
		return w.ask(ctx, rates(nil, goodQuestionWithout(name)...))
	})
	sc.Step(`^I ask a good question with a URL of (\d+) bytes$`, w.askWithLength)
	sc.Step(`^I ask the same again with the ETag of that answer$`, func(ctx context.Context) error {
		return w.askAgain(ctx, "If-None-Match", "ETAG")
	})
	sc.Step(`^I ask the same again with "([^"]*)" as (.*)$`, w.askAgain)
}

// rates returns a request for /rates with the given parts of a query.
func rates(header http.Header, parts ...string) request {
	return request{method: http.MethodGet, target: "/rates?" + strings.Join(parts, "&"), header: header}
}

func goodQuestionWithout(name string) []string {
	return slices.DeleteFunc(slices.Clone(goodQuestion), func(part string) bool { return strings.HasPrefix(part, name+"=") })
}

// headersOf converts a table with the names of headers above their values.
func headersOf(table *godog.Table) http.Header {
	header := http.Header{}
	for _, row := range table.Rows[1:] {
		for i, cell := range row.Cells {
			header.Add(table.Rows[0].Cells[i].Value, cell.Value)
		}
	}
	return header
}

// askWithLength pads the URL with an unknown parameter.
func (w *world) askWithLength(ctx context.Context, length int) error {
	req := rates(nil, append(slices.Clone(goodQuestion), "padding=")...)
	req.target += strings.Repeat("x", length-len(req.target))
	return w.ask(ctx, req)
}

// askAgain repeats the last request with one more header, in which ETAG stands
// for the entity tag of the last answer.
func (w *world) askAgain(ctx context.Context, header, value string) error {
	if w.answer == nil {
		return errors.New("no question was asked before")
	}
	tag := w.answer.header.Get("Etag")
	if tag == "" {
		return errors.New("the last answer has no ETag")
	}
	req := w.asked
	req.header = req.header.Clone()
	if req.header == nil {
		req.header = http.Header{}
	}
	req.header.Set(header, strings.ReplaceAll(value, "ETAG", tag))
	return w.ask(ctx, req)
}

// ask sends a request to the instance of the scenario and keeps the answer.
func (w *world) ask(ctx context.Context, req request) error {
	base, err := w.running(ctx)
	if err != nil {
		return err
	}
	got, err := w.exchange(ctx, base, req)
	if err != nil {
		return err
	}
	w.asked, w.before, w.answer = req, w.answer, got
	return w.contract.check(ctx, got)
}

// exchange sends a request and reads the answer to its end.
func (w *world) exchange(ctx context.Context, base string, req request) (*answer, error) {
	r, err := http.NewRequestWithContext(ctx, req.method, base+req.target, http.NoBody)
	if err != nil {
		return nil, fmt.Errorf("make the request: %w", err)
	}
	for name, values := range req.header {
		r.Header[name] = values
	}
	resp, err := w.client.Do(r)
	if err != nil {
		return nil, fmt.Errorf("ask: %w", err)
	}
	defer resp.Body.Close()
	sent, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, fmt.Errorf("read the answer to %s %s: %w", req.method, req.target, err)
	}
	body, err := unpacked(resp.Header, sent)
	if err != nil {
		return nil, fmt.Errorf("unpack the answer to %s %s: %w", req.method, req.target, err)
	}
	if resp.Close {
		resp.Header.Set("Connection", "close") // net/http has removed it
	}
	return &answer{request: req, status: resp.StatusCode, header: resp.Header, body: body, sent: len(sent)}, nil
}

// unpacked returns a body without its Content-Encoding.
func unpacked(header http.Header, sent []byte) ([]byte, error) {
	if header.Get("Content-Encoding") != "gzip" || len(sent) == 0 {
		return sent, nil
	}
	r, err := gzip.NewReader(bytes.NewReader(sent))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

package session

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	zapapi "github.com/zaproxy/zap-api-go/zap"

	"example.com/rates/security/scanner"
)

// client asks ZAP. The library returns the errors of ZAP like any answer, knows no
// context, and has the API key in the text of its errors; client refuses the
// first, adds the second and removes the third.
type client struct {
	api  zapapi.Interface
	key  string
	poll time.Duration // between two looks at something that takes long
}

func connect(address, key string) (*client, error) {
	const poll = 500 * time.Millisecond
	if at, err := url.Parse(address); err != nil || at.Host == "" {
		return nil, scanner.Errorf(scanner.InputUnavailable, "the address of ZAP is not a URL such as http://127.0.0.1:8080")
	}
	api, err := zapapi.NewClient(&zapapi.Config{Proxy: address, APIKey: key})
	if err != nil {
		return nil, scanner.Errorf(scanner.ToolFailed, "make a client of ZAP: %w", err)
	}
	return &client{api: api, key: key, poll: poll}, nil
}

// answer is what ZAP says to one request.
type answer = map[string]any

// ask asks ZAP to do what step says. kind is that of the error if ZAP refuses.
func (c *client) ask(ctx context.Context, step string, kind scanner.Kind, call func() (answer, error)) (answer, error) {
	type reply struct {
		said answer
		err  error
	}
	replies := make(chan reply, 1)
	go func() {
		said, err := call()
		replies <- reply{said, err}
	}()
	select {
	case <-ctx.Done():
		return nil, scanner.Errorf(scanner.TimedOut, "ZAP was not done to %s: %w", step, context.Cause(ctx))
	case got := <-replies:
		if got.err != nil {
			return nil, c.unanswered(step, got.err)
		}
		return got.said, refused(step, kind, got.said)
	}
}

// unanswered explains why there is no answer. ZAP closes the connection without a
// word if the key is wrong.
func (c *client) unanswered(step string, err error) error {
	text := err.Error()
	if c.key != "" {
		text = strings.ReplaceAll(text, url.QueryEscape(c.key), "…")
		text = strings.ReplaceAll(text, c.key, "…")
	}
	if strings.HasSuffix(text, "EOF") {
		return scanner.Errorf(scanner.ToolFailed, "asked to %s, %w; its API key is not that in ZAP_KEY, or it has ended", step, errClosed)
	}
	return scanner.Errorf(scanner.ToolFailed, "ask ZAP to %s: %s", step, text)
}

// errClosed means that ZAP closed the connection.
var errClosed = errors.New("ZAP closed the connection without an answer")

// refused returns an error if the answer is one: an object with a code.
func refused(step string, kind scanner.Kind, said answer) error {
	code, isError := said["code"]
	switch {
	case said == nil:
		return scanner.Errorf(scanner.BadOutput, "ZAP answered nothing when asked to %s", step)
	case !isError:
		return nil
	case code == "no_implementor":
		return scanner.Errorf(scanner.NothingExamined, "ZAP has no add-on to %s (no_implementor); install the add-ons that its release has", step)
	default:
		return scanner.Errorf(kind, "ZAP did not %s: %v (%v)", step, said["message"], code)
	}
}

// do asks for an action that ZAP must confirm.
func (c *client) do(ctx context.Context, step string, call func() (answer, error)) error {
	said, err := c.ask(ctx, step, scanner.ToolFailed, call)
	if err == nil && said["Result"] != "OK" {
		err = scanner.Errorf(scanner.BadOutput, "ZAP did not confirm to %s: %v", step, said)
	}
	return err
}

// text asks for one value.
func (c *client) text(ctx context.Context, step, key string, call func() (answer, error)) (string, error) {
	said, err := c.ask(ctx, step, scanner.ToolFailed, call)
	if err != nil {
		return "", err
	}
	value, ok := said[key].(string)
	if !ok || value == "" {
		return "", scanner.Errorf(scanner.BadOutput, "ZAP was asked to %s and answered without %s: %v", step, key, said)
	}
	return value, nil
}

// number asks for one count.
func (c *client) number(ctx context.Context, step, key string, call func() (answer, error)) (int, error) {
	value, err := c.text(ctx, step, key, call)
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(value)
	if err != nil {
		return 0, scanner.Errorf(scanner.BadOutput, "ZAP was asked to %s and answered %q, which is no number", step, value)
	}
	return n, nil
}

// list asks for a list and decodes it into to.
func (c *client) list(ctx context.Context, step, key string, to any, call func() (answer, error)) error {
	said, err := c.ask(ctx, step, scanner.ToolFailed, call)
	if err != nil {
		return err
	}
	return decode(step, key, said, to)
}

func decode(step, key string, said answer, to any) error {
	if _, ok := said[key].([]any); !ok {
		return scanner.Errorf(scanner.BadOutput, "ZAP was asked to %s and answered without the list %s", step, key)
	}
	again, err := json.Marshal(said[key])
	if err == nil {
		err = json.Unmarshal(again, to)
	}
	if err != nil {
		return scanner.Errorf(scanner.BadOutput, "ZAP was asked to %s: its list %s cannot be read: %w", step, key, err)
	}
	return nil
}

// every calls done until it reports true.
func (c *client) every(ctx context.Context, step string, done func() (bool, error)) error {
	tick := time.NewTicker(c.poll)
	defer tick.Stop()
	for {
		ended, err := done()
		if ended || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return scanner.Errorf(scanner.TimedOut, "ZAP was not done to %s: %w", step, context.Cause(ctx))
		case <-tick.C:
		}
	}
}

// ended waits for a scan whose status counts to 100.
func (c *client) ended(ctx context.Context, step string, status func() (answer, error)) error {
	const all = 100
	return c.every(ctx, step, func() (bool, error) {
		percent, err := c.number(ctx, step, "status", status)
		return percent == all, err
	})
}

// pages collects the pages of a list until one is not full. Each page names the
// base: without it ZAP returns the list of all sites.
func pages[T any](size int, page func(start, count string) ([]T, error)) ([]T, error) {
	var all []T
	for {
		next, err := page(strconv.Itoa(len(all)), strconv.Itoa(size))
		if err != nil {
			return nil, err
		}
		all = append(all, next...)
		if len(next) < size {
			return all, nil
		}
	}
}

// errNoStatus means that ZAP kept an answer without a status line.
var errNoStatus = errors.New("the header has no status")

// status reads the status from the header of an answer, and 0 if none came.
func status(header string) (int, error) {
	line, _, _ := strings.Cut(header, "\r\n")
	fields := strings.Fields(line)
	if len(fields) < len([]string{"HTTP/1.1", "200"}) {
		return 0, fmt.Errorf("%w: %q", errNoStatus, line)
	}
	return strconv.Atoi(fields[1])
}

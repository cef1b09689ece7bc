package steps_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/cucumber/godog"
	"github.com/google/go-cmp/cmp"

	"example.com/rates/internal/testkit"
)

func (w *world) registerHeaders(sc *godog.ScenarioContext) {
	sc.Step(`^the header "([^"]*)" is "(.*)"$`, w.theHeaderIs)
	sc.Step(`^the header "([^"]*)" is not "(.*)"$`, w.theHeaderIsNot)
	sc.Step(`^the header "([^"]*)" differs from the previous one$`, w.theHeaderDiffers)
	sc.Step(`^the headers are:$`, w.theHeadersAre)
	sc.Step(`^the headers are the same as before$`, w.theHeadersAreThoseBefore)
	sc.Step(`^there is no header "([^"]*)"$`, w.thereIsNoHeader)
	sc.Step(`^the answer has a request id$`, w.theAnswerHasARequestID)
}

// registerChanges registers the steps about entity tags.
func (w *world) registerChanges(sc *godog.ScenarioContext) {
	sc.Step(`^the ETag is the same$`, func() error { return w.compareTags(true) })
	sc.Step(`^the ETag differs$`, func() error { return w.compareTags(false) })
	sc.Step(`^the ETag soon changes$`, w.theETagSoonChanges)
	sc.Step(`^a client that has the old answer soon gets the new one$`, w.theOldAnswerIsSoonReplaced)
}

// theHeaderIs requires the header once, with this value.
func (w *world) theHeaderIs(name, want string) error {
	got, err := w.last()
	if err != nil {
		return err
	}
	if diff := cmp.Diff([]string{want}, got.header.Values(name)); diff != "" {
		return fmt.Errorf("the header %s differs (-want +got):\n%s", name, diff)
	}
	return nil
}

func (w *world) theHeaderIsNot(name, unwanted string) error {
	got, err := w.last()
	if err != nil {
		return err
	}
	if got.header.Get(name) == unwanted {
		return fmt.Errorf("the header %s is %q", name, unwanted)
	}
	return nil
}

func (w *world) theHeadersAre(want *godog.Table) error {
	var errs []error
	for _, row := range want.Rows[1:] {
		errs = append(errs, w.theHeaderIs(row.Cells[0].Value, row.Cells[1].Value))
	}
	return errors.Join(errs...)
}

func (w *world) thereIsNoHeader(name string) error {
	got, err := w.last()
	if err != nil {
		return err
	}
	if values := got.header.Values(name); len(values) > 0 {
		return fmt.Errorf("there is a header %s: %q", name, values)
	}
	return nil
}

func (w *world) theAnswerHasARequestID() error {
	got, err := w.last()
	if err != nil {
		return err
	}
	if id := got.header.Get("X-Request-Id"); !isRequestID(id) {
		return fmt.Errorf("the request id is %q", id)
	}
	return nil
}

// both returns the last two answers.
func (w *world) both() (before, last *answer, err error) {
	if w.before == nil {
		return nil, nil, errors.New("only one request was sent")
	}
	return w.before, w.answer, nil
}

func (w *world) theHeaderDiffers(name string) error {
	before, last, err := w.both()
	if err != nil {
		return err
	}
	if before.header.Get(name) == last.header.Get(name) {
		return fmt.Errorf("the header %s is %q both times", name, last.header.Get(name))
	}
	return nil
}

// theHeadersAreThoseBefore ignores headers that differ between all requests.
func (w *world) theHeadersAreThoseBefore() error {
	before, last, err := w.both()
	if err != nil {
		return err
	}
	if before.status != last.status {
		return fmt.Errorf("the status was %d and is %d", before.status, last.status)
	}
	if diff := cmp.Diff(withoutVarying(before), withoutVarying(last)); diff != "" {
		return fmt.Errorf("the headers differ (-before +now):\n%s", diff)
	}
	return nil
}

func withoutVarying(a *answer) http.Header {
	header := a.header.Clone()
	for _, name := range []string{"Date", "X-Request-Id"} {
		header.Del(name)
	}
	if a.status >= http.StatusBadRequest {
		// The document has the request's id, whose length may differ.
		header.Del("Content-Length")
	}
	return header
}

func (w *world) compareTags(same bool) error {
	before, last, err := w.both()
	if err != nil {
		return err
	}
	was, is := before.header.Get("Etag"), last.header.Get("Etag")
	if was == "" || is == "" || (was == is) != same {
		return fmt.Errorf("the ETag was %s and is %s", was, is)
	}
	return nil
}

// theETagSoonChanges keeps the old answer as the one before the last.
func (w *world) theETagSoonChanges(ctx context.Context) error {
	old, err := w.last(http.StatusOK)
	if err != nil {
		return err
	}
	return testkit.Retry(func() error {
		if err := w.ask(ctx, w.asked); err != nil {
			return err
		}
		w.before = old
		return w.compareTags(false)
	})
}

func (w *world) theOldAnswerIsSoonReplaced(ctx context.Context) error {
	old, changed, err := w.both()
	if err != nil {
		return err
	}
	req := w.asked
	req.header = http.Header{"If-None-Match": {old.header.Get("Etag")}}
	return testkit.Retry(func() error {
		if err := w.ask(ctx, req); err != nil {
			return err
		}
		if w.answer.status != http.StatusOK || string(w.answer.body) != string(changed.body) {
			return errors.New("the client does not get the new answer")
		}
		return nil
	})
}

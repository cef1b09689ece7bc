package steps_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v21"
	"github.com/google/go-cmp/cmp"
	"golang.org/x/net/html"

	"example.com/rates/internal/testkit"
)

func (w *world) registerAnswers(sc *godog.ScenarioContext) {
	sc.Step(`^the status is (\d+)$`, w.theStatusIs)
	sc.Step(`^the rates are:$`, w.theRatesAre)
	sc.Step(`^the same question soon gives:$`, w.theSameQuestionSoonGives)
	sc.Step(`^the rates hold (\d+) days?, from (\S+) down to (\S+)$`, w.theRatesHold)
	sc.Step(`^a day has a price if and only if it counts at least (\d+) prices$`, w.aDayHasAPriceFrom)
	sc.Step(`^the body is:$`, func(want *godog.DocString) error { return w.theBodyIs(want.Content + "\n") })
	sc.Step(`^the body is, each line ended by CR LF:$`, func(want *godog.DocString) error {
		return w.theBodyIs(strings.ReplaceAll(want.Content+"\n", "\n", "\r\n"))
	})
	sc.Step(`^the answer is a page that says "(.*)"$`, w.theAnswerIsAPageThatSays)
	sc.Step(`^the body is empty$`, func() error { return w.theBodyIs("") })
	sc.Step(`^the body is the same as before in at most half the bytes$`, w.theBodyIsTheSameInFewerBytes)
}

// last returns the last answer. If a status is given, the answer must have it.
func (w *world) last(status ...int) (*answer, error) {
	if w.answer == nil {
		return nil, errors.New("no question was asked yet")
	}
	for _, want := range status {
		if w.answer.status != want {
			return nil, fmt.Errorf("the status is %d, want %d", w.answer.status, want)
		}
	}
	return w.answer, nil
}

func (w *world) theStatusIs(want int) error {
	_, err := w.last(want)
	return err
}

func (w *world) theBodyIs(want string) error {
	got, err := w.last()
	if err != nil {
		return err
	}
	if diff := cmp.Diff(want, string(got.body)); diff != "" {
		return fmt.Errorf("the body differs (-want +got):\n%s", diff)
	}
	return nil
}

func (w *world) theAnswerIsAPageThatSays(want string) error {
	got, err := w.last()
	if err != nil {
		return err
	}
	if media := got.header.Get("Content-Type"); media != page {
		return fmt.Errorf("the answer is %q, want a page", media)
	}
	root, err := html.Parse(bytes.NewReader(got.body))
	if err != nil {
		return fmt.Errorf("read the page: %w", err)
	}
	var text []string
	for n := range root.Descendants() {
		if n.Type == html.TextNode {
			text = append(text, strings.Fields(n.Data)...)
		}
	}
	if all := strings.Join(text, " "); !strings.Contains(all, want) {
		return fmt.Errorf("the page says %s", all)
	}
	return nil
}

// rate is one element of an answer, each field as in the JSON text.
type rate struct {
	Day          string
	Count, Price json.RawMessage
}

func (a *answer) rates() ([]rate, error) {
	if a.status != http.StatusOK {
		return nil, fmt.Errorf("the status is %d, want 200", a.status)
	}
	var doc struct{ Rates []rate }
	if err := json.Unmarshal(a.body, &doc); err != nil {
		return nil, fmt.Errorf("read the rates: %w", err)
	}
	return doc.Rates, nil
}

// compareRates compares the columns of the table, digit for digit.
func compareRates(want *godog.Table, got *answer) error {
	list, err := got.rates()
	if err != nil {
		return err
	}
	wanted, found := []string{}, []string{}
	for _, row := range want.Rows[1:] {
		wanted = append(wanted, joined(row.Cells))
	}
	for _, r := range list {
		values := map[string]string{"day": r.Day, "count": string(r.Count), "price": string(r.Price)}
		cells := make([]string, len(want.Rows[0].Cells))
		for i, column := range want.Rows[0].Cells {
			value, ok := values[column.Value]
			if !ok {
				return fmt.Errorf("rates have no column %q", column.Value)
			}
			cells[i] = value
		}
		found = append(found, strings.Join(cells, " | "))
	}
	if diff := cmp.Diff(wanted, found); diff != "" {
		return fmt.Errorf("the rates differ, as %s (-want +got):\n%s", joined(want.Rows[0].Cells), diff)
	}
	return nil
}

func (w *world) theRatesAre(want *godog.Table) error {
	got, err := w.last(http.StatusOK)
	if err != nil {
		return err
	}
	return compareRates(want, got)
}

// theSameQuestionSoonGives repeats the question: a service with a cache needs some
// time to learn that the data have changed.
func (w *world) theSameQuestionSoonGives(ctx context.Context, want *godog.Table) error {
	return testkit.Retry(func() error {
		if err := w.ask(ctx, w.asked); err != nil {
			return err
		}
		return compareRates(want, w.answer)
	})
}

func (w *world) theRatesHold(days int, newest, oldest string) error {
	got, err := w.last(http.StatusOK)
	if err != nil {
		return err
	}
	list, err := got.rates()
	if err != nil {
		return err
	}
	if len(list) != days {
		return fmt.Errorf("there are %d days, want %d", len(list), days)
	}
	want, err := time.Parse(time.DateOnly, newest)
	if err != nil {
		return fmt.Errorf("read the newest day: %w", err)
	}
	for _, r := range list {
		if r.Day != want.Format(time.DateOnly) {
			return fmt.Errorf("found %[2]s where %[1]s was expected", want.Format(time.DateOnly), r.Day)
		}
		want = want.AddDate(0, 0, -1)
	}
	if last := list[len(list)-1].Day; last != oldest {
		return fmt.Errorf("the last day is %s, want %s", last, oldest)
	}
	return nil
}

func (w *world) aDayHasAPriceFrom(least int) error {
	got, err := w.last(http.StatusOK)
	if err != nil {
		return err
	}
	list, err := got.rates()
	if err != nil {
		return err
	}
	for _, r := range list {
		count := 0
		if string(r.Count) != "null" {
			if count, err = strconv.Atoi(string(r.Count)); err != nil || count < 1 {
				return fmt.Errorf("%s counts %s prices, want null or at least 1", r.Day, r.Count)
			}
		}
		if priced := string(r.Price) != "null"; priced != (count >= least) {
			return fmt.Errorf("%s counts %s prices and has the price %s", r.Day, r.Count, r.Price)
		}
	}
	return nil
}

func joined(cells []*messages.PickleTableCell) string {
	values := make([]string, len(cells))
	for i, cell := range cells {
		values[i] = cell.Value
	}
	return strings.Join(values, " | ")
}

func (w *world) theBodyIsTheSameInFewerBytes() error {
	before, last, err := w.both()
	if err != nil {
		return err
	}
	if diff := cmp.Diff(string(before.body), string(last.body)); diff != "" {
		return fmt.Errorf("the body differs (-before +now):\n%s", diff)
	}
	if last.sent > before.sent/2 {
		return fmt.Errorf("before, %d bytes were sent, now %d", before.sent, last.sent)
	}
	return nil
}

package steps_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/cucumber/godog"
)

// problemTypePrefix is the prefix of every problem type.
const problemTypePrefix = "urn:rates:problem:"

type problem struct {
	Type, Detail string
	Status       int
	Parameter    string
	Value        string
	Hints        []string
	RequestID    string `json:"request_id"`
}

func (w *world) registerProblems(sc *godog.ScenarioContext) {
	sc.Step(`^the problem is:$`, w.theProblemIs)
	sc.Step(`^its detail says "(.*)"$`, w.itsDetailSays)
	sc.Step(`^the problem's request id is that of the header$`, w.theProblemHasItsID)
}

func (w *world) problem() (problem, error) {
	got, err := w.last()
	if err != nil {
		return problem{}, err
	}
	if media := got.header.Get("Content-Type"); media != "application/problem+json" {
		return problem{}, fmt.Errorf("the answer is %q, want a problem document", media)
	}
	var p problem
	if err := json.Unmarshal(got.body, &p); err != nil {
		return problem{}, fmt.Errorf("read the problem: %w", err)
	}
	if p.Status != got.status {
		return problem{}, fmt.Errorf("the problem has the status %d, the answer %d", p.Status, got.status)
	}
	return p, nil
}

// theProblemIs compares the columns of the table; an empty cell means that the
// problem lacks the member.
func (w *world) theProblemIs(want *godog.Table) error {
	p, err := w.problem()
	if err != nil {
		return err
	}
	values := map[string]string{
		"status":    strconv.Itoa(p.Status),
		"type":      strings.TrimPrefix(p.Type, problemTypePrefix),
		"parameter": p.Parameter,
		"value":     p.Value,
		"hints":     strings.Join(p.Hints, ", "),
	}
	if len(want.Rows) != 2 {
		return errors.New("the table of a problem has one row below its header")
	}
	var errs []error
	for i, column := range want.Rows[0].Cells {
		got, known := values[column.Value]
		if wanted := want.Rows[1].Cells[i].Value; !known || got != wanted {
			errs = append(errs, fmt.Errorf("the %s of the problem is %q, want %q", column.Value, got, wanted))
		}
	}
	return errors.Join(errs...)
}

func (w *world) itsDetailSays(want string) error {
	p, err := w.problem()
	if err != nil {
		return err
	}
	if !strings.Contains(p.Detail, want) {
		return fmt.Errorf("the detail is %q, which lacks %q", p.Detail, want)
	}
	return nil
}

func (w *world) theProblemHasItsID() error {
	p, err := w.problem()
	if err != nil {
		return err
	}
	if id := w.answer.header.Get("X-Request-Id"); p.RequestID != id {
		return fmt.Errorf("the problem has the request id %q, the header %q", p.RequestID, id)
	}
	return nil
}

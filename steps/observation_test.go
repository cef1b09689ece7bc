package steps_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/cucumber/godog"
	messages "github.com/cucumber/messages/go/v21"
	"github.com/google/go-cmp/cmp"

	"example.com/rates/internal/testkit"
)

func (w *world) registerObservation(sc *godog.ScenarioContext) {
	sc.Step(`^GET "([^"]*)" soon answers (\d+)$`, w.getSoonAnswers)
	sc.Step(`^the metrics soon show:$`, w.theMetricsSoonShow)
	sc.Step(`^the log soon holds a line with:$`, w.theLogSoonHolds)
	sc.Step(`^the body is an OpenAPI document with the paths "([^"]*)"$`, w.theBodyIsOpenAPI)
}

func (w *world) getSoonAnswers(ctx context.Context, target string, status int) error {
	return testkit.Retry(func() error {
		if err := w.ask(ctx, request{method: http.MethodGet, target: target}); err != nil {
			return err
		}
		return w.theStatusIs(status)
	})
}

// theMetricsSoonShow compares the metrics of the admin address.
func (w *world) theMetricsSoonShow(ctx context.Context, want *godog.Table) error {
	if w.service == nil {
		return errors.New("the service is not running")
	}
	return testkit.Retry(func() error {
		got, err := w.exchange(ctx, w.service.admin, request{method: http.MethodGet, target: "/metrics"})
		if err != nil {
			return err
		}
		values := map[string]string{}
		for line := range strings.Lines(string(got.body)) {
			if at := strings.LastIndexByte(line, ' '); at > 0 && line[0] != '#' {
				values[line[:at]] = strings.TrimSpace(line[at:])
			}
		}
		var errs []error
		for _, row := range want.Rows[1:] {
			metric, value := row.Cells[0].Value, row.Cells[1].Value
			if values[metric] != value {
				errs = append(errs, fmt.Errorf("%s is %q, want %s", metric, values[metric], value))
			}
		}
		return errors.Join(errs...)
	})
}

// theLogSoonHolds requires one line with all the values.
func (w *world) theLogSoonHolds(want *godog.Table) error {
	if w.service == nil {
		return errors.New("the service is not running")
	}
	return testkit.Retry(func() error {
		lines := bufio.NewScanner(strings.NewReader(w.service.proc.stderr.String()))
		for lines.Scan() {
			decoder := json.NewDecoder(strings.NewReader(lines.Text()))
			decoder.UseNumber()
			var entry map[string]any
			if decoder.Decode(&entry) != nil {
				continue
			}
			if !slices.ContainsFunc(want.Rows[1:], func(row *messages.PickleTableRow) bool {
				return fmt.Sprint(entry[row.Cells[0].Value]) != row.Cells[1].Value
			}) {
				return nil
			}
		}
		return errors.New("no line of the log has all the values")
	})
}

func (w *world) theBodyIsOpenAPI(ctx context.Context, paths string) error {
	got, err := w.last(http.StatusOK)
	if err != nil {
		return err
	}
	doc, err := readOpenAPI(ctx, got.body)
	if err != nil {
		return err
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.") {
		return fmt.Errorf("it is OpenAPI %s, want 3", doc.OpenAPI)
	}
	found := doc.Paths.Keys()
	slices.Sort(found)
	if diff := cmp.Diff(strings.Split(paths, ", "), found); diff != "" {
		return fmt.Errorf("the paths differ (-want +got):\n%s", diff)
	}
	return nil
}

package steps_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/cucumber/godog"
	"github.com/google/go-cmp/cmp"
)

// place is a port or region of a list, each value as in a table; null is "null".
type place map[string]string

func (w *world) registerLists(sc *godog.ScenarioContext) {
	sc.Step(`^the list "(ports|regions)" is:$`, w.theListIs)
	sc.Step(`^the list "(ports|regions)" is empty$`, func(name string) error { return w.theListIs(name, nil) })
	sc.Step(`^the list "(ports|regions)" is not empty and sorted by "(\w+)"$`, w.theListIsSorted)
	sc.Step(`^each "(\w+)" of the (ports|regions) is the "slug" of one of the regions(, or null)?$`, w.eachIsARegion)
	sc.Step(`^I ask for the rates between the first region of the list and itself, (\S+) to (\S+)$`, w.askWithinFirstRegion)
}

// list decodes the list in the last answer.
func (w *world) list(name string) ([]place, error) {
	got, err := w.last(http.StatusOK)
	if err != nil {
		return nil, err
	}
	var doc map[string][]map[string]*string
	if err := json.Unmarshal(got.body, &doc); err != nil {
		return nil, fmt.Errorf("read the list: %w", err)
	}
	elements, ok := doc[name]
	if !ok || elements == nil {
		return nil, fmt.Errorf("the answer has no list %q", name)
	}
	places := []place{}
	for _, element := range elements {
		values := place{}
		for key, value := range element {
			values[key] = "null"
			if value != nil {
				values[key] = *value
			}
		}
		places = append(places, values)
	}
	return places, nil
}

// theListIs compares a list with a table. Without a table the list must be empty.
func (w *world) theListIs(name string, want *godog.Table) error {
	got, err := w.list(name)
	if err != nil {
		return err
	}
	wanted := []place{}
	if want != nil {
		for _, row := range want.Rows[1:] {
			values := place{}
			for i, cell := range row.Cells {
				values[want.Rows[0].Cells[i].Value] = cell.Value
			}
			wanted = append(wanted, values)
		}
	}
	if diff := cmp.Diff(wanted, got); diff != "" {
		return fmt.Errorf("the list differs (-want +got):\n%s", diff)
	}
	return nil
}

// theListIsSorted also keeps the list for later steps.
func (w *world) theListIsSorted(name, key string) error {
	got, err := w.list(name)
	if err != nil {
		return err
	}
	if len(got) == 0 {
		return errors.New("the list is empty")
	}
	if !slices.IsSortedFunc(got, func(a, b place) int { return strings.Compare(a[key], b[key]) }) {
		return fmt.Errorf("the list is not sorted by %s: %v", key, got)
	}
	w.lists[name] = got
	return nil
}

func (w *world) eachIsARegion(key, name, orNull string) error {
	for _, p := range w.lists[name] {
		if p[key] == "null" && orNull != "" {
			continue
		}
		if !slices.ContainsFunc(w.lists["regions"], func(region place) bool { return region["slug"] == p[key] }) {
			return fmt.Errorf("%v is in no region of the list", p)
		}
	}
	return nil
}

func (w *world) askWithinFirstRegion(ctx context.Context, first, last string) error {
	regions, err := w.list("regions")
	if err != nil {
		return err
	}
	if len(regions) == 0 {
		return errors.New("the list is empty")
	}
	slug := regions[0]["slug"]
	return w.ask(ctx, rates(nil, "date_from="+first, "date_to="+last, "orig_code="+slug, "dest_code="+slug))
}

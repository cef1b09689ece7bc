package steps_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/chromedp"
	"github.com/cucumber/godog"

	"example.com/rates/internal/testkit"
)

// registerLook registers what a person, or a program that reads to one, finds on a
// page. A page may still be changing, so each of them has time to become true.
func (w *world) registerLook(sc *godog.ScenarioContext) {
	sc.Step(`^the address is "([^"]*)"$`, w.theAddressIs)
	sc.Step(`^the list offers "([^"]*)"(?: and "([^"]*)")?$`, w.theListOffers)
	sc.Step(`^the heading is "([^"]*)"$`, func(want string) error { return w.finds("heading", want, equal) })
	sc.Step(`^"([^"]*)" is filled in with "([^"]*)"$`, func(label, want string) error { return w.finds("value", want, equal, label, 0) })
	sc.Step(`^the page says "([^"]*)"$`, func(want string) error { return w.finds("text", want, strings.Contains) })
	sc.Step(`^the table says "([^"]*)"$`, func(want string) error { return w.finds("table", want, strings.Contains) })
	sc.Step(`^the reading says "([^"]*)"$`, func(want string) error { return w.finds("reading", want, strings.Contains) })
	sc.Step(`^beside "([^"]*)" it says "([^"]*)"$`, func(label, want string) error { return w.finds("besides", want, strings.Contains, label) })
	sc.Step(`^the chart has (\d+) lines?, and says "([^"]*)"$`, w.theChartHas)
	sc.Step(`^the line of "([A-D])" has (\d+) gaps?$`, w.theLineHasGaps)
	sc.Step(`^no two lines look the same without their colour$`, w.noTwoLinesLookTheSame)
	sc.Step(`^the table has (\d+) days$`, w.theTableHas)
	sc.Step(`^"([^"]*)" is not to be seen$`, w.isNotToBeSeen)
	sc.Step(`^the page is dark$`, w.thePageIsDark)
	sc.Step(`^what has the focus can be seen$`, w.theFocusCanBeSeen)
	sc.Step(`^every text has enough contrast$`, func() error { return w.findsNone("faint", "without enough contrast") })
	sc.Step(`^nothing is wider than the screen$`, func() error { return w.findsNone("wide", "too wide") })
	sc.Step(`^no two labels of the chart overlap$`, func() error { return w.findsNone("collisions", "overlapping or cut off") })
	sc.Step(`^everything that can be used has a name$`, w.everythingHasAName)
}

func equal(got, want string) bool { return got == want }

// finds waits until a function of browser.js returns what is wanted.
func (w *world) finds(function, want string, ok func(got, want string) bool, args ...any) error {
	return testkit.Retry(func() error {
		got, err := ask[string](w.tab, function, args...)
		if err == nil && !ok(got, want) {
			err = fmt.Errorf("the %s is %q, want %q", function, got, want)
		}
		return err
	})
}

// findsNone returns an error with the elements that a function of browser.js finds.
func (w *world) findsNone(function, what string) error {
	found, err := ask[[]string](w.tab, function)
	if err == nil && len(found) > 0 {
		err = fmt.Errorf("%s:\n%s", what, strings.Join(found, "\n"))
	}
	return err
}

// drawn is what can be seen of a chart.
type drawn struct {
	Role, Name, Says string
	Lines            int
	Dashes           []string
	Gaps             []int
	Problem          string
}

func (w *world) theChart() (drawn, error) {
	chart, err := ask[drawn](w.tab, "chart")
	if err == nil && chart.Problem != "" {
		err = errors.New(chart.Problem)
	}
	return chart, err
}

func (w *world) theChartHas(lines int, says string) error {
	return testkit.Retry(func() error {
		chart, err := w.theChart()
		switch {
		case err != nil:
			return err
		case chart.Role != "img" || chart.Name == "":
			return fmt.Errorf("the chart has the role %q and the name %q", chart.Role, chart.Name)
		case chart.Lines != lines || !strings.Contains(chart.Says, says):
			return fmt.Errorf("the chart has %d lines and says %q", chart.Lines, chart.Says)
		}
		return nil
	})
}

func (w *world) theLineHasGaps(letter string, want int) error {
	chart, err := w.theChart()
	if err != nil {
		return err
	}
	if lane := strings.Index("ABCD", letter); lane >= len(chart.Gaps) || chart.Gaps[lane] != want {
		return fmt.Errorf("the lines have %v gaps", chart.Gaps)
	}
	return nil
}

func (w *world) noTwoLinesLookTheSame() error {
	chart, err := w.theChart()
	if err != nil {
		return err
	}
	if kinds := slices.Compact(slices.Sorted(slices.Values(chart.Dashes))); len(kinds) != len(chart.Dashes) {
		return fmt.Errorf("the lines are dashed %q", chart.Dashes)
	}
	return nil
}

func (w *world) theTableHas(want int) error {
	got, err := ask[int](w.tab, "rows")
	if err == nil && got != want {
		err = fmt.Errorf("the table has %d days, want %d", got, want)
	}
	return err
}

func (w *world) isNotToBeSeen(text string) error {
	at, err := ask[spot](w.tab, "place", "*", text)
	if err == nil && at.Problem == "" {
		err = fmt.Errorf("%q can be seen", text)
	}
	return err
}

func (w *world) thePageIsDark() error {
	const darkest = 60
	got, err := ask[int](w.tab, "paper")
	if err == nil && got > darkest {
		err = fmt.Errorf("the page is as light as %d of 255", got)
	}
	return err
}

func (w *world) theFocusCanBeSeen() error {
	at, err := ask[focused](w.tab, "focused")
	if err == nil && at.Problem != "" {
		err = fmt.Errorf("%q has the focus, but %s", at.Name, at.Problem)
	}
	return err
}

// everythingHasAName asks the browser for the names that it gives to assistive
// technology.
func (w *world) everythingHasAName() error {
	roles := []string{"textbox", "combobox", "button", "link", "checkbox", "radio", "Date", "image", "table", "region"}
	tree, err := chromedp.Call(w.tab.ctx, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	if err != nil {
		return err
	}
	named := 0
	for _, node := range tree.Nodes {
		if node.Ignored || node.Role == nil || !slices.Contains(roles, text(node.Role)) {
			continue
		}
		if node.Name == nil || strings.TrimSpace(text(node.Name)) == "" {
			return fmt.Errorf("a %s has no name", text(node.Role))
		}
		named++
	}
	if named == 0 {
		return errors.New("the page has nothing that can be used")
	}
	return nil
}

// text returns a value as text.
func text(v *accessibility.Value) string { return strings.Trim(string(v.Value), `"`) }

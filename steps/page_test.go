package steps_test

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/cucumber/godog"
	"github.com/jackc/pgx/v5"

	"example.com/rates/internal/testkit"
)

// The size of a screen that is not said to be another.
const desktopWidth, screenHeight = 1200, 900

func (w *world) registerPage(sc *godog.ScenarioContext) {
	var title string
	sc.Before(func(ctx context.Context, scenario *godog.Scenario) (context.Context, error) {
		title = scenario.Name
		return ctx, nil
	})
	sc.Step(`^prices of these lanes, a number each day, around a price:$`, w.pricesOfLanes)
	sc.Step(`^a browser$`, func() error { return w.openTab(title, desktopWidth) })
	sc.Step(`^a browser (\d+) pixels wide$`, func(width int64) error { return w.openTab(title, width) })
	sc.Step(`^a browser in dark colours$`, func() error {
		return w.openTab(title, desktopWidth, prefersDark)
	})
	sc.Step(`^a browser without script$`, func() error {
		return w.openTab(title, desktopWidth, withoutScript)
	})
	sc.Step(`^I open "(/[^"]*)"$`, w.visit)
	sc.Step(`^I open "([^/"][^"]*)"$`, func(text string) error { return w.click("summary", text) })
	sc.Step(`^I press "([^"]*)"$`, func(text string) error { return w.click("button", text) })
	sc.Step(`^I choose the hint "([^"]*)"$`, func(text string) error { return w.click(".hints a", text) })
	sc.Step(`^I type "([^"]*)" into "([^"]*)"$`, func(text, label string) error { return w.typeInto(text, label, 0) })
	sc.Step(`^I type "([^"]*)" into the second "([^"]*)"$`, func(text, label string) error { return w.typeInto(text, label, 1) })
	sc.Step(`^I set "([^"]*)" to "([^"]*)"$`, w.set)
	sc.Step(`^I choose "([^"]*)" from the list$`, w.chooseFromList)
	sc.Step(`^I go to (?:"([^"]*)"|(the chart)) with the Tab key$`, w.tabTo)
	sc.Step(`^I type "([^"]*)"$`, w.insert)
	sc.Step(`^I press the keys? ([A-Za-z, ]+)$`, w.pressKeys)
	sc.Step(`^I look at it as it is printed$`, func() error {
		return media(w.tab.ctx, emulation.SetEmulatedMediaParams{Media: "print"})
	})
}

// pricesOfLanes adds prices that go up and down by a twentieth.
func (w *world) pricesOfLanes(ctx context.Context, lanes *godog.Table) error {
	conn, err := w.connection(ctx)
	if err != nil {
		return err
	}
	_, rows := split(lanes)
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, row := range rows {
			_, err := tx.Exec(ctx, `INSERT INTO prices (orig_code, dest_code, day, price)
				SELECT $1, $2, day, $6::text::int * (1 + 0.05 * sin(extract(epoch FROM day) / 86400 / 4) + 0.01 * n)
				FROM generate_series($3::text::date, $4::text::date, '1 day') AS day, generate_series(1, $5::text::int) AS n`, row...)
			if err != nil {
				return fmt.Errorf("add the prices %v: %w", row, err)
			}
		}
		return nil
	})
}

// drive does something in the browser.
func (w *world) drive(action chromedp.Action[chromedp.Void]) error {
	return chromedp.Do(w.tab.ctx, action)
}

func (w *world) visit(ctx context.Context, address string) error {
	base, err := w.running(ctx)
	if err != nil {
		return err
	}
	return w.drive(chromedp.Navigate(base + address))
}

// spot is where to click, or why there is no such place.
type spot struct {
	X, Y    float64
	Problem string
}

// click clicks the middle of an element with the text, once it is there.
func (w *world) click(selector, text string) error { return w.clickOn("place", selector, text) }

func (w *world) chooseFromList(text string) error { return w.clickOn("option", text) }

func (w *world) clickOn(function string, args ...any) error {
	var at spot
	err := testkit.Retry(func() (err error) {
		if at, err = ask[spot](w.tab, function, args...); err == nil && at.Problem != "" {
			err = errors.New(at.Problem)
		}
		return err
	})
	if err != nil {
		return err
	}
	return w.drive(chromedp.MouseClickXY(at.X, at.Y))
}

func (w *world) typeInto(text, label string, n int) error {
	found, err := ask[bool](w.tab, "focus", label, n)
	if err != nil {
		return err
	}
	if !found {
		return fmt.Errorf("there is no field %q", label)
	}
	return w.insert(text)
}

// insert types where the focus is.
func (w *world) insert(text string) error {
	_, err := chromedp.Call(w.tab.ctx, input.InsertText, input.InsertTextParams{Text: text})
	return err
}

// set fills in a day, which a person would choose from a calendar.
func (w *world) set(label, value string) error {
	found, err := ask[bool](w.tab, "set", label, value)
	if err == nil && !found {
		err = fmt.Errorf("there is no field %q", label)
	}
	return err
}

// focused is what has the focus, and why that cannot be seen, if so.
type focused struct{ Name, Problem string }

func (w *world) tabTo(name, chart string) error {
	name += chart
	const most = 60
	var seen []string
	for range most {
		if err := w.press("Tab"); err != nil {
			return err
		}
		at, err := ask[focused](w.tab, "focused")
		if err != nil {
			return err
		}
		if at.Problem != "" {
			return fmt.Errorf("%q has the focus, but %s", at.Name, at.Problem)
		}
		if at.Name == name {
			return nil
		}
		seen = append(seen, at.Name)
	}
	return fmt.Errorf("the Tab key led to %q", seen)
}

func (w *world) pressKeys(names string) error {
	for name := range strings.SplitSeq(names, ", ") {
		if err := w.press(name); err != nil {
			return err
		}
	}
	return nil
}

// press presses a key as a keyboard does: text that it types comes with the event
// of the key, so that a page can prevent both. chromedp.KeyEvent sends the text
// in an event of its own.
func (w *world) press(name string) error {
	for _, key := range kb.Keys {
		if key.Key != name {
			continue
		}
		event := input.DispatchKeyEventParams{
			Type: input.DispatchKeyEventTypeKeyDown, Key: key.Key, Code: key.Code, Text: key.Text,
			WindowsVirtualKeyCode: key.Windows, NativeVirtualKeyCode: key.Native,
		}
		if _, err := chromedp.Call(w.tab.ctx, input.DispatchKeyEvent, event); err != nil {
			return err
		}
		event.Type, event.Text = input.DispatchKeyEventTypeKeyUp, ""
		_, err := chromedp.Call(w.tab.ctx, input.DispatchKeyEvent, event)
		return err
	}
	return fmt.Errorf("there is no key %q", name)
}

// theAddressIs compares path and query, whatever the order of the parameters is.
func (w *world) theAddressIs(want string) error {
	wanted, err := url.Parse(want)
	if err != nil {
		return fmt.Errorf("read the wanted address: %w", err)
	}
	return testkit.Retry(func() error {
		location, err := chromedp.Run(w.tab.ctx, chromedp.Location())
		if err != nil {
			return err
		}
		got, err := url.Parse(location)
		if err != nil {
			return fmt.Errorf("read the address: %w", err)
		}
		if got.Path != wanted.Path || got.Query().Encode() != wanted.Query().Encode() {
			return fmt.Errorf("the address is %s, want %s", got.RequestURI(), want)
		}
		return nil
	})
}

// theListOffers requires these suggestions and no others.
func (w *world) theListOffers(one, other string) error {
	want := []string{one}
	if other != "" {
		want = append(want, other)
	}
	slices.Sort(want)
	return testkit.Retry(func() error {
		got, err := ask[[]string](w.tab, "options")
		slices.Sort(got)
		if err == nil && !slices.Equal(got, want) {
			err = fmt.Errorf("the list offers %q, want %q", got, want)
		}
		return err
	})
}

package steps_test

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/cucumber/godog"
)

// registerMarkup registers what can be said of a page or chart without a browser.
func (w *world) registerMarkup(sc *godog.ScenarioContext) {
	sc.Step(`^the page has the fields "([^"]*)"$`, w.thePageHasFields)
	sc.Step(`^the page has the field "([^"]*)" with "([^"]*)"$`, w.thePageHasField)
	sc.Step(`^the page has a chart of "([^"]*)"$`, w.thePageHasAChart)
	sc.Step(`^the page loads nothing from another site$`, w.thePageLoadsNothingElse)
}

var (
	inputTag  = regexp.MustCompile(`<input [^>]*>`)
	attribute = regexp.MustCompile(`([a-z-]+)="([^"]*)"`)
	chartTag  = regexp.MustCompile(`<svg [^>]*role="img"[^>]*>\s*<title [^>]*>([^<]*)</title>`)
	loaded    = regexp.MustCompile(`(?i)(?:\ssrc|<link [^>]*href|xlink:href|@import|url\()\s*[=(]?\s*["']?([^"'\s>]*)`)
)

// fields returns the values of the fields of the page, by their names.
func (w *world) fields() (map[string]string, error) {
	page, err := w.last()
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, tag := range inputTag.FindAllString(string(page.body), -1) {
		attributes := map[string]string{}
		for _, pair := range attribute.FindAllStringSubmatch(tag, -1) {
			attributes[pair[1]] = pair[2]
		}
		if _, again := found[attributes["name"]]; !again {
			found[attributes["name"]] = attributes["value"]
		}
	}
	return found, nil
}

func (w *world) thePageHasFields(names string) error {
	found, err := w.fields()
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(names, ", ") {
		if _, ok := found[name]; !ok {
			return fmt.Errorf("the page has only the fields %q", found)
		}
	}
	return nil
}

func (w *world) thePageHasField(name, want string) error {
	found, err := w.fields()
	if err != nil {
		return err
	}
	if got, ok := found[name]; !ok || got != want {
		return fmt.Errorf("the page has the fields %q", found)
	}
	return nil
}

func (w *world) thePageHasAChart(want string) error {
	page, err := w.last()
	if err != nil {
		return err
	}
	found := chartTag.FindSubmatch(page.body)
	if found == nil {
		return errors.New("there is no chart with a title")
	}
	if !strings.Contains(string(found[1]), want) {
		return fmt.Errorf("the title of the chart is %q", found[1])
	}
	return nil
}

func (w *world) thePageLoadsNothingElse() error {
	page, err := w.last()
	if err != nil {
		return err
	}
	for _, found := range loaded.FindAllSubmatch(page.body, -1) {
		if address := string(found[1]); !strings.HasPrefix(address, "/") || strings.HasPrefix(address, "//") {
			return fmt.Errorf("the page loads %q", address)
		}
	}
	return nil
}

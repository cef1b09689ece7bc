package steps_test

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"example.com/rates/internal/testkit"
)

// browserTag marks the scenarios that need a browser.
const browserTag = "@browser"

// requireBrowser names the environment variable that, set to 1, makes the absence of
// a browser a failure. Otherwise scenarios that need one are left out.
const requireBrowser = "REQUIRE_BROWSER"

// screenshotDir is where each scenario with a browser leaves a picture of its end.
// The path is relative to the repository.
const screenshotDir = "reports/page"

// withBrowser returns a function that starts the browser that scenarios share, or an
// error if there is none.
func withBrowser(t *testing.T) (func() (context.Context, error), error) {
	t.Helper()
	path, ok := findBrowser()
	if !ok {
		return nil, errNoBrowser
	}
	// Pictures of scenarios that are gone would mislead.
	if err := errors.Join(os.RemoveAll(screenshotDir), os.MkdirAll(screenshotDir, 0o755)); err != nil {
		t.Fatalf("make the folder of the screenshots: %v", err)
	}
	return startBrowser(t, path), nil
}

var errNoBrowser = errors.New("neither Chrome nor Chromium is installed")

// findBrowser returns the path of a browser that chromedp can drive.
func findBrowser() (string, bool) {
	for _, name := range []string{"google-chrome", "google-chrome-stable", "chromium", "chromium-browser"} {
		if path, err := exec.LookPath(name); err == nil {
			return path, true
		}
	}
	return "", false
}

// startBrowser returns a function whose first call starts the browser.
func startBrowser(t *testing.T, path string) func() (context.Context, error) {
	t.Helper()
	profile := t.TempDir()
	return sync.OnceValues(func() (context.Context, error) {
		options := append(chromedp.DefaultExecAllocatorOptions[:],
			chromedp.ExecPath(path), chromedp.UserDataDir(profile), chromedp.DisableGPU,
			chromedp.Flag("disable-component-update", true), chromedp.Flag("hide-scrollbars", true),
		)
		if os.Geteuid() == 0 {
			options = append(options, chromedp.NoSandbox) // Chromium refuses to run as root with one
		}
		allocator, release := chromedp.NewExecAllocator(context.Background(), options...)
		browser, _ := chromedp.NewContext(allocator)
		t.Cleanup(func() {
			defer release()
			if err := chromedp.Cancel(browser); err != nil {
				t.Errorf("close the browser: %v", err)
			}
		})
		return browser, chromedp.Do(browser)
	})
}

// tab is a page of the browser with cookies, settings and a size of its own.
type tab struct {
	ctx   context.Context
	title string // of the scenario

	mu       sync.Mutex
	foreign  []string // addresses of other servers that the page asked for
	violated []string // what the page's policy forbade, and errors of its script
}

// open opens a tab, which is closed when the scenario ends.
func (w *world) openTab(title string, width int64, setUp ...func(context.Context) error) error {
	browser, err := w.browser()
	if err != nil {
		return fmt.Errorf("start the browser: %w", err)
	}
	ctx, closeTab := chromedp.NewContext(browser, chromedp.WithNewBrowserContext())
	w.tab = &tab{title: title}
	if err := chromedp.Listen(ctx, w.tab.hear); err != nil {
		closeTab()
		return fmt.Errorf("open a page of the browser: %w", err)
	}
	var cancel context.CancelFunc
	w.tab.ctx, cancel = context.WithTimeout(ctx, 2*testkit.Patience) // what a step waits for ends before
	w.atEnd(func(context.Context) error {
		defer closeTab()
		defer cancel()
		return errors.Join(w.tab.photograph(), w.tab.complaints())
	})
	for _, set := range append(setUp, w.tab.watch) {
		if err := set(w.tab.ctx); err != nil {
			return fmt.Errorf("set up the browser: %w", err)
		}
	}
	return chromedp.Do(w.tab.ctx, chromedp.EmulateViewport(width, screenHeight))
}

// watch makes the browser report what hear keeps.
func (*tab) watch(ctx context.Context) error {
	_, err1 := chromedp.Call(ctx, log.Enable, cdp.Empty{})
	_, err2 := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	_, err3 := chromedp.Call(ctx, runtime.Enable, cdp.Empty{})
	return errors.Join(err1, err2, err3)
}

// prefersDark makes the browser say that the person prefers dark colours.
func prefersDark(ctx context.Context) error {
	return media(ctx, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: "dark"}},
	})
}

func media(ctx context.Context, as emulation.SetEmulatedMediaParams) error {
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, as)
	return err
}

func withoutScript(ctx context.Context) error {
	_, err := chromedp.Call(ctx, emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: true})
	return err
}

// hear keeps what the browser reports about the page.
func (p *tab) hear(event any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch event := event.(type) {
	case *network.EventRequestWillBeSent:
		if !regexp.MustCompile(`^(http://127\.0\.0\.1:|data:|about:)`).MatchString(event.Request.URL) {
			p.foreign = append(p.foreign, event.Request.URL)
		}
	case *log.EventEntryAdded:
		// A problem page has the status of the problem, which is logged too.
		if event.Entry.Level == log.EntryLevelError && event.Entry.Source != log.EntrySourceNetwork {
			p.violated = append(p.violated, event.Entry.Text)
		}
	case *runtime.EventExceptionThrown:
		p.violated = append(p.violated, event.ExceptionDetails.Text)
	}
}

// complaints returns what a page must never do.
func (p *tab) complaints() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for _, url := range p.foreign {
		errs = append(errs, fmt.Errorf("the page asked another server for %s", url))
	}
	for _, text := range p.violated {
		errs = append(errs, fmt.Errorf("the browser reports: %s", text))
	}
	return errors.Join(errs...)
}

// photograph writes a picture of the whole page.
func (p *tab) photograph() error {
	const lossless = 100
	picture, err := chromedp.Run(p.ctx, chromedp.FullScreenshot(lossless))
	if err != nil {
		return fmt.Errorf("take a screenshot: %w", err)
	}
	name := strings.Trim(regexp.MustCompile(`[^a-z0-9]+`).ReplaceAllString(strings.ToLower(p.title), "-"), "-")
	if err := os.WriteFile(filepath.Join(screenshotDir, name+".png"), picture, 0o644); err != nil {
		return fmt.Errorf("keep the screenshot: %w", err)
	}
	return nil
}

//go:embed browser.js
var browserScript string

// ask calls a function of browser.js and decodes its result.
func ask[T any](p *tab, function string, args ...any) (T, error) {
	list, err := json.Marshal(append([]any{}, args...))
	if err != nil {
		return *new(T), fmt.Errorf("pass %v to %s: %w", args, function, err)
	}
	expression := strings.TrimSpace(browserScript) + "." + function + "(..." + string(list) + ")"
	result, err := chromedp.Run(p.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		return result, fmt.Errorf("%s%s: %w", function, list, err)
	}
	return result, nil
}

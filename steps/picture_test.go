package steps_test

import (
	"context"
	"flag"
	"os"
	"testing"

	"github.com/chromedp/chromedp"

	"example.com/rates/db/dbtest"
)

// pictureFile is where to write the picture of the page in the README, below the
// repository.
var pictureFile = flag.String("picture", "", "write a picture of the page to this `file` instead of testing it")

// TestPicture draws the picture of the page in the README.
func TestPicture(t *testing.T) {
	if *pictureFile == "" {
		t.Skip("SKIP: a picture is drawn only with -picture")
	}
	t.Chdir("..")
	s := &suite{databases: newDatabases(dbtest.Need(t)), program: build(t)}
	t.Cleanup(func() {
		if err := s.databases.close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	address, err := s.seededInstance(t)()
	if err != nil {
		t.Fatal(err)
	}
	path, ok := findBrowser()
	if !ok {
		t.Fatal(errNoBrowser)
	}
	browser, err := startBrowser(t, path)()
	if err != nil {
		t.Fatal(err)
	}
	question := "/rates?date_from=2020-12-15&date_to=2021-02-15&orig_code=CNQIN&dest_code=PLGDN"
	const width, height = 1200, 1000
	if err := chromedp.Do(browser, chromedp.EmulateViewport(width, height), chromedp.Navigate(address+question)); err != nil {
		t.Fatal(err)
	}
	picture, err := chromedp.Run(browser, chromedp.CaptureScreenshot())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(*pictureFile, picture, 0o644); err != nil {
		t.Fatal(err)
	}
}

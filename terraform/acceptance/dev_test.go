//go:build azure

package acceptance

import (
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	httphelper "github.com/gruntwork-io/terratest/modules/http-helper"
	"github.com/gruntwork-io/terratest/modules/shell"
	"github.com/gruntwork-io/terratest/modules/terraform"
)

func TestDevWorksAndPlansNoChanges(t *testing.T) {
	var left time.Duration
	if end, ok := t.Deadline(); ok {
		left = time.Until(end)
	}
	s, err := read(os.Getenv, signedIn, left)
	if err != nil {
		t.Fatal(err)
	}
	dev := newEnvironment(t, s)
	if n := dev.resources(); n > 0 {
		t.Fatalf("dev exists already, with %d resources in its state, and this test would remove it: destroy it yourself if it is not in use, as docs/deploy.md says", n)
	}
	t.Cleanup(dev.remove)

	// The order of docs/deploy.md: the empty registry, the images, the logins,
	// the tables and the data, the service.
	dev.apply(versions{})
	dev.importImage(dev.output("postgres_image"), "postgres")
	dev.importImage(s.image, "rates")
	dev.apply(versions{Migrations: s.digest()})
	jobs := terraform.OutputMap(t, dev.options, "jobs")
	dev.runJob(jobs["principals"])
	dev.runJob(jobs["migrate"])
	dev.runJob(jobs["seed"])
	dev.runJob(jobs["seed"]) // changes nothing
	dev.apply(versions{Migrations: s.digest(), Service: s.digest()})

	url := dev.output("url")
	httphelper.HttpGetWithRetryWithCustomValidation(t, url+"/readyz", nil, 60, 10*time.Second,
		func(status int, _ string) bool { return status == http.StatusOK })
	// The question of the README.
	httphelper.HttpGetWithCustomValidation(t, url+"/rates?date_from=2021-01-31&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL", nil,
		func(status int, body string) bool {
			return status == http.StatusOK && strings.Contains(body, `{"count":3,"day":"2021-01-31","price":1154.3333333333333}`)
		})
	shell.RunCommand(t, shell.Command{
		Command:    "go",
		Args:       []string{"test", "./steps", "-count=1", "-v"},
		WorkingDir: "../..",
		Env:        map[string]string{"BASE_URL": url},
	})

	if code := terraform.PlanExitCode(t, dev.options); code != terraform.DefaultSuccessExitCode {
		t.Errorf("a second plan ended with %d, want 0; its changes are above", code)
	}
}

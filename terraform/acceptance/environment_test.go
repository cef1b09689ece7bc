//go:build azure

package acceptance

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/gruntwork-io/terratest/modules/files"
	"github.com/gruntwork-io/terratest/modules/retry"
	"github.com/gruntwork-io/terratest/modules/shell"
	"github.com/gruntwork-io/terratest/modules/terraform"
)

// Transient errors of Azure, and why to retry.
var passing = map[string]string{
	"AnotherOperationInProgress": "Azure is still changing what this depends on",
	"InUseSubnetCannotBeDeleted": "Azure is still removing what was in the subnet",
	"InUseNetworkSecurityGroup":  "Azure is still removing what was in the subnet",
	"PrincipalNotFound":          "a new identity has not propagated in Entra",
	"ServerIsBusy":               "the database is still changing its settings",
	"TooManyRequests":            "Azure limits the rate of requests",
	"UNAUTHORIZED":               "a new role has not reached the registry",
}

// signedIn requests a token, because an expired sign-in is still listed.
func signedIn(subscription string) error {
	out, err := exec.Command("az", "account", "get-access-token", "--subscription", subscription, "--query", "expiresOn", "--output", "tsv").CombinedOutput()
	if err != nil {
		return fmt.Errorf("az account get-access-token: %w %s", err, strings.TrimSpace(string(out)))
	}
	return nil
}

// environment is dev, in exclusive use by a test.
type environment struct {
	t        *testing.T
	settings settings
	options  *terraform.Options
	chosen   string // file of variables that the test changes
}

// versions are the digests to run in dev, "" for none.
type versions struct{ Migrations, Service string }

func newEnvironment(t *testing.T, s settings) *environment {
	t.Helper()
	scratch := t.TempDir()
	// A copy, so that the folder keeps its own backend. It leaves out files of
	// variables.
	folder, err := files.CopyTerraformFolderToDest("../app", scratch, "dev")
	if err != nil {
		t.Fatal(err)
	}
	dev, err := filepath.Abs("../app/environments/dev.tfvars")
	if err != nil {
		t.Fatal(err)
	}
	e := &environment{t: t, settings: s, chosen: filepath.Join(scratch, "chosen.tfvars.json")}
	e.options = &terraform.Options{
		TerraformBinary:          terraform.TerraformDefaultPath,
		TerraformDir:             folder,
		BackendConfig:            map[string]any{s.backend: nil},
		VarFiles:                 []string{dev, s.variables, e.chosen}, // the last one wins
		Lock:                     true,                                 // two runs would fight for the same names
		LockTimeout:              "1m",
		RetryableTerraformErrors: passing,
		MaxRetries:               3,
		TimeBetweenRetries:       time.Minute,
		NoColor:                  true,
	}
	e.choose(versions{})
	terraform.Init(t, e.options)
	return e
}

// choose sets the versions, without locks and with public ingress.
func (e *environment) choose(v versions) {
	e.t.Helper()
	text, err := json.Marshal(map[string]any{
		"locked":            false,
		"migrations_digest": orNull(v.Migrations),
		"public_ingress":    true,
		"service_digest":    orNull(v.Service),
		"smoke_digest":      nil,
	})
	if err == nil {
		err = os.WriteFile(e.chosen, text, 0o600)
	}
	if err != nil {
		e.t.Fatal(err)
	}
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

func (e *environment) apply(v versions) {
	e.t.Helper()
	e.choose(v)
	terraform.Apply(e.t, e.options)
}

func (e *environment) output(name string) string {
	e.t.Helper()
	return terraform.Output(e.t, e.options, name)
}

// resources returns the number of resources in the state of dev.
func (e *environment) resources() int {
	e.t.Helper()
	var state struct {
		Values struct {
			Root struct {
				Resources []json.RawMessage `json:"resources"`
			} `json:"root_module"`
		} `json:"values"`
	}
	if err := json.Unmarshal([]byte(terraform.Show(e.t, e.options)), &state); err != nil {
		e.t.Fatalf("terraform show: %v", err)
	}
	return len(state.Values.Root.Resources)
}

// remove destroys dev. Azure keeps the deleted key vault and log workspace for a
// while, and the next apply recovers them.
func (e *environment) remove() {
	e.choose(versions{})
	if _, err := terraform.DestroyE(e.t, e.options); err != nil {
		e.t.Errorf("dev could not be removed, and costs money: destroy it yourself, as docs/deploy.md says: %v", err)
	}
}

// importImage has Azure copy an image into dev's registry, with a tag of its own,
// because the registry removes images without one.
func (e *environment) importImage(image, name string) {
	e.t.Helper()
	registry := terraform.OutputMap(e.t, e.options, "registry")["name"]
	_, digest, _ := strings.Cut(image, "@sha256:")
	e.az("acr", "import", "--name", registry, "--source", image, "--image", name+":"+digest[:12], "--force")
}

// runJob starts a job and waits until it has succeeded.
func (e *environment) runJob(name string) {
	e.t.Helper()
	group := e.output("resource_group_name")
	run := e.az("containerapp", "job", "start", "--name", name, "--resource-group", group, "--query", "name", "--output", "tsv")
	retry.DoWithRetry(e.t, "wait for "+run, 120, 10*time.Second, func() (string, error) {
		status := e.az("containerapp", "job", "execution", "show", "--name", name, "--resource-group", group,
			"--job-execution-name", run, "--query", "properties.status", "--output", "tsv")
		switch status {
		case "Succeeded":
			return status, nil
		case "Failed", "Degraded", "Stopped":
			return "", retry.FatalError{Underlying: fmt.Errorf("the job %s ended with %s; its output is in the log workspace", name, status)}
		default:
			return "", fmt.Errorf("the job %s is %s", name, status)
		}
	})
}

func (e *environment) az(args ...string) string {
	e.t.Helper()
	out := shell.RunCommandAndGetStdOut(e.t, shell.Command{
		Command: "az",
		Args:    append(args, "--subscription", e.settings.subscription, "--only-show-errors"),
	})
	return strings.TrimSpace(out)
}

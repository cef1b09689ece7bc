//go:build linux

package azure

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"example.com/rates/security/git"
)

const (
	root           = "../../.."
	subscriptionID = "00000000-0000-0000-0000-000000000001"
)

// world is a copy of the repository, a cloud that its Terraform is led to, and the
// machines of that cloud.
type world struct {
	name     string
	dir      string
	cloud    *Cloud
	ca       *Authority
	machines *machines
	env      []string

	environment string // that is deployed
	suffix      string // of its names, which are unique among all stories
}

// newWorld returns a world that ends with t, which then fails if something was done that
// a deployment must not do.
func newWorld(t *testing.T, name string, hosts *hosts) *world {
	t.Helper()
	w := &world{name: name, suffix: "acme1", dir: filepath.Join(*inside, name)}
	w.cloud = New(t.Context(), func(line string) {
		if t.Context().Err() == nil { // a job may outlive a story that failed
			t.Log(line)
		}
	})
	var err error
	w.ca, err = NewAuthority()
	check(t, err)
	proxy, err := NewProxy(w.cloud, w.ca)
	check(t, err)
	w.write(t, "ca.pem", string(w.ca.PEM()))
	check(t, os.Chmod(w.dir, 0o755))          // #nosec G302 -- the programs of images read here as other users
	check(t, os.Chmod(w.at("ca.pem"), 0o644)) // #nosec G302 -- likewise
	w.machines, err = newMachines(w.cloud, w.ca, w.at("ca.pem"), hosts, w.images(t))
	check(t, err)
	t.Cleanup(func() {
		if err := errors.Join(w.machines.close(), proxy.Close()); err != nil {
			t.Error(err)
		}
		t.Logf("%s: what was asked for\n%s", name, w.cloud.Evidence())
		w.faultless(t)
	})
	w.copyRepository(t)
	check(t, os.MkdirAll(w.at("bin"), 0o700))
	self, err := os.Executable()
	check(t, err)
	check(t, os.Symlink(self, w.at("bin/az")))
	w.env = append(os.Environ(),
		"HTTPS_PROXY="+proxy.URL(), "NO_PROXY=."+appSuffix, "PATH="+w.at("bin")+":"+os.Getenv("PATH"), "POLL_SECONDS=1",
		"SSL_CERT_FILE="+w.at("ca.pem"), "CURL_CA_BUNDLE="+w.at("ca.pem"), "TF_CLI_CONFIG_FILE="+w.provider(t), "CHECKPOINT_DISABLE=1",
		"TF_IN_AUTOMATION=1", "TF_CLI_ARGS_apply=-parallelism=40", "TF_CLI_ARGS_destroy=-parallelism=40", "GO_AZURE_SDK_SKIP_POLLING_DELAY=true",
		"ARM_USE_OIDC=true", "ARM_OIDC_TOKEN="+unsigned(map[string]any{"sub": "rehearsal"}), "ARM_USE_CLI=false", "ARM_USE_MSI=false",
		"ARM_TENANT_ID="+tenantID, "ARM_CLIENT_ID="+uuid("client"), "ARM_SUBSCRIPTION_ID="+subscriptionID,
	)
	return w
}

// faultless fails the test if something was done that a deployment must not do.
func (w *world) faultless(t *testing.T) {
	t.Helper()
	for _, fault := range w.cloud.Faults() {
		t.Error(fault)
	}
}

func (w *world) at(elements ...string) string {
	return filepath.Join(append([]string{w.dir}, elements...)...)
}

func (w *world) write(t *testing.T, name, content string) {
	t.Helper()
	check(t, os.MkdirAll(filepath.Dir(w.at(name)), 0o700))
	check(t, os.WriteFile(w.at(name), []byte(content), 0o600))
}

func (w *world) removeFile(t *testing.T, name string) {
	t.Helper()
	check(t, os.Remove(w.at(name)))
}

func (w *world) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(w.at(name))
	check(t, err)
	return string(text)
}

// copyRepository commits the tree as it is.
func (w *world) copyRepository(t *testing.T) {
	t.Helper()
	files, err := git.Run(t.Context(), root, nil, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	check(t, err)
	for name := range strings.SplitSeq(strings.TrimSuffix(files, "\x00"), "\x00") {
		info, err := os.Stat(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // deleted, but not yet committed
		}
		check(t, err)
		content, err := os.ReadFile(filepath.Join(root, name))
		check(t, err)
		w.write(t, "repository/"+name, string(content))
		check(t, os.Chmod(w.at("repository", name), info.Mode()))
	}
	w.git(t, "init", "--quiet", "--initial-branch=main")
	w.git(t, "add", "--all", "--force")
	w.git(t, "commit", "--quiet", "--message=Begin")
}

func (w *world) git(t *testing.T, args ...string) string {
	t.Helper()
	env := append(git.Alone(), "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := git.Run(t.Context(), w.at("repository"), env, args...)
	check(t, err)
	return strings.TrimSpace(out)
}

// provider configures Terraform to find the provider that make terraform-provider
// built, and nothing else. It returns the configuration.
func (w *world) provider(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	check(t, err)
	built, err := filepath.Glob(filepath.Join(cache, "rates/terraform-provider-azurerm/*/terraform-provider-azurerm"))
	check(t, err)
	if len(built) == 0 {
		t.Fatal("the provider azurerm is not built; run: make terraform-provider")
	}
	const version = "5.2.0"
	folder := w.at("plugins/registry.terraform.io/hashicorp/azurerm", version, "linux_amd64")
	check(t, os.MkdirAll(folder, 0o700))
	check(t, os.Symlink(built[len(built)-1], filepath.Join(folder, "terraform-provider-azurerm_v"+version)))
	w.write(t, "terraform.rc", fmt.Sprintf("provider_installation {\n  filesystem_mirror {\n    path = %q\n  }\n}\n", w.at("plugins")))
	return w.at("terraform.rc")
}

// stack is a root of Terraform with a state of its own.
type stack struct {
	*world
	folder string // below terraform
	data   string // of Terraform itself
	vars   []string
}

// run runs terraform and returns what it printed and its code.
func (s stack) run(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	started := time.Now()
	cmd := exec.CommandContext(t.Context(), "nice", append([]string{"terraform", "-chdir=" + s.at("repository/terraform", s.folder)}, args...)...)
	cmd.Env = s.environment()
	var printed bytes.Buffer
	cmd.Stdout, cmd.Stderr = &printed, &printed
	err := cmd.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); err != nil && !exited {
		t.Fatal(err)
	}
	t.Logf("terraform %s %s: %s", s.data, args[0], time.Since(started).Round(100*time.Millisecond))
	return printed.String(), cmd.ProcessState.ExitCode()
}

func (s stack) environment() []string {
	return append(slices.Clone(s.env), "TF_DATA_DIR="+s.at(s.data))
}

// must runs terraform, which must succeed.
func (s stack) must(t *testing.T, args ...string) string {
	t.Helper()
	out, code := s.run(t, args...)
	if code != 0 {
		t.Fatalf("terraform %s ended with code %d\n%s", strings.Join(args, " "), code, out)
	}
	return out
}

func (s stack) apply(t *testing.T, args ...string) {
	t.Helper()
	if out, code := s.tryApply(t, args...); code != 0 {
		t.Fatalf("terraform apply ended with code %d\n%s", code, out)
	}
}

func (s stack) tryApply(t *testing.T, args ...string) (out string, code int) {
	t.Helper()
	return s.run(t, append(append([]string{"apply", "-auto-approve", "-input=false", "-no-color"}, s.vars...), args...)...)
}

// plan returns the code 2 if it would change something.
func (s stack) plan(t *testing.T) (out string, code int) {
	t.Helper()
	return s.run(t, append([]string{"plan", "-detailed-exitcode", "-input=false", "-no-color"}, s.vars...)...)
}

func (s stack) destroy(t *testing.T, args ...string) {
	t.Helper()
	s.must(t, append(append([]string{"destroy", "-auto-approve", "-input=false", "-no-color"}, s.vars...), args...)...)
}

// unchanged plans again, which must change nothing.
func (s stack) unchanged(t *testing.T) {
	t.Helper()
	if out, code := s.plan(t); code != 0 {
		t.Fatalf("the second plan is not empty\n%s", out)
	}
}

func (s stack) output(t *testing.T, name string) string {
	t.Helper()
	return strings.TrimSpace(s.must(t, "output", "-raw", name))
}

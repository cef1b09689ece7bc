package rehearsal

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"example.com/rates/db/dbtest"
	"example.com/rates/db/migrations"
	"example.com/rates/security/git"
	"example.com/rates/security/toolbox"
)

const root = "../.."

// world is a repository with its registry, its issues and its environments, each a
// folder.
type world struct {
	dir   string
	act   string
	env   []string
	args  []string // the actions' stand-ins, and where jobs run
	story *testing.T
	fork  bool // without the variables of Azure
	ref   string
}

// Variables of the stand-ins, in the folder "set".
const (
	failing             = "failing"   // a make target
	importing           = "importing" // "another" image is copied to the environment
	listing             = "listing"   // "another" image is said to run
	betweenPlanAndApply = "between"   // an environment that changes before its apply
)

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{story: t, dir: t.TempDir(), act: find(t, "act"), ref: "refs/heads/main"}
	for _, folder := range []string{"bin", "home", "set", "issues", "artifacts", "signatures", "registry", "actions", "dev", "prod"} {
		check(t, os.MkdirAll(w.at(folder), 0o700))
	}
	self, err := os.Executable()
	check(t, err)
	for name := range standIns {
		check(t, os.Symlink(self, w.at("bin", name)))
	}
	w.env = w.environment(t)
	w.copyRepository(t)
	w.writeActions(t)
	return w
}

func (w *world) at(elements ...string) string {
	return filepath.Join(append([]string{w.dir}, elements...)...)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// find returns the path of a pinned tool.
func find(t *testing.T, name string) string {
	t.Helper()
	box, err := toolbox.New(root + "/security/tools")
	check(t, err)
	tool, err := box.Find(t.Context(), name)
	check(t, err)
	return tool.Path
}

// environment is all that jobs see of this machine: they inherit what act has.
func (w *world) environment(t *testing.T) []string {
	t.Helper()
	box, err := toolbox.New(root + "/security/tools")
	check(t, err)
	env := []string{
		"PATH=" + w.at("bin") + ":" + os.Getenv("PATH"), "HOME=" + w.at("home"), "REHEARSAL=" + w.dir,
		"RATES_TOOLS=" + box.Cache, "RATES_TOOL_RECORDS=" + box.Records, "POLL_SECONDS=1", "GOFLAGS=-trimpath", "GOTOOLCHAIN=local",
	}
	for _, name := range []string{"GOPROXY", "GOMODCACHE", "GOCACHE"} {
		value, err := exec.CommandContext(t.Context(), "go", "env", name).Output()
		check(t, err)
		env = append(env, name+"="+strings.TrimSpace(string(value)))
	}
	return env
}

// copyRepository commits the tree as it is, with a small configuration of Terraform
// and without the scripts that start the service, which take long.
func (w *world) copyRepository(t *testing.T) {
	t.Helper()
	files, err := git.Run(t.Context(), root, nil, "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	check(t, err)
	for name := range strings.SplitSeq(strings.TrimSuffix(files, "\x00"), "\x00") {
		if strings.HasPrefix(name, "terraform/app/") {
			continue
		}
		content, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // deleted, but not yet committed
		}
		check(t, err)
		info, err := os.Stat(filepath.Join(root, name))
		check(t, err)
		w.write(t, "repository/"+name, string(content), info.Mode())
	}
	w.write(t, "repository/terraform/app/main.tf", configuration, 0o600)
	for _, environment := range []string{"dev", "prod"} {
		w.write(t, "repository/terraform/app/environments/"+environment+".tfvars", fmt.Sprintf("environment = %q\n", environment), 0o600)
	}
	for _, slow := range []string{"try-run", "try-compose", "try-scale"} {
		w.write(t, "repository/.ci/"+slow, "#!/bin/sh\necho left out of the rehearsal\n", 0o700)
	}
	w.git(t, "init", "--quiet", "--initial-branch=main")
	for _, environment := range []string{"dev", "prod"} {
		w.prepare(t, environment)
	}
	w.git(t, "remote", "add", "origin", "https://github.com/acme/rates")
	w.git(t, "add", "--all", "--force")
	w.git(t, "commit", "--quiet", "--message=Begin")
}

func (w *world) write(t *testing.T, name, content string, mode os.FileMode) {
	t.Helper()
	path := w.at(name)
	check(t, os.MkdirAll(filepath.Dir(path), 0o700))
	check(t, os.WriteFile(path, []byte(content), mode))
}

func (w *world) git(t *testing.T, args ...string) string {
	t.Helper()
	env := append(git.Alone(), "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	out, err := git.Run(t.Context(), w.at("repository"), env, args...)
	check(t, err)
	return strings.TrimSpace(out)
}

func (w *world) head(t *testing.T) string {
	t.Helper()
	return w.git(t, "rev-parse", "HEAD")
}

// commit changes files, and returns how to take that back.
func (w *world) commit(t *testing.T, files map[string]string) (undo func(t *testing.T)) {
	t.Helper()
	for name, content := range files {
		w.write(t, "repository/"+name, content, 0o600)
	}
	w.git(t, "add", "--all")
	w.git(t, "commit", "--quiet", "--message=Change something")
	return func(t *testing.T) {
		t.Helper()
		w.git(t, "revert", "--no-edit", "HEAD")
	}
}

// nextMigration returns the name of a file for the migration after the last.
func nextMigration() string {
	return fmt.Sprintf("db/migrations/%05d_rehearse.sql", migrations.Latest+1)
}

func (w *world) tag(t *testing.T, name string) {
	t.Helper()
	w.git(t, "tag", name)
	w.ref = "refs/tags/" + name
}

func (w *world) source(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile(w.at("repository", name))
	check(t, err)
	return string(content)
}

// prepare applies an environment by hand, as docs/deploy.md says, before there is an
// image.
func (w *world) prepare(t *testing.T, environment string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	port := listener.Addr().(*net.TCPAddr).Port
	check(t, listener.Close())
	// act knows no variables of environments, so the settings are files.
	const folder = "repository/terraform/app/"
	w.write(t, folder+environment+".tfbackend", fmt.Sprintf("path = %q\n", w.at(environment, "state")), 0o600)
	w.write(t, folder+environment+".private.tfvars", fmt.Sprintf("port = %d\nsize = \"small\"\n", port), 0o600)
	w.write(t, environment+"/port", strconv.Itoa(port), 0o600)
	db := dbtest.NewBare(t)
	w.write(t, environment+"/owner", db.URL, 0o600)
	w.write(t, environment+"/reader", db.As(dbtest.Reader), 0o600)
	app := w.at(folder)
	for _, args := range [][]string{
		{"init", "-backend-config=" + environment + ".tfbackend", "-reconfigure"},
		{"apply", "-auto-approve", "-var-file=environments/" + environment + ".tfvars", "-var-file=" + environment + ".private.tfvars"},
	} {
		cmd := exec.CommandContext(t.Context(), "terraform", append(args, "-input=false", "-no-color")...)
		cmd.Dir, cmd.Env = app, w.env
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("terraform %s: %v\n%s", args[0], err, out)
		}
	}
	check(t, os.RemoveAll(filepath.Join(app, ".terraform")))
	t.Cleanup(func() { stop(w.at(environment, "pid")) })
}

// stop ends the service whose process a file names.
func stop(file string) {
	text, err := os.ReadFile(file)
	if err != nil {
		return
	}
	if pid, err := strconv.Atoi(string(text)); err == nil {
		_ = syscall.Kill(-pid, syscall.SIGKILL) // it may have ended by itself
	}
	_ = os.Remove(file)
}

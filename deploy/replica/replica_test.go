// Package replica holds the demonstration of read replicas in containers. Its tests
// cover start.sh and docker-compose.yml.
package replica

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"

	"example.com/rates/internal/testkit"
)

// engine replaces docker: it records its calls and answers like a working docker. The
// cases that a test adds come first.
const engine = `#!/bin/sh
echo "$*" >>"$CALLS"
case "$*" in
%ADDED%
*psql*) cat >/dev/null ;;
esac
`

// builder replaces go: what it builds says with what it was started.
const builder = `#!/bin/sh
mkdir -p bin
printf '#!/bin/sh\necho started with "$@"\n' >bin/devserver
chmod +x bin/devserver
`

// demo is a start.sh in a checkout of its own, with few tools of this machine.
type demo struct {
	dir, calls string
	out        testkit.Buffer
	cmd        *exec.Cmd
}

func newDemo(t *testing.T, programs map[string]string) *demo {
	t.Helper()
	dir, tools := t.TempDir(), t.TempDir()
	for _, tool := range []string{"cat", "chmod", "dirname", "mkdir", "od", "rm", "sh", "sleep", "tr"} {
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(tools, tool)); err != nil {
			t.Fatal(err)
		}
	}
	for name, text := range programs {
		write(t, filepath.Join(tools, name), text)
	}
	for _, file := range []string{"replica/start.sh", "replica/service_login.sql", "compose/engine.sh"} {
		write(t, filepath.Join(dir, "deploy", file), read(t, filepath.Join("..", file)))
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Fatal(err)
	}
	d := &demo{dir: dir, calls: filepath.Join(dir, "calls")}
	ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
	t.Cleanup(cancel)
	d.cmd = exec.CommandContext(ctx, bash, filepath.Join(dir, "deploy/replica/start.sh"))
	d.cmd.Env = []string{"PATH=" + tools, "CALLS=" + d.calls}
	d.cmd.Stdout, d.cmd.Stderr = &d.out, &d.out
	return d
}

func withCase(c string) string { return strings.Replace(engine, "%ADDED%", c, 1) }

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o700); err != nil { // #nosec G306 -- a program
		t.Fatal(err)
	}
}

func read(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// Everything is started in order, its addresses are said, no password is shown, and at
// the end nothing is left.
func TestContainers(t *testing.T) {
	d := newDemo(t, map[string]string{"docker": withCase("")})
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	testkit.Eventually(t, "everything runs", func() bool { return strings.Contains(d.out.String(), "Ctrl-C") })
	for _, address := range []string{"http://localhost:3000\n", "http://localhost:3010\n", "http://localhost:3020\n", "pg_wal_replay_pause", "pg_promote"} {
		if !strings.Contains(d.out.String(), address) {
			t.Errorf("it does not say %s", address)
		}
	}
	folder := filepath.Join(d.dir, "deploy/replica/passwords")
	for _, login := range []string{"owner", "replica", "service"} {
		password := strings.TrimSpace(read(t, filepath.Join(folder, login+"_password")))
		if len(password) != 48 || !strings.HasSuffix(read(t, filepath.Join(folder, login+"_pgpass")), ":"+password+"\n") {
			t.Errorf("the password of %s has %d characters, or its passfile has another", login, len(password))
		}
		for _, kind := range []string{"_password", "_pgpass"} {
			if info, err := os.Stat(filepath.Join(folder, login+kind)); err != nil || info.Mode().Perm() != 0o444 {
				t.Errorf("%s is %v, %v; expected it readable to the containers' users", login+kind, info, err)
			}
		}
		if strings.Contains(d.out.String()+read(t, d.calls), password) {
			t.Errorf("the password of %s was on a command line or shown", login)
		}
	}
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder of passwords is %v, %v; expected it closed to others", info, err)
	}
	if err := d.cmd.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := d.cmd.Wait(); err != nil {
		t.Errorf("after Ctrl-C: %v\n%s", err, &d.out)
	}
	at := 0
	for _, call := range []string{" build ", " migrate\n", " psql ", " seed\n", " up ", " down --remove-orphans --volumes\n"} {
		next := strings.Index(read(t, d.calls)[at:], call)
		if next < 0 {
			t.Fatalf("%q is not called in its turn:\n%s", call, read(t, d.calls))
		}
		at += next
	}
	if _, err := os.Stat(folder); err == nil {
		t.Error("the passwords are left")
	}
}

// What cannot be started is said, and nothing of it is left.
func TestContainersThatFail(t *testing.T) {
	for added, want := range map[string]string{
		`*" build "*) exit 1 ;;`:    "the image could not be built",
		`*" migrate") exit 1 ;;`:    "the primary could not be started and migrated",
		`*" psql "*) exit 1 ;;`:     "the login of the service could not be created",
		`*" seed") exit 1 ;;`:       "the sample could not be imported",
		`*" up "*) exit 1 ;;`:       "the replicas or the service did not start",
		`*" migrate") kill $PPID;;`: "",
	} {
		d := newDemo(t, map[string]string{"docker": withCase(added)})
		err := d.cmd.Run()
		if (err != nil) != (want != "") || !strings.Contains(d.out.String(), want) {
			t.Errorf("%s: %v, want %q\n%s", added, err, want, &d.out)
		}
		if calls := read(t, d.calls); !strings.HasSuffix(calls, " down --remove-orphans --volumes\n") {
			t.Errorf("%s: not everything was removed:\n%s", added, calls)
		}
	}
}

// Without an engine the same is started as processes, and the reason is said.
func TestProcesses(t *testing.T) {
	for name, docker := range map[string]string{
		"docker was not found": "", "docker has no compose plugin": withCase(`"compose version") exit 1 ;;`),
		"the Docker daemon does not answer": withCase(`version*) exit 1 ;;`),
	} {
		programs := map[string]string{"go": builder}
		if docker != "" {
			programs["docker"] = docker
		}
		d := newDemo(t, programs)
		if err := d.cmd.Run(); err != nil || !strings.Contains(d.out.String(), name) || !strings.Contains(d.out.String(), "started with --replicas=2\n") {
			t.Errorf("%s: %v\n%s", name, err, &d.out)
		}
	}
	d := newDemo(t, nil)
	if err := d.cmd.Run(); err == nil || !strings.Contains(d.out.String(), "neither a container engine nor Go") {
		t.Errorf("without both: %v\n%s", err, &d.out)
	}
}

type composeFile struct {
	Services map[string]struct {
		Image       string
		Environment map[string]string
		Ports       []string
	}
}

func readCompose(t *testing.T, path string) composeFile {
	t.Helper()
	var file composeFile
	if err := yaml.Unmarshal([]byte(read(t, path)), &file); err != nil {
		t.Fatal(err)
	}
	return file
}

// Each instance asks all replicas and watches all servers, one of which will be the
// primary; the servers are those of docker-compose.yml at the root.
func TestCompose(t *testing.T) {
	services := readCompose(t, "docker-compose.yml").Services
	image := readCompose(t, "../../docker-compose.yml").Services["db"].Image
	var ports []string
	for _, name := range []string{"rates-1", "rates-2", "rates-3"} {
		environment := services[name].Environment
		if url := environment["DATABASE_URL"]; !strings.Contains(url, "@replica-1,replica-2/") || !strings.HasSuffix(url, "&load_balance_hosts=random") {
			t.Errorf("%s asks %s", name, url)
		}
		if url := environment["RATES_WATCH_URL"]; !strings.Contains(url, "@primary,replica-1,replica-2/") {
			t.Errorf("%s watches %s", name, url)
		}
		ports = append(ports, services[name].Ports...)
	}
	if want := []string{"127.0.0.1:3000:3000", "127.0.0.1:3010:3000", "127.0.0.1:3020:3000"}; !slices.Equal(ports, want) {
		t.Errorf("the instances are on %v, want %v", ports, want)
	}
	for _, name := range []string{"primary", "replica-1", "replica-2"} {
		if got := services[name].Image; got != image || image == "" {
			t.Errorf("%s is %s, want %s", name, got, image)
		}
	}
}

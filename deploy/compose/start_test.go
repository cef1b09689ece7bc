package compose

import (
	"io/fs"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// engine replaces docker: it records its calls and answers like a working
// docker. The cases that a test adds come first.
const engine = `#!/bin/sh
echo "$*" >>"$CALLS"
case "$*" in
%ADDED%
"compose ps"*) echo container ;;
inspect*) echo running, healthy ;;
"volume inspect"*) exit 1 ;;
esac
`

type run struct {
	dir, calls string
	out        string
	failed     bool
}

// start runs start.sh in a separate checkout, with the tools of this machine except
// docker.
func start(t *testing.T, engine, port string) run {
	t.Helper()
	dir, tools := t.TempDir(), t.TempDir()
	for _, tool := range []string{"cat", "chmod", "dirname", "id", "mkdir", "mktemp", "mv", "od", "sh", "sleep", "tr"} {
		path, err := exec.LookPath(tool)
		if err != nil {
			t.Fatal(err)
		}
		if err := os.Symlink(path, filepath.Join(tools, tool)); err != nil {
			t.Fatal(err)
		}
	}
	write := func(path, content string, perm fs.FileMode) {
		if err := os.WriteFile(path, []byte(content), perm); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.MkdirAll(filepath.Join(dir, "deploy/compose"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"engine.sh", "start.sh", "service_login.sql"} {
		write(filepath.Join(dir, "deploy/compose", file), read(t, file), 0o600)
	}
	if engine != "" {
		write(filepath.Join(tools, "docker"), engine, 0o700)
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Fatal(err)
	}
	r := run{dir: dir, calls: filepath.Join(dir, "calls")}
	cmd := exec.CommandContext(t.Context(), bash, filepath.Join(dir, "deploy/compose/start.sh"))
	cmd.Env = []string{"PATH=" + tools, "CALLS=" + r.calls, "RATES_PORT=" + port, "TMPDIR=" + t.TempDir()}
	out, err := cmd.CombinedOutput()
	r.out, r.failed = string(out), err != nil
	return r
}

func withCase(c string) string { return strings.Replace(engine, "%ADDED%", c, 1) }

// port returns a free port or, if taken, one that this test listens on.
func port(t *testing.T, taken bool) string {
	t.Helper()
	listener, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() }) // closed already unless taken
	if !taken {
		_ = listener.Close()
	}
	_, port, err := net.SplitHostPort(listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

func TestStartSaysWhatToDo(t *testing.T) {
	tests := map[string]struct {
		engine string
		taken  bool
		want   string
	}{
		"no docker":              {want: "Install Docker"},
		"no compose":             {engine: withCase(`"compose version") exit 1 ;;`), want: "docker-compose-plugin"},
		"no daemon":              {engine: withCase(`version*) exit 1 ;;`), want: "systemctl start docker"},
		"not allowed":            {engine: withCase(`version*) echo permission denied; exit 1 ;;`), want: "group docker"},
		"port in use":            {engine: withCase(""), taken: true, want: "RATES_PORT="},
		"lost passwords":         {engine: withCase(`"volume inspect"*) ;;`), want: "--remove-data"},
		"migration fails":        {engine: withCase(`*migrate) exit 1 ;;`), want: "could not be started and migrated"},
		"no rotation":            {engine: withCase(`"compose run"*rotate*) exit 1 ;;`), want: "the login of the service"},
		"login fails":            {engine: withCase(`*--quiet) exit 1 ;;`), want: "the login of the service"},
		"import fails":           {engine: withCase(`*seed) exit 1 ;;`), want: "the sample could not be imported"},
		"service is not healthy": {engine: withCase(`inspect*) echo exited, unhealthy ;;`), want: "it is exited, unhealthy"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			r := start(t, test.engine, port(t, test.taken))
			if !r.failed || !strings.Contains(r.out, test.want) {
				t.Errorf("failed: %t, output %q; expected a failure and %q", r.failed, r.out, test.want)
			}
		})
	}
}

func TestPasswordsAreReadableByOwnerAndContainers(t *testing.T) {
	r := start(t, withCase(""), port(t, false))
	if r.failed {
		t.Fatal(r.out)
	}
	folder := filepath.Join(r.dir, passwords)
	if info, err := os.Stat(folder); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder is %v, %v; expected it closed to others", info, err)
	}
	calls := read(t, r.calls)
	for _, file := range []string{"owner_password", "owner_pgpass"} {
		if info, err := os.Stat(filepath.Join(folder, file)); err != nil || info.Mode().Perm() != 0o444 {
			t.Errorf("%s is %v, %v; expected it readable to the containers' users", file, info, err)
		}
		line := strings.TrimSpace(read(t, filepath.Join(folder, file)))
		password := line[strings.LastIndex(line, ":")+1:]
		if len(password) != 48 {
			t.Errorf("%s has a password of %d characters, expected 48", file, len(password))
		}
		if strings.Contains(calls, password) || strings.Contains(r.out, password) {
			t.Errorf("the password of %s was on a command line or shown", file)
		}
	}
}

func TestStartImportsTheSample(t *testing.T) {
	r := start(t, withCase(""), port(t, false))
	migrated, imported := strings.Index(read(t, r.calls), " migrate\n"), strings.Index(read(t, r.calls), " seed\n")
	if r.failed || migrated < 0 || imported < migrated {
		t.Errorf("the sample was not imported after the migrations: %s", read(t, r.calls))
	}
	if seed := readCompose(t).Services["seed"]; !slices.Equal(seed.Command, []string{"import", "--sample"}) {
		t.Errorf("seed runs %q, expected import --sample", seed.Command)
	}
}

func TestStartPrintsAnExample(t *testing.T) {
	free := port(t, false)
	r := start(t, withCase(""), free)
	if want := "curl 'http://localhost:" + free + "/rates?"; r.failed || !strings.Contains(r.out, want) {
		t.Errorf("it printed %q, expected %q", r.out, want)
	}
}

const passwords = "deploy/compose/passwords"

func read(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

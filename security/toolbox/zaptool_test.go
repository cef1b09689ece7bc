package toolbox

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/rates/internal/testkit"
	"example.com/rates/security/scanner"
)

const (
	zapVersion = "2.17.0"
	zapImage   = "ghcr.io/zaproxy/zaproxy:2.17.0@sha256:781a2bdaea47324e7bab583e2263f21d257b0aee61ed51521a5be45f5f5081ef"
)

// zapBox is a box that pins ZAP, on a machine whose PATH has only the programs of
// the system.
func zapBox(t *testing.T, image string) Box {
	t.Helper()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "pins", "zap", "zap.txt"), "# ZAP\n"+zapVersion+"\n"+image+"\n", 0o600)
	t.Setenv("ZAP_HOME", "")
	t.Setenv("PATH", "/usr/bin:/bin")
	return Box{Pins: filepath.Join(dir, "pins"), Cache: filepath.Join(dir, "tools"), Records: filepath.Join(dir, "records")}
}

// put writes a file, and its folder.
func put(t *testing.T, name, text string, mode os.FileMode) {
	t.Helper()
	if err := errors.Join(os.MkdirAll(filepath.Dir(name), 0o700), os.WriteFile(name, []byte(text), mode)); err != nil {
		t.Fatal(err)
	}
}

// release makes a folder that looks like a release of ZAP.
func release(t *testing.T, version, script string) string {
	t.Helper()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "zap.sh"), "#!/bin/sh\n"+script+"\n", 0o700)
	put(t, filepath.Join(dir, "zap-"+version+".jar"), "", 0o600)
	return dir
}

// A release of the pinned version is used where ZAP_HOME or the PATH has it.
func TestZAPRelease(t *testing.T) {
	for variable, rest := range map[string]string{"ZAP_HOME": "", "PATH": ":/usr/bin:/bin"} {
		t.Run(variable, func(t *testing.T) {
			box := zapBox(t, zapImage)
			t.Setenv(variable, release(t, zapVersion, "exit")+rest)
			if made, err := box.Install(t.Context(), "zap"); !made.Did || err != nil {
				t.Fatalf("installed: %t, %v", made.Did, err)
			}
			tool, err := box.Find(t.Context(), "zap")
			if err != nil || tool.Version != zapVersion {
				t.Errorf("tool %+v, error %v", tool, err)
			}
			put(t, tool.Path, "#!/bin/sh\nexit\n", 0o700)
			if _, err := box.Find(t.Context(), "zap"); scanner.AsError(err).Kind != scanner.ToolChanged {
				t.Errorf("another script is accepted: %v", err)
			}
		})
	}
}

// A release whose parts changed after the installation is not used: its add-ons are
// what finds defects.
func TestChangedZAP(t *testing.T) {
	for _, name := range []string{"zap-" + zapVersion + ".jar", "plugin/pscanrules-release-70.zap", "plugin/more.zap", "zap.sh", "lib/more.jar"} {
		t.Run(name, func(t *testing.T) {
			box := zapBox(t, zapImage)
			home := release(t, zapVersion, "exit")
			put(t, filepath.Join(home, "plugin/pscanrules-release-70.zap"), "rules", 0o600)
			t.Setenv("ZAP_HOME", home)
			if _, err := box.Install(t.Context(), "zap"); err != nil {
				t.Fatal(err)
			}
			put(t, filepath.Join(home, name), "no rules", 0o700)
			_, err := box.Find(t.Context(), "zap")
			wantKind(t, err, scanner.ToolChanged, filepath.Join(home, name))
		})
	}
}

// Another release is refused if it was named, and else not used.
func TestZAPOfAnotherVersion(t *testing.T) {
	box := zapBox(t, zapImage)
	old := release(t, "2.16.1", "exit")
	t.Setenv("ZAP_HOME", old)
	if _, err := box.Pin("zap"); err == nil || !strings.Contains(err.Error(), "ZAP_HOME is "+old) {
		t.Errorf("error %v", err)
	}
	t.Setenv("ZAP_HOME", "")
	t.Setenv("PATH", old) // and no Docker
	if _, err := box.Install(t.Context(), "zap"); !errors.Is(err, ErrAbsent) || !strings.Contains(err.Error(), "ZAP_URL") {
		t.Errorf("error %v", err)
	}
	if _, err := box.Find(t.Context(), "zap"); scanner.AsError(err).Kind != scanner.ToolMissing {
		t.Errorf("error %v", err)
	}
}

// A tag can move, so an image needs its digest.
func TestZAPImageIsPinned(t *testing.T) {
	for _, image := range []string{"ghcr.io/zaproxy/zaproxy:2.17.0", "zaproxy/zap-stable", "zap@sha256:0123", "'; x@sha256:" + strings.Repeat("a", 64)} {
		if _, err := zapBox(t, image).Pin("zap"); err == nil || !strings.Contains(err.Error(), "add its digest") {
			t.Errorf("%s: error %v", image, err)
		}
	}
}

// With Docker the image is pulled once and then started by its digest. A Docker that
// cannot pull is like none.
func TestZAPContainer(t *testing.T) {
	box, bin := zapBox(t, zapImage), t.TempDir()
	put(t, filepath.Join(bin, "docker"), "#!/bin/sh\necho \"$@\" >>'"+bin+"/said'\n", 0o700)
	t.Setenv("PATH", bin+":/usr/bin:/bin")
	made, err := box.Install(t.Context(), "zap")
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), made.Tool.Path, "-host", "127.0.0.1", "-port", "1").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	said, err := os.ReadFile(filepath.Join(bin, "said"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"pull --quiet " + zapImage, "run --rm --interactive --network host --entrypoint sh " + zapImage, "zap.sh -host 127.0.0.1 -port 1"} {
		if !strings.Contains(string(said), want) {
			t.Errorf("docker was not asked to %s:\n%s", want, said)
		}
	}
	put(t, filepath.Join(bin, "docker"), "#!/bin/sh\necho is the docker daemon running >&2\nexit 1\n", 0o700)
	if _, err := (Box{Pins: box.Pins, Cache: t.TempDir(), Records: t.TempDir()}).Install(t.Context(), "zap"); !errors.Is(err, ErrAbsent) || !strings.Contains(err.Error(), "is the docker daemon running") {
		t.Errorf("error %v", err)
	}
}

// A daemon that ends ends its program, whose input is still open.
func TestZAPThatEnds(t *testing.T) {
	box := zapBox(t, zapImage)
	t.Setenv("ZAP_HOME", release(t, zapVersion, "echo no Java; exit 3"))
	made, err := box.Install(t.Context(), "zap")
	if err != nil {
		t.Fatal(err)
	}
	in, out := io.Pipe()
	defer out.Close()
	cmd := exec.CommandContext(t.Context(), made.Tool.Path)
	cmd.Stdin, cmd.WaitDelay = in, time.Minute
	go func() { _, _ = out.Write([]byte("key\n")) }()
	var said bytes.Buffer
	cmd.Stdout = &said
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if state, err := cmd.Process.Wait(); err != nil || state.ExitCode() != 3 { // Cmd.Wait would wait for the input too
		t.Errorf("it ended with %v, %v", state, err)
	}
}

// The daemon gets its key in a file that only its user can read, and ends with
// standard input.
func TestZAPEndsWithItsInput(t *testing.T) {
	box := zapBox(t, zapImage)
	home := release(t, zapVersion, `trap 'echo >"$0.ended"; exit' TERM
echo "$@" >"$0.args"
while [ "$1" != -configfile ]; do shift; done
cp -p "$2" "$0.key"
while :; do sleep 0.1; done`)
	t.Setenv("ZAP_HOME", home)
	t.Setenv("TMPDIR", t.TempDir())
	made, err := box.Install(t.Context(), "zap")
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.CommandContext(t.Context(), made.Tool.Path, "-port", "1")
	cmd.WaitDelay = 10 * time.Second
	in, err := cmd.StdinPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Write([]byte("hunter2\n")); err != nil {
		t.Fatal(err)
	}
	key := filepath.Join(home, "zap.sh.key")
	testkit.Eventually(t, "it has its key", func() bool {
		text, err := os.ReadFile(key)
		return err == nil && string(text) == "api.key=hunter2\n"
	})
	if info, err := os.Stat(key); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, error %v", info.Mode(), err)
	}
	args, err := os.ReadFile(filepath.Join(home, "zap.sh.args"))
	if err != nil || strings.Contains(string(args), "hunter2") || !strings.HasPrefix(string(args), "-daemon -silent ") || !strings.HasSuffix(string(args), " -port 1\n") {
		t.Errorf("arguments %q, error %v", args, err)
	}
	if err := in.Close(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // a signal ends it
	if _, err := os.Stat(filepath.Join(home, "zap.sh.ended")); err != nil {
		t.Errorf("it was not ended: %v", err)
	}
	if left, _ := os.ReadDir(os.Getenv("TMPDIR")); len(left) > 0 {
		t.Errorf("%s is still there", left[0].Name())
	}
}

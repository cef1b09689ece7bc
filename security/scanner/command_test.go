package scanner

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/internal/testkit"
)

func shell(script string, exits ...int) Command {
	return Command{Path: "/bin/sh", Args: []string{"-c", script}, Exits: exits}
}

// A command that did its work returns its output and its exit code.
func TestRun(t *testing.T) {
	dir := t.TempDir()
	cmd := shell(`echo "$COLOUR"; pwd >&2; exit 3`, 0, 3)
	cmd.Dir, cmd.Env = dir, []string{"COLOUR=red"}
	out, err := Run(t.Context(), cmd)
	if err != nil {
		t.Fatal(err)
	}
	want := Output{Stdout: []byte("red\n"), Stderr: []byte(dir + "\n"), Exit: 3}
	if diff := cmp.Diff(want, out); diff != "" {
		t.Errorf("output (-want +got):\n%s", diff)
	}
}

// Any other end of a command is an error of its kind.
func TestRunErrors(t *testing.T) {
	soon := func(t *testing.T) context.Context {
		t.Helper()
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		t.Cleanup(cancel)
		return ctx
	}
	gone := func(t *testing.T) context.Context {
		t.Helper()
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		return ctx
	}
	for _, test := range []struct {
		name string
		cmd  Command
		ctx  func(*testing.T) context.Context
		want Kind
		says string
	}{
		{"no such program", Command{Path: "/nowhere/gosec"}, nil, ToolMissing, "gosec is missing"},
		{"no such program in the path", Command{Path: "no-such-tool"}, nil, ToolMissing, "no-such-tool is missing"},
		{"no such folder", Command{Path: "/bin/sh", Dir: "/nowhere"}, nil, ToolFailed, "run sh: "},
		{"no program", Command{Path: "/dev/null"}, nil, ToolFailed, "permission denied"},
		{"another code", shell("echo no disk >&2; exit 3"), nil, ToolFailed, "sh ended with code 3: no disk"},
		{"a code that must be", shell("exit 0", 1), nil, ToolFailed, "sh ended with code 0 and printed nothing"},
		{"a word on standard output", shell("echo no disk; exit 1"), nil, ToolFailed, "sh ended with code 1: no disk"},
		{"killed", shell("echo half; kill -KILL $$"), nil, Killed, "killed by a signal"},
		{"ended by another signal", shell("kill -SEGV $$"), nil, Killed, "killed by a signal"},
		{"out of time", shell("sleep 60"), soon, TimedOut, "give it more in security/policy.yaml"},
		{"interrupted", shell("sleep 60"), gone, Killed, "interrupted"},
	} {
		t.Run(test.name, func(t *testing.T) {
			ctx := t.Context()
			if test.ctx != nil {
				ctx = test.ctx(t)
			}
			_, err := Run(ctx, test.cmd)
			e, ok := errors.AsType[*Error](err)
			if !ok || e.Kind != test.want || !strings.Contains(e.Detail, test.says) {
				t.Errorf("error %v, want %s: … %s …", err, test.want, test.says)
			}
		})
	}
}

// More output than can be kept is refused, not cut off.
func TestRunBoundsOutput(t *testing.T) {
	b := &bounded{limit: 4}
	for _, part := range []string{"ab", "cd"} {
		if _, err := b.Write([]byte(part)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := b.Write([]byte("e")); err == nil || !b.full || b.String() != "abcd" {
		t.Errorf("after too much: error %v, full %t, kept %q", err, b.full, b.String())
	}
}

// When a command runs out of time, all processes that it started end with it.
func TestRunEndsTheGroup(t *testing.T) {
	for name, script := range map[string]string{
		"while it runs":   `sleep 60 & echo $! >"$0"; wait`,
		"after its child": `trap "" TERM; sleep 60 & echo $! >"$0"; sleep 60`,
	} {
		t.Run(name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "pid")
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan error)
			go func() {
				_, err := Run(ctx, Command{Path: "/bin/sh", Args: []string{"-c", script, file}})
				ended <- err
			}()
			child := awaitPID(t, file)
			cancel()
			if e := AsError(<-ended); e.Kind != Killed {
				t.Errorf("error %v, want that it was interrupted", e)
			}
			awaitEnd(t, child)
		})
	}
}

// Processes that a command leaves behind with its output do not keep the gate
// waiting, and are killed.
func TestRunEndsWhatIsLeft(t *testing.T) {
	file := filepath.Join(t.TempDir(), "pid")
	_, err := Run(t.Context(), Command{Path: "/bin/sh", Args: []string{"-c", `sleep 60 & echo $! >"$0"`, file}})
	if e := AsError(err); e.Kind != ToolFailed {
		t.Errorf("error %v, want that the tool failed", err)
	}
	awaitEnd(t, awaitPID(t, file))
}

func awaitPID(t *testing.T, file string) (pid int) {
	t.Helper()
	testkit.Eventually(t, "a process has noted its number", func() bool {
		content, _ := os.ReadFile(file) // it is not there yet
		var err error
		pid, err = strconv.Atoi(strings.TrimSpace(string(content)))
		return err == nil
	})
	return pid
}

// awaitEnd waits until a process has ended; it may still be a zombie.
func awaitEnd(t *testing.T, pid int) {
	t.Helper()
	testkit.Eventually(t, fmt.Sprintf("process %d has ended", pid), func() bool {
		stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
		return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) || err == nil && strings.Contains(string(stat), ") Z ")
	})
}

// Tools see no variable that could make them skip checks.
func TestEnvironment(t *testing.T) {
	got := Environment([]string{
		"PATH=/bin", "GOFLAGS=-tags=blind", "TRIVY_SKIP_DIRS=service", "GITLEAKS_CONFIG=none", "CKV_X=1", "HOME=/home/me",
		"GOPROXY=https://proxy", "PATHS=/x", "PYTHONPATH=/evil", "GOOS=plan9", "no equals sign",
	})
	if diff := cmp.Diff([]string{"PATH=/bin", "HOME=/home/me", "GOPROXY=https://proxy"}, got); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
}

// The variables of the command override those of the harness.
func TestRunEnvironment(t *testing.T) {
	t.Setenv("TRIVY_SEVERITY", "LOW")
	t.Setenv("HOME", "/home/me")
	cmd := shell(`echo "$TRIVY_SEVERITY $HOME"`)
	cmd.Env = []string{"HOME=/elsewhere"}
	out, err := Run(t.Context(), cmd)
	if err != nil || string(out.Stdout) != " /elsewhere\n" {
		t.Errorf("it saw %q, error %v", out.Stdout, err)
	}
}

// A command is shown as typed in a shell, with paths from where it ran.
func TestCommandString(t *testing.T) {
	for _, test := range []struct {
		cmd  Command
		want string
	}{
		{Command{Path: "/cache/gosec", Args: []string{"-fmt", "json", "./..."}}, "gosec -fmt json ./..."},
		{Command{Path: "/cache/trivy", Args: []string{"fs", "/tmp/copy", "/tmp/copy/a"}, Dir: "/tmp/copy"}, "trivy fs . a"},
		{Command{Path: "/cache/trivy", Args: []string{"/tmp/a/b"}}, "trivy /tmp/a/b"},
		{Command{Path: "/bin/sh", Args: []string{"-c", "it's $HOME", ""}}, `sh -c 'it'\''s $HOME' ''`},
	} {
		if got := test.cmd.String(); got != test.want {
			t.Errorf("shown as %s, want %s", got, test.want)
		}
	}
}

// An error keeps its kind and its cause; an error without a kind is a failed tool.
func TestAsError(t *testing.T) {
	cause := errors.New("disk full")
	e := Errorf(BadInput, "read a.go: %w", cause)
	if !errors.Is(e, cause) || e.Error() != "input not parsed: read a.go: disk full" {
		t.Errorf("error %v does not hold its cause", e)
	}
	if got := AsError(errors.Join(errors.New("other"), e)); got != e {
		t.Errorf("of several errors %v was chosen", got)
	}
	if got := AsError(cause); got.Kind != ToolFailed || !errors.Is(got, cause) {
		t.Errorf("an error of no kind became %v", got)
	}
}

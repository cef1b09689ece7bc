package steps_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/rates/internal/testkit"
)

// program is the path of the program under test.
type program string

// build makes the service's program.
func build(t *testing.T) program {
	t.Helper()
	p, err := buildInto(t.TempDir(), "./service/cmd/rates")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// buildInto makes a program from this checkout, with the race detector if this
// test has it. A race that is found ends the program with an exit code of its
// own, so it fails the scenario.
func buildInto(dir, source string) (program, error) {
	path := filepath.Join(dir, filepath.Base(source))
	args := []string{"build", "-ldflags=-s -w", "-o", path}
	if withRaceDetector() {
		args = append(args, "-race")
	}
	if out, err := exec.Command("go", append(args, source)...).CombinedOutput(); err != nil {
		return "", fmt.Errorf("build %s: %w\n%s", source, err, out)
	}
	return program(path), nil
}

func withRaceDetector() bool {
	info, _ := debug.ReadBuildInfo()
	for _, setting := range info.Settings {
		if setting.Key == "-race" {
			return setting.Value == "true"
		}
	}
	return false
}

// process is a program that was started.
type process struct {
	cmd            *exec.Cmd
	stdout, stderr testkit.Buffer
	ended          chan struct{} // closed once code is set
	code           int           // -1 if a signal ended it
}

// launch says how to start the program.
type launch struct {
	dir   string // working directory
	env   map[string]string
	stdin io.Reader
	args  []string
}

// start runs the program with the variables of the launch and no others that
// it could be configured by.
func (p program) start(l launch) (*process, error) {
	proc := &process{cmd: exec.Command(string(p), l.args...), ended: make(chan struct{})}
	proc.cmd.Dir = l.dir
	proc.cmd.Stdin = l.stdin
	proc.cmd.Stdout, proc.cmd.Stderr = &proc.stdout, &proc.stderr
	// With the race detector a program sleeps for a second before it ends.
	proc.cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + l.dir, "GORACE=atexit_sleep_ms=10"}
	for name, value := range l.env {
		proc.cmd.Env = append(proc.cmd.Env, name+"="+value)
	}
	if err := proc.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start the program: %w", err)
	}
	go func() {
		_ = proc.cmd.Wait() // its exit code says the same
		proc.code = proc.cmd.ProcessState.ExitCode()
		close(proc.ended)
	}()
	return proc, nil
}

// wait returns an error unless the process ends soon.
func (p *process) wait() error {
	select {
	case <-p.ended:
		return nil
	case <-time.After(testkit.Patience):
		return fmt.Errorf("%s still runs after %v; it wrote:\n%s", strings.Join(p.cmd.Args[1:], " "), testkit.Patience, p.stderr.String())
	}
}

// stop ends the process if it still runs: on request if it can, by force if it
// must, which is an error.
func (p *process) stop() error {
	select {
	case <-p.ended:
		return nil
	default:
	}
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("stop the program: %w", err)
	}
	if err := p.wait(); err != nil {
		_ = p.cmd.Process.Kill() // it may have ended just now
		<-p.ended
		return err
	}
	if p.code != 0 {
		return fmt.Errorf("told to stop, the program ended with exit code %d; it wrote:\n%s", p.code, p.stderr.String())
	}
	return nil
}

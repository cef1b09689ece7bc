package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// process is a child that ends with this program, where the system supports that.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error // how it ended; read it after done is closed
}

// spawn starts cmd. Linux signals such a child when the thread that forked it ends,
// not when the program does, so the thread is kept until the child has ended.
func spawn(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err != nil {
			return
		}
		if err := cmd.Wait(); err != nil {
			p.err = err
		} else {
			p.err = errors.New("it exited with status 0")
		}
		close(p.done)
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

func (p *process) signal(sig syscall.Signal) error { return p.cmd.Process.Signal(sig) }

// run runs cmd and returns its output, which is in an error too. Cancelling ctx
// kills cmd and its children.
func run(ctx context.Context, cmd *exec.Cmd) (string, error) {
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	cmd.WaitDelay = 5 * time.Second
	p, err := spawn(cmd)
	if err != nil {
		return "", err
	}
	select {
	case <-p.done:
	case <-ctx.Done():
		// The child leads its process group, see attributes.
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-p.done
		return "", context.Cause(ctx)
	}
	if !cmd.ProcessState.Success() {
		return "", fmt.Errorf("%w\n%s", p.err, lastLines(output.String()))
	}
	return output.String(), nil
}

// stop ends a server, first cleanly and then by force, and waits until ended is
// closed.
func stop(signal func(syscall.Signal) error, ended <-chan struct{}) error {
	steps := []struct {
		signal   syscall.Signal
		patience time.Duration
	}{
		{syscall.SIGINT, 30 * time.Second}, // fast shutdown: ends sessions, writes a checkpoint
		{syscall.SIGQUIT, 5 * time.Second}, // immediate shutdown: the next start recovers
		{syscall.SIGKILL, 5 * time.Second},
	}
	for _, step := range steps {
		// An error means that it has just ended, which ended reports too.
		_ = signal(step.signal)
		select {
		case <-ended:
			return nil
		case <-time.After(step.patience):
		}
	}
	return errors.New("the database server does not end")
}

// lastLines returns the end of a server's output, for an error.
func lastLines(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return strings.Join(lines[max(0, len(lines)-15):], "\n")
}

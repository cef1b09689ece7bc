// Package process starts and stops programs, and reads their use of resources.
package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"time"
)

// Config is a program with its arguments and streams.
type Config struct {
	Path string
	Args []string
	Dir  string   // "" is that of this program
	Env  []string // nil is that of this program
	In   io.Reader
	Out  io.Writer
	// Log is a file to append standard error to; "" discards it.
	Log string
}

// Process is a running program. On Linux it ends with this program.
type Process struct {
	cmd  *exec.Cmd
	log  string
	done chan struct{}
	err  error // how it ended; read it after done is closed
}

// Start starts a program.
func Start(cfg Config) (*Process, error) {
	cmd := command(cfg)
	if cfg.Log != "" {
		file, err := os.OpenFile(filepath.Clean(cfg.Log), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
		if err != nil {
			return nil, fmt.Errorf("open the log: %w", err)
		}
		defer func() { _ = file.Close() }() // the program has its own handle
		cmd.Stderr = file
	}
	p := &Process{cmd: cmd, log: cfg.Log, done: make(chan struct{})}
	if err := p.start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", filepath.Base(cfg.Path), err)
	}
	return p, nil
}

func command(cfg Config) *exec.Cmd {
	cmd := exec.Command(cfg.Path, cfg.Args...) // #nosec G204 -- the programs under test, of the user's own checkout and PATH
	cmd.Dir, cmd.Env, cmd.Stdin, cmd.Stdout = cfg.Dir, cfg.Env, cfg.In, cfg.Out
	cmd.SysProcAttr = attributes()
	// Grandchildren may keep the pipes open.
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// start keeps the thread that starts the process until it ends: to Linux, the end
// of that thread is the end of the parent.
func (p *Process) start() error {
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := p.cmd.Start()
		started <- err
		if err == nil {
			p.err = p.cmd.Wait()
			close(p.done)
		}
	}()
	return <-started
}

// PID returns the process's id.
func (p *Process) PID() int { return p.cmd.Process.Pid }

// Done is closed when the process has ended.
func (p *Process) Done() <-chan struct{} { return p.done }

// CPU returns the user and system time of the process, which must have ended.
func (p *Process) CPU() time.Duration {
	return p.cmd.ProcessState.UserTime() + p.cmd.ProcessState.SystemTime()
}

// Wait returns nil when the process ends with exit code 0. If ctx ends first, it
// kills the process and its children.
func (p *Process) Wait(ctx context.Context) error {
	select {
	case <-p.done:
		return p.err
	case <-ctx.Done():
		p.kill()
		return context.Cause(ctx)
	}
}

// Stop terminates the process, and kills it if it does not end in time.
func (p *Process) Stop() {
	const patience = 20 * time.Second
	// An error means that it has ended.
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(patience):
		p.kill()
	}
}

// kill ends the process and its children, which are its group.
func (p *Process) kill() {
	_ = syscall.Kill(-p.PID(), syscall.SIGKILL)
	<-p.done
}

// Explain adds the end of the process's log to an error.
func (p *Process) Explain(err error) error {
	text, readErr := os.ReadFile(filepath.Clean(p.log))
	if p.log == "" || readErr != nil {
		return err
	}
	return withText(err, string(text))
}

// Output runs a program to its end and returns its standard output. The error
// holds the end of what it printed.
func Output(ctx context.Context, cfg Config) (string, error) {
	out, _, err := Run(ctx, cfg)
	return out, err
}

// Run is Output, and also returns the process, which has ended.
func Run(ctx context.Context, cfg Config) (string, *Process, error) {
	var out, complaints bytes.Buffer
	cmd := command(cfg)
	if cfg.Out == nil {
		cmd.Stdout = &out
	}
	cmd.Stderr = &complaints
	p := &Process{cmd: cmd, done: make(chan struct{})}
	if err := p.start(); err != nil {
		return "", nil, fmt.Errorf("start %s: %w", filepath.Base(cfg.Path), err)
	}
	if err := p.Wait(ctx); err != nil {
		if errors.Is(err, context.Canceled) {
			return "", nil, err
		}
		err = fmt.Errorf("%s %s: %w", filepath.Base(cfg.Path), firstArg(cfg.Args), err) // #nosec G903 -- the programs log in to a private server, without a password
		return "", nil, withText(err, out.String()+complaints.String())
	}
	return out.String(), p, nil
}

func firstArg(args []string) string {
	if len(args) == 0 {
		return ""
	}
	return args[0]
}

func withText(err error, text string) error {
	const enough = 8
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return fmt.Errorf("%w\n%s", err, strings.Join(lines[max(0, len(lines)-enough):], "\n"))
}

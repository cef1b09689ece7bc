package session

import (
	"bytes"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// process is a program that runs beside the session.
type process struct {
	cmd  *exec.Cmd
	done chan struct{} // closed when it has ended
	err  error         // how it ended, once done is closed
}

// start starts a program. It is in the process group of the session, so that it is
// killed with it, and on Linux it ends when the session does.
func start(cmd *exec.Cmd) (*process, error) {
	cmd.SysProcAttr, cmd.WaitDelay = endsWithParent(), time.Second // of processes that it leaves behind
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error, 1)
	go func() {
		// For Linux the parent is the thread that starts the child.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.done)
		}
	}()
	return p, <-started
}

// signal sends a signal. One that has ended gets none.
func (p *process) signal(s syscall.Signal) { _ = p.cmd.Process.Signal(s) }

// lines is a writer that passes on each whole line.
type lines struct {
	each    func(line []byte)
	partial []byte
}

// Write implements io.Writer.
func (l *lines) Write(p []byte) (int, error) {
	l.partial = append(l.partial, p...)
	for {
		line, rest, whole := bytes.Cut(l.partial, []byte("\n"))
		if !whole {
			return len(p), nil
		}
		l.each(line)
		l.partial = rest
	}
}

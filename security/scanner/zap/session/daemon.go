package session

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net"
	"os/exec"
	"strconv"
	"sync"
	"time"

	"example.com/rates/security/scanner"
)

// daemon is a ZAP that this session started.
type daemon struct {
	url, key string
	stdin    io.Closer
	said     *tail
	process  *process
}

// warmUp is how long ZAP may take until it answers: a minute was seen on a busy
// machine.
const warmUp = 4 * time.Minute

// startDaemon starts the program with a key of its own and waits until it answers.
// The program reads the key from its standard input and ends with it.
func startDaemon(ctx context.Context, program string) (*daemon, error) {
	port, err := freePort()
	if err != nil {
		return nil, scanner.Errorf(scanner.ToolFailed, "find a port for ZAP: %w", err)
	}
	d := &daemon{
		url: "http://127.0.0.1:" + strconv.Itoa(port), key: rand.Text(),
		said: &tail{},
	}
	cmd := exec.Command(program, "-host", "127.0.0.1", "-port", strconv.Itoa(port)) // #nosec G204 -- the pinned ZAP of the toolbox
	cmd.Stdout, cmd.Stderr = d.said, d.said
	stdin, err := cmd.StdinPipe()
	if err == nil {
		d.stdin = stdin
		d.process, err = start(cmd)
	}
	if err != nil {
		return nil, scanner.Errorf(scanner.ToolFailed, "start ZAP: %w", err)
	}
	if _, err := fmt.Fprintln(stdin, d.key); err != nil {
		d.stop()
		return nil, scanner.Errorf(scanner.ToolFailed, "ZAP ended at once%s", d.said.words())
	}
	if err := d.await(ctx); err != nil {
		d.stop()
		return nil, err
	}
	return d, nil
}

// await waits until ZAP answers.
func (d *daemon) await(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, warmUp)
	defer cancel()
	zap, err := connect(d.url, d.key)
	if err != nil {
		return err
	}
	const most = 20 // a ZAP that is about to answer may close a few
	closed := 0
	err = zap.every(ctx, "start", func() (bool, error) {
		select {
		case <-d.process.done:
			return false, scanner.Errorf(scanner.ToolFailed, "ZAP ended before it answered: %v%s", d.process.err, d.said.words())
		default:
		}
		_, err := zap.version(ctx)
		if errors.Is(err, errClosed) {
			if closed++; closed == most {
				return false, err
			}
		}
		return err == nil, nil // until then it does not answer yet
	})
	if ctx.Err() != nil {
		return scanner.Errorf(scanner.TimedOut, "ZAP did not answer in time%s", d.said.words())
	}
	return err
}

// stop ends ZAP.
func (d *daemon) stop() {
	const patience = 20 * time.Second
	_ = d.stdin.Close() // its end is the signal
	select {
	case <-d.process.done:
	case <-time.After(patience): // it ends with this process
	}
}

// freePort returns a port that nobody listens on at the moment.
func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it returns at once
	if err != nil {
		return 0, err
	}
	port := listener.Addr().(*net.TCPAddr).Port
	return port, listener.Close()
}

// tail keeps the end of what a program prints.
type tail struct {
	mu   sync.Mutex
	text []byte
}

// Write implements io.Writer.
func (t *tail) Write(p []byte) (int, error) {
	const enough = 2000
	t.mu.Lock()
	defer t.mu.Unlock()
	t.text = append(t.text, p...)
	t.text = bytes.Clone(t.text[max(0, len(t.text)-enough):])
	return len(p), nil
}

func (t *tail) words() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return scanner.LastWords(scanner.Output{Stderr: t.text})
}

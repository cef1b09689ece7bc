package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/cli"
	"example.com/rates/internal/testkit"
)

// address waits until the service is ready, and returns its URL.
func address(t *testing.T, logs *testkit.Buffer) string {
	t.Helper()
	form := regexp.MustCompile(`"msg":"ready","url":"(http://[^"]+)"`)
	var match []string
	err := testkit.Retry(func() error {
		if match = form.FindStringSubmatch(logs.String()); match == nil {
			return fmt.Errorf("the service is not ready; it wrote:\n%s", logs)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return match[1]
}

// Serve answers until it is stopped, and then exits with code 0.
func TestServe(t *testing.T) {
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	logs := &testkit.Buffer{}
	done := make(chan int, 1)
	args := []string{"serve", "--addr=127.0.0.1:0", "--admin-addr=off", "--drain-delay=0s", "--database-url", dbtest.New(t).As(dbtest.Reader)}
	go func() { done <- run(ctx, args, cli.Streams{Out: logs, Err: logs}) }()
	url := address(t, logs)
	if got, _ := testkit.MustGet(t, url+"/readyz"); got != http.StatusOK {
		t.Errorf("/readyz: status %d", got)
	}
	stop()
	if code := <-done; code != exitOK || !strings.Contains(logs.String(), `"msg":"stopped"`) {
		t.Errorf("exit code %d\n%s", code, logs)
	}
}

// program returns this program as a process of its own, and what it writes.
func program(t *testing.T, args ...string) (*exec.Cmd, *testkit.Buffer) {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0], args...)
	child.Env = append(os.Environ(), programVariable+"=1")
	logs := &testkit.Buffer{}
	child.Stdout, child.Stderr = logs, logs
	return child, logs
}

// The real process exits with code 0 on SIGTERM and Ctrl-C, 1 after a failure and 2
// after wrong usage.
func TestProcess(t *testing.T) {
	url := dbtest.New(t).As(dbtest.Reader)
	for _, signal := range []os.Signal{syscall.SIGTERM, os.Interrupt} {
		child, logs := program(t, "serve", "--addr=127.0.0.1:0", "--admin-addr=off", "--drain-delay=0s", "--database-url", url)
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		if got, _ := testkit.MustGet(t, address(t, logs)+"/healthz"); got != http.StatusOK {
			t.Errorf("/healthz: status %d", got)
		}
		if err := child.Process.Signal(signal); err != nil {
			t.Error(err)
		}
		if err := child.Wait(); err != nil || !strings.Contains(logs.String(), `"msg":"stopped"`) {
			t.Errorf("after %v: %v\n%s", signal, err, logs)
		}
	}
	for want, args := range map[int][]string{0: {"version"}, 2: {"brew"}, 1: {"migrate", "--database-url=hunter2"}} {
		child, logs := program(t, args...)
		_ = child.Run() // the exit code says more
		if got := child.ProcessState.ExitCode(); got != want {
			t.Errorf("%v: exit code %d, want %d\n%s", args, got, want, logs)
		}
	}
}

// While the service drains, another SIGTERM changes nothing, and Ctrl-C ends it at once.
func TestCtrlCEndsTheDrain(t *testing.T) {
	child, logs := program(t, "serve", "--addr=127.0.0.1:0", "--admin-addr=off", "--drain-delay=1h",
		"--database-url", dbtest.New(t).As(dbtest.Reader))
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		_ = child.Wait() // the signal is its end
		close(ended)
	}()
	url := address(t, logs)
	send := func(signal os.Signal) {
		if err := child.Process.Signal(signal); err != nil {
			t.Fatal(err)
		}
	}
	if got, _ := testkit.MustGet(t, url+"/healthz"); got != http.StatusOK { // without a visitor it would end at once
		t.Errorf("/healthz: status %d", got)
	}
	send(syscall.SIGTERM)
	testkit.Eventually(t, "the service drains", func() bool { return strings.Contains(logs.String(), `"msg":"draining"`) })
	send(syscall.SIGTERM)
	if got, _ := testkit.MustGet(t, url+"/healthz"); got != http.StatusOK {
		t.Errorf("/healthz after another SIGTERM: status %d", got)
	}
	testkit.Eventually(t, "Ctrl-C ends the process", func() bool {
		_ = child.Process.Signal(os.Interrupt) // it may have ended
		select {
		case <-ended:
			return true
		default:
			return false
		}
	})
}

package process_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"example.com/rates/bench/process"
	"example.com/rates/internal/testkit"
)

func shell(script string) process.Config {
	return process.Config{Path: "/bin/sh", Args: []string{"-c", script}}
}

func TestOutputIsStandardOutput(t *testing.T) {
	got, err := process.Output(t.Context(), shell("echo out; echo complaint >&2"))
	if err != nil || got != "out\n" {
		t.Errorf("got %q, %v", got, err)
	}
}

// The error holds the message of the program.
func TestErrorHoldsTheMessageOfTheProgram(t *testing.T) {
	_, err := process.Output(t.Context(), shell("echo no such thing >&2; exit 3"))
	if err == nil || !strings.Contains(err.Error(), "exit status 3") || !strings.Contains(err.Error(), "no such thing") {
		t.Errorf("got %v", err)
	}
}

// An interruption ends a program and its children at once.
func TestInterruptionEndsTheWholeGroup(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	pidFile := filepath.Join(t.TempDir(), "pid")
	ended := make(chan error, 1)
	go func() {
		_, err := process.Output(ctx, shell("sleep 600 & echo $! > "+pidFile+".new; mv "+pidFile+".new "+pidFile+"; wait"))
		ended <- err
	}()
	pid := strings.TrimSpace(string(waitForFile(t, pidFile)))
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	testkit.Eventually(t, "the child to end", func() bool {
		// A zombie has ended too.
		stat, err := os.ReadFile("/proc/" + pid + "/stat")
		return err != nil || bytes.Contains(stat, []byte(") Z "))
	})
}

func TestStopAsksFirst(t *testing.T) {
	folder := t.TempDir()
	ready, stopped := filepath.Join(folder, "ready"), filepath.Join(folder, "stopped")
	p, err := process.Start(shell("trap 'echo bye > " + stopped + "; exit' TERM; echo > " + ready + "; while :; do sleep 0.01; done"))
	if err != nil {
		t.Fatal(err)
	}
	waitForFile(t, ready)
	p.Stop()
	if _, err := os.Stat(stopped); err != nil {
		t.Errorf("the program was not asked to end: %v", err)
	}
}

func TestExplainAddsTheEndOfTheLog(t *testing.T) {
	log := filepath.Join(t.TempDir(), "log")
	cfg := shell("echo port in use >&2; exit 1")
	cfg.Log = log
	p, err := process.Start(cfg)
	if err != nil {
		t.Fatal(err)
	}
	cause := p.Wait(t.Context())
	if err := p.Explain(cause); !errors.Is(err, cause) || !strings.Contains(err.Error(), "port in use") {
		t.Errorf("got %v", err)
	}
}

// Ctrl-C in a terminal reaches a whole group; programs must be stopped in order
// instead.
func TestProcessLeadsItsOwnGroup(t *testing.T) {
	p, err := process.Start(shell("exec sleep 600"))
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	if group, err := syscall.Getpgid(p.PID()); err != nil || group != p.PID() {
		t.Errorf("its group is %d, %v; want %d", group, err, p.PID())
	}
}

func waitForFile(t *testing.T, path string) []byte {
	t.Helper()
	var content []byte
	testkit.Eventually(t, path, func() (there bool) {
		var err error
		content, err = os.ReadFile(filepath.Clean(path))
		return err == nil
	})
	return content
}

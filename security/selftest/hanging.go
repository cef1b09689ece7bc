package selftest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"example.com/rates/security/scanner"
)

// hanging runs tools that never end: each starts a process and waits for it.
type hanging struct {
	pids    string      // file with the process groups, a line each
	endless atomic.Bool // the gate did not end a tool
}

// longest is how long a tool hangs at most, if the gate does not end it.
const longest = 5 * tooShort

func (h *hanging) run(ctx context.Context, cmd scanner.Command) (scanner.Output, error) {
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	defer time.AfterFunc(longest-tooShort, func() { h.endless.Store(true) }).Stop()
	const script = `echo $$ >>"$0"; sleep 600 & "$@"; wait`
	cmd.Args = append([]string{"-c", script, h.pids, cmd.Path}, cmd.Args...)
	cmd.Path = "/bin/sh"
	return scanner.Run(ctx, cmd)
}

// left names a process group that still runs, or returns "".
func (h *hanging) left() string {
	content, err := os.ReadFile(h.pids)
	if errors.Is(err, fs.ErrNotExist) {
		return "" // the gate timed out before a tool started
	}
	if err != nil {
		return err.Error()
	}
	for _, line := range strings.Fields(string(content)) {
		group, err := strconv.Atoi(line)
		if err != nil {
			return err.Error()
		}
		for deadline := time.Now().Add(5 * time.Second); runs(group); <-time.After(10 * time.Millisecond) {
			if time.Now().After(deadline) {
				return fmt.Sprintf("process group %d", group)
			}
		}
	}
	return ""
}

// runs reports whether a process of the group runs. A zombie, which still exists for
// the kernel, does not.
func runs(group int) bool {
	if errors.Is(syscall.Kill(-group, 0), syscall.ESRCH) {
		return false
	}
	proc := os.DirFS("/proc")
	stats, err := fs.Glob(proc, "[0-9]*/stat")
	if err != nil || len(stats) == 0 {
		return true // without /proc a zombie cannot be recognised
	}
	for _, name := range stats {
		stat, err := fs.ReadFile(proc, name)
		if err != nil {
			continue // it has ended
		}
		// PID (NAME) STATE PPID PGRP …, and the name may hold anything.
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		if len(fields) > 2 && fields[2] == strconv.Itoa(group) && fields[0] != "Z" && fields[0] != "X" {
			return true
		}
	}
	return false
}

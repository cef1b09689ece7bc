package process

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"
	"time"

	"github.com/prometheus/procfs"
)

// Meter reads the use of resources of processes from Linux's /proc.
type Meter struct{ proc procfs.FS }

// NewMeter returns a meter on a proc file system. On a system without one the
// error says so.
func NewMeter(path string) (*Meter, error) {
	proc, err := procfs.NewFS(path)
	if err != nil {
		return nil, fmt.Errorf("time and memory of processes are readable on Linux only: %w", err)
	}
	return &Meter{proc: proc}, nil
}

// Memory is the memory of a process in bytes.
type Memory struct {
	Now  uint64 // resident now
	Peak uint64 // resident, the most since it started
}

// Memory returns the memory of a process.
func (m *Meter) Memory(pid int) (Memory, error) {
	proc, err := m.proc.Proc(pid)
	if err != nil {
		return Memory{}, fmt.Errorf("find process %d: %w", pid, err)
	}
	status, err := proc.NewStatus()
	if err != nil {
		return Memory{}, fmt.Errorf("read the memory of process %d: %w", pid, err)
	}
	if status.VmRSS == 0 || status.VmHWM == 0 {
		return Memory{}, fmt.Errorf("process %d no longer has memory", pid)
	}
	return Memory{Now: status.VmRSS, Peak: status.VmHWM}, nil
}

// CPU returns the user and system time of a process so far, in steps of 10 ms.
func (m *Meter) CPU(pid int) (time.Duration, error) {
	stat, err := m.stat(pid)
	if err != nil {
		return 0, err
	}
	return ticks(stat.UTime + stat.STime), nil
}

// TreeCPU is CPU of a process and its children, including those that ended. It
// reads again if a child ended meanwhile, whose time would be missing or counted
// twice.
func (m *Meter) TreeCPU(pid int) (time.Duration, error) {
	before, err := m.stat(pid)
	if err != nil {
		return 0, err
	}
	for {
		children, err := m.childrenCPU(pid)
		if err != nil {
			return 0, err
		}
		after, err := m.stat(pid)
		if err != nil {
			return 0, err
		}
		if after.CUTime == before.CUTime && after.CSTime == before.CSTime {
			ended := uint(after.CUTime + after.CSTime)
			return ticks(after.UTime+after.STime+ended) + children, nil
		}
		before = after
	}
}

// childrenCPU returns the time of the children that have not ended.
func (m *Meter) childrenCPU(pid int) (sum time.Duration, err error) {
	all, err := m.proc.AllProcs()
	if err != nil {
		return 0, fmt.Errorf("list processes: %w", err)
	}
	for _, proc := range all {
		stat, err := proc.Stat()
		if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ESRCH) {
			continue // it has just ended
		}
		if err != nil {
			return 0, fmt.Errorf("read the time of process %d: %w", proc.PID, err)
		}
		if stat.PPID == pid {
			sum += ticks(stat.UTime + stat.STime)
		}
	}
	return sum, nil
}

// Parent returns the id of the process that started the given one.
func (m *Meter) Parent(pid int) (int, error) {
	stat, err := m.stat(pid)
	return stat.PPID, err
}

func (m *Meter) stat(pid int) (procfs.ProcStat, error) {
	proc, err := m.proc.Proc(pid)
	if err != nil {
		return procfs.ProcStat{}, fmt.Errorf("find process %d: %w", pid, err)
	}
	stat, err := proc.Stat()
	if err != nil {
		return procfs.ProcStat{}, fmt.Errorf("read the time of process %d: %w", pid, err)
	}
	return stat, nil
}

// ticks converts the unit of /proc, a hundredth of a second whatever the kernel
// counts in.
func ticks(n uint) time.Duration {
	return time.Duration(n) * (time.Second / 100) // #nosec G115 -- a process that worked for 292 years is not measured here
}

// WaitPeak waits for a process and returns its peak memory in bytes, except in its
// last milliseconds. A nil meter returns 0.
func (m *Meter) WaitPeak(ctx context.Context, p *Process) (uint64, error) {
	if m == nil {
		return 0, p.Wait(ctx)
	}
	const pause = 20 * time.Millisecond
	tick := time.NewTicker(pause)
	defer tick.Stop()
	var peak uint64
	for {
		select {
		case <-p.Done():
			return peak, p.Wait(ctx)
		case <-ctx.Done():
			return peak, p.Wait(ctx)
		case <-tick.C:
			if memory, err := m.Memory(p.PID()); err == nil { // else it has just ended
				peak = memory.Peak
			}
		}
	}
}

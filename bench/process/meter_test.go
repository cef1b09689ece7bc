package process_test

import (
	"testing"
	"time"

	"example.com/rates/bench/process"
)

// The recorded /proc in testdata: a PostgreSQL server with 20 ms of its own and 10
// ms of ended children, two of its processes, one with 560 ms, and an unrelated
// shell.
const (
	server  = 19686
	backend = 19698
	thread  = 19700 // of the kernel, which has no memory of its own
)

func recorded(t *testing.T) *process.Meter {
	t.Helper()
	meter, err := process.NewMeter("testdata/proc")
	if err != nil {
		t.Fatal(err)
	}
	return meter
}

func TestCPUIsUserAndSystemTime(t *testing.T) {
	got, err := recorded(t).CPU(backend)
	if want := 560 * time.Millisecond; err != nil || got != want {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func TestTreeCPUIncludesEndedChildren(t *testing.T) {
	got, err := recorded(t).TreeCPU(server)
	if want := (20 + 10 + 560) * time.Millisecond; err != nil || got != want {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

func TestParent(t *testing.T) {
	got, err := recorded(t).Parent(backend)
	if err != nil || got != server {
		t.Errorf("got %d, %v; want %d", got, err, server)
	}
}

func TestMemoryIsNowAndPeak(t *testing.T) {
	got, err := recorded(t).Memory(backend)
	want := process.Memory{Now: 13544 * 1024, Peak: 62324 * 1024}
	if err != nil || got != want {
		t.Errorf("got %v, %v; want %v", got, err, want)
	}
}

// An ending process has no memory; that is no figure of 0.
func TestNoMemoryIsAnError(t *testing.T) {
	if got, err := recorded(t).Memory(thread); err == nil {
		t.Errorf("got %v and no error", got)
	}
}

func TestProcessThatEndedIsAnError(t *testing.T) {
	if got, err := recorded(t).CPU(1); err == nil {
		t.Errorf("got %v and no error", got)
	}
}

func TestSystemWithoutProcIsAnError(t *testing.T) {
	if _, err := process.NewMeter("testdata/none"); err == nil {
		t.Error("no error")
	}
}

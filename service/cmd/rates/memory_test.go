package main

import (
	"errors"
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"

	"github.com/KimMachineGun/automemlimit/memlimit"

	"example.com/rates/internal/testkit"
)

const mebibyte = 1 << 20

// Only the container limits memory, and the user's own limit comes first.
func TestLimitMemory(t *testing.T) {
	for _, test := range []struct {
		name      string
		container memlimit.Provider
		own       string // the user's own setting
		want      int64
	}{
		{"in a container", memlimit.Limit(1000 * mebibyte), "", 900 * mebibyte},
		{"in a container without a limit", func() (uint64, error) { return 0, memlimit.ErrNoLimit }, "", math.MaxInt64},
		{"without a container", func() (uint64, error) { return 0, errors.New("no cgroup") }, "", math.MaxInt64},
		{"with GOMEMLIMIT", memlimit.Limit(1000 * mebibyte), "off", math.MaxInt64},
	} {
		t.Run(test.name, func(t *testing.T) {
			before := debug.SetMemoryLimit(math.MaxInt64)
			defer debug.SetMemoryLimit(before)
			unset(t, "GOMEMLIMIT")
			if test.own != "" {
				t.Setenv("GOMEMLIMIT", test.own)
			}
			t.Setenv("GOGC", "100")
			limitMemory(test.container)
			if got := debug.SetMemoryLimit(-1); got != test.want {
				t.Errorf("the limit is %d bytes, want %d", got, test.want)
			}
		})
	}
}

// A small heap may grow by 16 MiB, a large one by half.
func TestGrowth(t *testing.T) {
	for inUse, want := range map[uint64]int{
		0: 400, 4 * mebibyte: 400, 8 * mebibyte: 200, 16 * mebibyte: 100, 32 * mebibyte: 50, 70 * mebibyte: 50, 1 << 40: 50,
	} {
		if got := growth(inUse); got != want {
			t.Errorf("%d bytes may grow by %d %%, want %d", inUse, got, want)
		}
	}
}

// GOGC follows what is in use, unless the user has set it.
func TestGrowthFollowsTheHeap(t *testing.T) {
	const own = 77
	before := debug.SetGCPercent(own)
	defer debug.SetGCPercent(before)
	gogc := func() int {
		sample := []metrics.Sample{{Name: "/gc/gogc:percent"}}
		metrics.Read(sample)
		return int(sample[0].Value.Uint64())
	}
	t.Setenv("GOGC", "77")
	limitMemory(memlimit.Limit(math.MaxInt64))
	if got := gogc(); got != own {
		t.Errorf("GOGC is %d, and the user has set %d", got, own)
	}
	unset(t, "GOGC")
	limitMemory(memlimit.Limit(math.MaxInt64))
	large := make([]byte, 64*mebibyte)
	testkit.Eventually(t, "a large heap grows by half", func() bool {
		runtime.GC()
		return gogc() == 50
	})
	runtime.KeepAlive(large)
	testkit.Eventually(t, "a small heap grows by more", func() bool {
		runtime.GC()
		return gogc() > 100
	})
}

// unset removes variables of the environment until the test ends.
func unset(t *testing.T, names ...string) {
	t.Helper()
	for _, name := range names {
		t.Setenv(name, "") // restores it at the end
		if err := os.Unsetenv(name); err != nil {
			t.Fatal(err)
		}
	}
}

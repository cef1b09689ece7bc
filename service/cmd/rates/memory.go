package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"

	"github.com/KimMachineGun/automemlimit/memlimit"
)

// limitMemory keeps the heap below 90 % of what the container may use, and lets it
// grow by a share of what is in use between collections of garbage. The variables
// GOMEMLIMIT and GOGC take precedence. A container whose limit cannot be read has
// none.
func limitMemory(container memlimit.Provider) {
	const share = 0.9
	_, _ = memlimit.Set(memlimit.WithProvider(container), memlimit.WithRatio(share))
	if os.Getenv("GOGC") == "" {
		adjustGrowth()
	}
}

// collected is garbage that ends with each collection.
type collected struct{ _ *collected } // a pointer, so that it shares memory with nothing else

// adjustGrowth sets GOGC, now and after each collection.
func adjustGrowth() {
	sample := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	metrics.Read(sample)
	debug.SetGCPercent(growth(sample[0].Value.Uint64()))
	runtime.AddCleanup(&collected{}, func(struct{}) { adjustGrowth() }, struct{}{})
}

// growth returns by how many percent a heap with so many bytes in use may grow: by
// half, but by 16 MiB if that is more. A small heap would be collected all the time,
// and a large one, which is mostly the cache, would take several times its size.
func growth(inUse uint64) (percent int) {
	const least, half, most = 16 << 20, 50, 400 // at 400 %, the smallest heap of Go is 16 MiB
	if inUse <= least*100/most {
		return most
	}
	return max(half, int(least*100/inUse)) // #nosec G115 -- less than most
}

package compare

import (
	"context"
	"fmt"
	"regexp"
	"time"

	"example.com/rates/bench/process"
	"example.com/rates/bench/subject"
)

// measureIdle reads the memory of a service after one answer.
func (b *bench) measureIdle() {
	if memory, ok := b.memory("idle memory", b.rows.of(hotRow)); ok {
		b.idle = memory.Now
	}
}

// measureBusy reads the peak memory after all load.
func (b *bench) measureBusy() {
	for _, id := range []string{hotRow, coldRow} {
		if memory, ok := b.memory("memory under load", b.rows.of(id)); ok {
			b.busy[id] = memory.Peak
		}
	}
}

func (b *bench) memory(what string, row *row) (process.Memory, bool) {
	if b.Meter == nil {
		return process.Memory{}, false
	}
	memory, err := b.Meter.Memory(row.server.PID())
	if err != nil {
		b.fail(what, err)
	}
	return memory, err == nil
}

// full is the memory of a service with a full cache.
type full struct {
	boundMB   int // MiB
	questions int64
	memory    process.Memory
}

func (b *bench) measureFullCache(ctx context.Context) {
	if b.Meter == nil {
		return
	}
	for _, boundMB := range b.CacheMB {
		if ctx.Err() != nil {
			return
		}
		b.Log.Printf("fill a cache of %d MiB", boundMB)
		filled, err := b.fillCache(ctx, boundMB)
		if err != nil {
			b.fail(fmt.Sprintf("memory with a full cache of %d MiB", boundMB), err)
			continue
		}
		b.full = append(b.full, filled)
	}
}

// fillCache measures a service whose cache is full.
func (b *bench) fillCache(ctx context.Context, boundMB int) (full, error) {
	const days = 31
	server, err := b.Program.Serve(ctx, b.Folder, portPair, b.db, boundMB)
	if err != nil {
		return full{}, err
	}
	defer server.Stop()
	asked, err := server.FillCache(ctx, b.db, days, boundMB)
	if err != nil {
		return full{}, err
	}
	memory, err := b.Meter.Memory(server.PID())
	return full{boundMB: boundMB, questions: asked, memory: memory}, err
}

// measureStarts measures the time from the start of the process to its first
// answer, with a running database.
func (b *bench) measureStarts(ctx context.Context) {
	for i := range b.Starts {
		if ctx.Err() != nil {
			return
		}
		b.Log.Printf("start %d of %d", i+1, b.Starts)
		server, err := b.Program.Serve(ctx, b.Folder, portPair, b.db, defaultCacheMB)
		if err != nil {
			b.fail("start to first answer", err)
			return
		}
		server.Stop()
		b.starts = append(b.starts, float64(server.FirstAnswer)/float64(time.Millisecond))
	}
}

// measureAllocations runs the benchmarks of the HTTP side.
func (b *bench) measureAllocations(ctx context.Context) {
	if ctx.Err() != nil {
		return
	}
	b.Log.Printf("run the benchmarks of service/httpapi")
	out, err := process.Output(ctx, process.Config{
		Path: "go", Dir: subject.Checkout,
		Args: []string{"test", "-run=^$", "-bench=.", "-benchmem", "./service/httpapi"},
	})
	if err != nil {
		b.fail("allocations", err)
		return
	}
	b.gobench = parseGoBench(out)
}

var goBenchLine = regexp.MustCompile(`(?m)^Benchmark\S+\s+\d+\s.*\ballocs/op.*$`)

// parseGoBench returns the lines of benchmarks from the output of go test.
func parseGoBench(out string) []string { return goBenchLine.FindAllString(out, -1) }

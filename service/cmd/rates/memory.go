package main

import (
	"os"
	"runtime/debug"
)

// limitMemory lets a small process collect garbage less often than by default, and
// limits a process with a full cache to the cache and a little more. The variables
// GOGC and GOMEMLIMIT take precedence.
func limitMemory(cacheMB int) {
	const (
		percent  = 400
		besides  = 24 // MiB for everything but the cache
		mebibyte = 1 << 20
	)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(cacheMB+besides) * mebibyte)
	}
}

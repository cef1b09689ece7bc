package main

import (
	"os"
	"runtime/debug"
)

// limitMemory lets a small process collect garbage less often than Go would by
// default, and a full one keep to its cache and a little more. The variables
// GOGC and GOMEMLIMIT have the last word.
func limitMemory(cacheMB int) {
	const (
		percent  = 400
		besides  = 24 // MiB for all but the cache
		mebibyte = 1 << 20
	)
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(percent)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(int64(cacheMB+besides) * mebibyte)
	}
}

package postgres

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// history remembers which versions of the data there are, and since when there are
// newer data than an older answer has.
type history struct {
	newest atomic.Int64 // version that is known to exist
	told   atomic.Int64 // the newest version that a client was told of

	mu    sync.Mutex
	known []change // by version
}

// change says that versions up to this one have been known since then.
type change struct {
	version int64
	at      time.Time
}

// Changes that come closer together than changesApart are taken for one, so that
// mostChanges reach back at least mostLag, however often the data change.
const (
	changesApart = 50 * time.Millisecond
	mostChanges  = int(MaxLag/changesApart) * 2
)

// Told returns the newest version that a client was told of.
func (h *history) Told() int64 { return h.told.Load() }

// Newest returns the newest version that is known to exist.
func (h *history) Newest() int64 { return h.newest.Load() }

// Behind returns for how long there have been newer data than those of a version,
// 0 if none are known.
func (h *history) Behind(version int64) time.Duration { return h.behind(version, time.Now()) }

// exists notes that there are data of a version.
func (h *history) exists(version int64) {
	if raise(&h.newest, version) {
		h.add(version, time.Now())
	}
}

// lost notes that the versions after the given one do not exist any longer, unless
// one has become known since then. It reports whether it has done so.
func (h *history) lost(known, version int64) bool {
	if version >= known || !h.newest.CompareAndSwap(known, version) {
		return false
	}
	h.told.Store(min(h.told.Load(), version))
	h.mu.Lock()
	defer h.mu.Unlock()
	h.known = h.known[:h.after(version)]
	return true
}

func (h *history) add(version int64, now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.known) > 0 {
		switch last := &h.known[len(h.known)-1]; {
		case version <= last.version:
			return
		case now.Sub(last.at) < changesApart:
			last.version = version
			return
		}
	}
	if len(h.known) == mostChanges {
		h.known = slices.Delete(h.known, 0, mostChanges/2)
	}
	h.known = append(h.known, change{version, now})
}

func (h *history) behind(version int64, now time.Time) time.Duration {
	h.mu.Lock()
	defer h.mu.Unlock()
	next := h.after(version)
	if next == len(h.known) {
		return 0
	}
	return max(now.Sub(h.known[next].at), 1)
}

// after returns the index of the first change after a version.
func (h *history) after(version int64) int {
	next, _ := slices.BinarySearchFunc(h.known, version+1, func(c change, version int64) int {
		return cmp.Compare(c.version, version)
	})
	return next
}

// raise sets number to at least value, and reports whether it was less.
func raise(number *atomic.Int64, value int64) bool {
	for {
		now := number.Load()
		if value <= now {
			return false
		}
		if number.CompareAndSwap(now, value) {
			return true
		}
	}
}

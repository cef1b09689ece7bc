package postgres

import (
	"cmp"
	"slices"
	"sync"
	"time"
)

// changes remembers since when there are newer data than an older answer has.
type changes struct {
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

// add remembers a version that has just become known.
func (c *changes) add(version int64, now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.known) > 0 {
		switch last := &c.known[len(c.known)-1]; {
		case version <= last.version:
			return
		case now.Sub(last.at) < changesApart:
			last.version = version
			return
		}
	}
	if len(c.known) == mostChanges {
		c.known = slices.Delete(c.known, 0, mostChanges/2)
	}
	c.known = append(c.known, change{version, now})
}

// forget forgets the versions after the given one: they do not exist any longer.
func (c *changes) forget(version int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.known = c.known[:c.after(version)]
}

// behind returns for how long there have been newer data than those of a version,
// 0 if there are none.
func (c *changes) behind(version int64, now time.Time) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	next := c.after(version)
	if next == len(c.known) {
		return 0
	}
	return max(now.Sub(c.known[next].at), 1)
}

// after returns the index of the first change after a version.
func (c *changes) after(version int64) int {
	next, _ := slices.BinarySearchFunc(c.known, version+1, func(c change, version int64) int {
		return cmp.Compare(c.version, version)
	})
	return next
}

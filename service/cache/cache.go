// Package cache keeps values in memory, each for one version of the data that
// it was made from.
package cache

import (
	"context"
	"fmt"
	"math"
	"runtime/debug"
	"sync"
	"sync/atomic"

	"github.com/maypok86/otter/v2"
)

// Cache holds values up to a number of bytes. It returns a value only for the
// version of the data that the caller knows to be current.
type Cache[K comparable, V any] struct {
	values       *otter.Cache[K, versioned[V]]
	hits, misses atomic.Uint64

	mu      sync.Mutex
	flights map[flightKey[K]]*flight[K, V]
}

// versioned is a value with the version of the data that it was made from.
type versioned[V any] struct {
	version int64
	value   V
}

// overhead is how many bytes the cache itself needs for a value.
// TestMemoryStaysWithinTheBound checks that it is enough.
const overhead = 256

// New returns a cache of at most maxBytes, at least 1. weigh returns how many
// bytes a key and its value take.
func New[K comparable, V any](maxBytes uint64, weigh func(K, V) int) (*Cache[K, V], error) {
	values, err := otter.New(&otter.Options[K, versioned[V]]{
		MaximumWeight: maxBytes,
		Weigher: func(key K, v versioned[V]) uint32 {
			return uint32(min(max(weigh(key, v.value), 0)+overhead, math.MaxUint32))
		},
	})
	if err != nil {
		return nil, fmt.Errorf("make the cache: %w", err)
	}
	return &Cache[K, V]{values: values, flights: map[flightKey[K]]*flight[K, V]{}}, nil
}

// Get returns the value for a version of the data, if the cache has it.
func (c *Cache[K, V]) Get(key K, version int64) (value V, ok bool) {
	kept, ok := c.values.GetIfPresent(key)
	if !ok || kept.version != version {
		c.misses.Add(1)
		return value, false
	}
	c.hits.Add(1)
	return kept.value, true
}

// Reweigh weighs a value again, if the cache has it: it has come to take more memory.
func (c *Cache[K, V]) Reweigh(key K) {
	c.values.ComputeIfPresent(key, func(kept versioned[V]) (versioned[V], otter.ComputeOp) { return kept, otter.WriteOp })
}

// Stats are the figures of a cache.
type Stats struct {
	Hits, Misses uint64 // of Get
	Bytes        uint64 // by weight
	Entries      int    // roughly
}

// Stats returns the figures of the cache as of now.
func (c *Cache[K, V]) Stats() Stats {
	return Stats{
		Hits: c.hits.Load(), Misses: c.misses.Load(),
		Bytes: c.values.WeightedSize(), Entries: c.values.EstimatedSize(),
	}
}

// A Loader makes a value, and returns the version of the data that it was made
// from.
type Loader[V any] func(context.Context) (value V, version int64, err error)

// flightKey includes the version: a caller that asks after a change must not
// get a value from before.
type flightKey[K comparable] struct {
	key     K
	version int64
}

// flight is one call of a Loader for everyone who waits for its value.
type flight[K comparable, V any] struct {
	key     flightKey[K]
	done    chan struct{} // closed once value and err are set
	value   V
	err     error
	waiting int // callers that wait
	cancel  context.CancelFunc
}

// Load calls load and keeps its value. Callers that ask for the same key at the
// same version at the same time share one call, whose context ends when none of
// them waits any longer.
func (c *Cache[K, V]) Load(ctx context.Context, key K, version int64, load Loader[V]) (value V, err error) {
	f := c.join(ctx, flightKey[K]{key, version}, load)
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		c.leave(f)
		return value, ctx.Err()
	}
}

func (c *Cache[K, V]) join(ctx context.Context, key flightKey[K], load Loader[V]) *flight[K, V] {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f, ok := c.flights[key]; ok {
		f.waiting++
		return f
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight[K, V]{key: key, done: make(chan struct{}), waiting: 1, cancel: cancel}
	c.flights[key] = f
	go func() {
		defer cancel()
		c.fly(ctx, f, load)
	}()
	return f
}

func (c *Cache[K, V]) fly(ctx context.Context, f *flight[K, V], load Loader[V]) {
	defer func() {
		if cause := recover(); cause != nil {
			f.err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
		c.mu.Lock()
		c.forget(f)
		c.mu.Unlock()
		close(f.done)
	}()
	var version int64
	f.value, version, f.err = load(ctx)
	if f.err == nil {
		c.values.Set(f.key.key, versioned[V]{version, f.value})
	}
}

func (c *Cache[K, V]) leave(f *flight[K, V]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f.waiting--
	if f.waiting == 0 {
		f.cancel()
		c.forget(f)
	}
}

// forget makes later callers start a flight of their own. After everyone has
// left f, another flight may have its place.
func (c *Cache[K, V]) forget(f *flight[K, V]) {
	if c.flights[f.key] == f {
		delete(c.flights, f.key)
	}
}

// Package cache keeps encoded answers in memory, each for one state of the
// data.
package cache

import (
	"context"
	"fmt"
	"math"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/maypok86/otter/v2"

	"example.com/rates/service/rates"
)

// Key is a question and the form its answer is wanted in.
type Key struct {
	Query rates.Query
	Media string
}

// Answer is an encoded answer. It is shared: nobody may change what it holds.
type Answer struct {
	Version int64    // of the data it was read from
	Tag     []string // the ETag header
	Length  []string // the Content-Length header
	Body    []byte
}

// Cache holds answers up to a number of bytes. It gives an answer only for the
// version of the data that the caller knows to be current.
type Cache struct {
	answers *otter.Cache[Key, *Answer]

	mu      sync.Mutex
	flights map[flightKey]*flight
}

// New returns a cache of at most so many bytes, at least 1.
func New(bytes uint64) (*Cache, error) {
	answers, err := otter.New(&otter.Options[Key, *Answer]{MaximumWeight: bytes, Weigher: weigh})
	if err != nil {
		return nil, fmt.Errorf("make the cache: %w", err)
	}
	return &Cache{answers: answers, flights: map[flightKey]*flight{}}, nil
}

// overhead is what an answer costs besides its body: the key with its strings,
// the headers, and the cache's own entry. TestMemoryStaysWithinTheBound
// measures that it is enough.
const overhead = 640

func weigh(_ Key, a *Answer) uint32 {
	return uint32(min(cap(a.Body)+overhead, math.MaxUint32))
}

// Get returns the answer for the given version of the data, if it is there.
func (c *Cache) Get(key Key, version int64) (*Answer, bool) {
	answer, ok := c.answers.GetIfPresent(key)
	if !ok || answer.Version != version {
		return nil, false
	}
	return answer, true
}

// Bytes returns how much is held, and Len how many answers these are.
func (c *Cache) Bytes() uint64 { return c.answers.WeightedSize() }

// Len returns how many answers are held, roughly.
func (c *Cache) Len() int { return c.answers.EstimatedSize() }

// flightKey is part of a flight's name: who asks once the data have changed
// must not be given an answer from before.
type flightKey struct {
	Key
	version int64
}

// flight is a question that is being answered for everyone who asks it.
type flight struct {
	key     flightKey
	done    chan struct{} // closed once answer and err are set
	answer  *Answer
	err     error
	waiting int // how many wait for it
	cancel  context.CancelFunc
}

// Load returns what load makes of a question asked at the given version. Many
// who ask the same at the same time share one call of load; its context ends
// when none of them waits any more. What it returns is kept.
func (c *Cache) Load(ctx context.Context, key Key, version int64, load func(context.Context) (*Answer, error)) (*Answer, error) {
	f := c.join(ctx, flightKey{key, version}, load)
	select {
	case <-f.done:
		return f.answer, f.err
	case <-ctx.Done():
		c.leave(f)
		return nil, ctx.Err()
	}
}

func (c *Cache) join(ctx context.Context, key flightKey, load func(context.Context) (*Answer, error)) *flight {
	c.mu.Lock()
	defer c.mu.Unlock()
	if f, ok := c.flights[key]; ok {
		f.waiting++
		return f
	}
	// The strings of a key may be part of a request's buffer.
	key.Query.Origin = rates.Place(strings.Clone(string(key.Query.Origin)))
	key.Query.Destination = rates.Place(strings.Clone(string(key.Query.Destination)))
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	f := &flight{key: key, done: make(chan struct{}), waiting: 1, cancel: cancel}
	c.flights[key] = f
	go c.fly(ctx, f, load)
	return f
}

func (c *Cache) fly(ctx context.Context, f *flight, load func(context.Context) (*Answer, error)) {
	defer f.cancel()
	defer func() {
		if cause := recover(); cause != nil {
			f.err = fmt.Errorf("panic: %v\n%s", cause, debug.Stack())
		}
		c.mu.Lock()
		c.forget(f)
		c.mu.Unlock()
		close(f.done)
	}()
	f.answer, f.err = load(ctx)
	if f.err == nil {
		c.answers.Set(f.key.Key, f.answer)
	}
}

func (c *Cache) leave(f *flight) {
	c.mu.Lock()
	defer c.mu.Unlock()
	f.waiting--
	if f.waiting == 0 {
		f.cancel()
		c.forget(f)
	}
}

// forget takes no more callers on board. Another flight may have taken the
// place of one that everybody left.
func (c *Cache) forget(f *flight) {
	if c.flights[f.key] == f {
		delete(c.flights, f.key)
	}
}

package cache_test

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"example.com/rates/internal/testkit"
	"example.com/rates/service/cache"
)

const mebibyte = 1 << 20

type testCache = cache.Cache[int, []byte]

func newCache(t *testing.T, bytes uint64) *testCache {
	t.Helper()
	c, err := cache.New(bytes, func(_ int, value []byte) int { return cap(value) })
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// value returns a loader of the value for a version.
func value(version int64) cache.Loader[[]byte] {
	return func(context.Context) ([]byte, int64, error) {
		return fmt.Appendf(nil, "value of %d", version), version, nil
	}
}

func mustLoad(t *testing.T, c *testCache, key int, version int64, load cache.Loader[[]byte]) {
	t.Helper()
	if _, err := c.Load(t.Context(), key, version, load); err != nil {
		t.Fatal(err)
	}
}

func TestGetReturnsAValueForItsVersionOnly(t *testing.T) {
	c := newCache(t, mebibyte)
	if _, ok := c.Get(1, 7); ok {
		t.Error("an empty cache has a value")
	}
	mustLoad(t, c, 1, 7, value(7))
	if got, ok := c.Get(1, 7); !ok || string(got) != "value of 7" {
		t.Errorf("for version 7: %q, %v", got, ok)
	}
	for _, other := range []int64{6, 8} {
		if _, ok := c.Get(1, other); ok {
			t.Errorf("the value of version 7 is returned for %d", other)
		}
	}
	if _, ok := c.Get(2, 7); ok {
		t.Error("the value of another key is returned")
	}
}

// The data may change between the moment a version was known and the moment the
// value was made.
func TestAValueIsKeptUnderTheVersionItWasMadeFrom(t *testing.T) {
	c := newCache(t, mebibyte)
	mustLoad(t, c, 1, 7, value(8))
	if _, ok := c.Get(1, 7); ok {
		t.Error("the value of version 8 is returned for 7")
	}
	if _, ok := c.Get(1, 8); !ok {
		t.Error("the value of version 8 is missing")
	}
}

func TestConcurrentLoadsOfAKeyShareOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, mebibyte)
		release := make(chan struct{})
		var loads int
		load := func(ctx context.Context) ([]byte, int64, error) {
			loads++
			<-release
			return value(7)(ctx)
		}
		var asking sync.WaitGroup
		for range 10 {
			asking.Go(func() { mustLoad(t, c, 1, 7, load) })
		}
		synctest.Wait()
		close(release)
		asking.Wait()
		if loads != 1 {
			t.Errorf("%d calls for one key", loads)
		}
	})
}

// Joining a load from before a change would return a value that is older than
// the question.
func TestALoadAfterAChangeDoesNotJoinOneFromBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, mebibyte)
		release := make(chan struct{})
		var before sync.WaitGroup
		before.Go(func() {
			mustLoad(t, c, 1, 7, func(ctx context.Context) ([]byte, int64, error) {
				<-release
				return value(7)(ctx)
			})
		})
		synctest.Wait()
		got, err := c.Load(t.Context(), 1, 8, value(8))
		if err != nil || string(got) != "value of 8" {
			t.Errorf("got %q, %v, want the value of version 8", got, err)
		}
		close(release)
		before.Wait()
	})
}

func TestALoadEndsWhenNobodyWaitsForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, mebibyte)
		ended := make(chan struct{})
		load := func(ctx context.Context) ([]byte, int64, error) {
			<-ctx.Done()
			close(ended)
			return nil, 0, ctx.Err()
		}
		first, hangUpFirst := context.WithCancel(t.Context())
		second, hangUpSecond := context.WithCancel(t.Context())
		for _, ctx := range []context.Context{first, second} {
			go func() { _, _ = c.Load(ctx, 1, 7, load) }()
		}
		synctest.Wait()
		hangUpFirst()
		synctest.Wait()
		select {
		case <-ended:
			t.Fatal("the load ended though a caller waits")
		default:
		}
		hangUpSecond()
		synctest.Wait()
		select {
		case <-ended:
		default:
			t.Fatal("the load goes on though no caller waits")
		}
	})
}

func TestAFailureIsReportedAndForgotten(t *testing.T) {
	c := newCache(t, mebibyte)
	away := errors.New("away")
	_, err := c.Load(t.Context(), 1, 7, func(context.Context) ([]byte, int64, error) { return nil, 0, away })
	if !errors.Is(err, away) {
		t.Errorf("got %v, want %v", err, away)
	}
	_, err = c.Load(t.Context(), 1, 7, func(context.Context) ([]byte, int64, error) { panic("boom") })
	if err == nil || !strings.Contains(err.Error(), "panic: boom") {
		t.Errorf("got %v, want the panic", err)
	}
	mustLoad(t, c, 1, 7, value(7))
}

func TestStats(t *testing.T) {
	c := newCache(t, mebibyte)
	c.Get(1, 7)
	mustLoad(t, c, 1, 7, value(7))
	c.Get(1, 7)
	c.Get(1, 7)
	c.Get(1, 8)
	got := c.Stats()
	if got.Hits != 2 || got.Misses != 2 || got.Entries != 1 {
		t.Errorf("got %+v", got)
	}
	testkit.Eventually(t, "the value is weighed", func() bool { return c.Stats().Bytes >= uint64(len("value of 7")) })
}

func TestMemoryStaysWithinTheBound(t *testing.T) {
	const bound = 4 * mebibyte
	for _, size := range []int{64, 1700, 64 << 10} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			before := heap()
			c := newCache(t, bound)
			for key := range 3 * bound / (size + 256) {
				mustLoad(t, c, key, 7, func(context.Context) ([]byte, int64, error) { return make([]byte, size), 7, nil })
			}
			// The cache evicts in the background.
			testkit.Eventually(t, "the cache keeps to its bound by its own count", func() bool { return c.Stats().Bytes <= bound })
			if c.Stats().Entries == 0 {
				t.Error("the cache is empty")
			}
			if used := heap() - before; used > bound*11/10 {
				t.Errorf("%d values take %d bytes of heap, more than the bound of %d and a tenth", c.Stats().Entries, used, bound)
			} else {
				t.Logf("%d values take %d bytes", c.Stats().Entries, used)
			}
			runtime.KeepAlive(c)
		})
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

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
	"time"

	"example.com/rates/service/cache"
	"example.com/rates/service/rates"
)

const mebibyte = 1 << 20

func newCache(t *testing.T, bytes uint64) *cache.Cache {
	t.Helper()
	c, err := cache.New(bytes)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func key(from rates.Day) cache.Key {
	return cache.Key{Query: rates.Query{From: from, To: from, Origin: "CNGGZ", Destination: "EETLL"}, Media: "application/json"}
}

func answer(version int64) func(context.Context) (*cache.Answer, error) {
	return func(context.Context) (*cache.Answer, error) {
		return &cache.Answer{Version: version, Body: fmt.Appendf(nil, "answer of %d", version)}, nil
	}
}

func mustLoad(t *testing.T, c *cache.Cache, k cache.Key, version int64, load func(context.Context) (*cache.Answer, error)) {
	t.Helper()
	if _, err := c.Load(t.Context(), k, version, load); err != nil {
		t.Fatal(err)
	}
}

func TestAnAnswerIsGivenForItsVersionOnly(t *testing.T) {
	c := newCache(t, mebibyte)
	if _, ok := c.Get(key(1), 7); ok {
		t.Error("an empty cache gave an answer")
	}
	mustLoad(t, c, key(1), 7, answer(7))
	if got, ok := c.Get(key(1), 7); !ok || string(got.Body) != "answer of 7" {
		t.Errorf("for version 7: %v, %v", got, ok)
	}
	for _, other := range []int64{6, 8} {
		if _, ok := c.Get(key(1), other); ok {
			t.Errorf("the answer of version 7 was given for %d", other)
		}
	}
	if _, ok := c.Get(key(2), 7); ok {
		t.Error("the answer to another question was given")
	}
}

// The data may change between the moment a version was known and the moment
// the database answered.
func TestAnAnswerIsKeptUnderTheVersionItWasReadFrom(t *testing.T) {
	c := newCache(t, mebibyte)
	mustLoad(t, c, key(1), 7, answer(8))
	if _, ok := c.Get(key(1), 7); ok {
		t.Error("the answer of version 8 was given for 7")
	}
	if _, ok := c.Get(key(1), 8); !ok {
		t.Error("the answer of version 8 is not there")
	}
}

func TestThoseWhoAskTheSameShareOneLoad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, mebibyte)
		release := make(chan struct{})
		var loads int
		load := func(ctx context.Context) (*cache.Answer, error) {
			loads++
			<-release
			return answer(7)(ctx)
		}
		var asking sync.WaitGroup
		for range 10 {
			asking.Go(func() { mustLoad(t, c, key(1), 7, load) })
		}
		synctest.Wait()
		close(release)
		asking.Wait()
		if loads != 1 {
			t.Errorf("%d loads for one question", loads)
		}
	})
}

// Joining a load that began before a change would give an answer that is older
// than the question.
func TestWhoAsksAfterAChangeDoesNotJoinALoadFromBefore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, mebibyte)
		release := make(chan struct{})
		var before sync.WaitGroup
		before.Go(func() {
			mustLoad(t, c, key(1), 7, func(ctx context.Context) (*cache.Answer, error) {
				<-release
				return answer(7)(ctx)
			})
		})
		synctest.Wait()
		got, err := c.Load(t.Context(), key(1), 8, answer(8))
		if err != nil || got.Version != 8 {
			t.Errorf("got %v, %v, want the answer of version 8", got, err)
		}
		close(release)
		before.Wait()
	})
}

func TestALoadEndsWhenNobodyWaitsForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCache(t, mebibyte)
		ended := make(chan struct{})
		load := func(ctx context.Context) (*cache.Answer, error) {
			<-ctx.Done()
			close(ended)
			return nil, ctx.Err()
		}
		first, hangUpFirst := context.WithCancel(t.Context())
		second, hangUpSecond := context.WithCancel(t.Context())
		for _, ctx := range []context.Context{first, second} {
			go func() { _, _ = c.Load(ctx, key(1), 7, load) }()
		}
		synctest.Wait()
		hangUpFirst()
		synctest.Wait()
		select {
		case <-ended:
			t.Fatal("the load ended though somebody waits")
		default:
		}
		hangUpSecond()
		synctest.Wait()
		select {
		case <-ended:
		default:
			t.Fatal("the load goes on though nobody waits")
		}
	})
}

func TestAFailureIsReportedAndForgotten(t *testing.T) {
	c := newCache(t, mebibyte)
	away := errors.New("away")
	_, err := c.Load(t.Context(), key(1), 7, func(context.Context) (*cache.Answer, error) { return nil, away })
	if !errors.Is(err, away) {
		t.Errorf("got %v, want %v", err, away)
	}
	_, err = c.Load(t.Context(), key(1), 7, func(context.Context) (*cache.Answer, error) { panic("boom") })
	if err == nil || !strings.Contains(err.Error(), "panic: boom") {
		t.Errorf("got %v, want the panic", err)
	}
	mustLoad(t, c, key(1), 7, answer(7))
}

func TestMemoryStaysWithinTheBound(t *testing.T) {
	const bound = 16 * mebibyte
	for _, size := range []int{64, 1700, 64 << 10} {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			before := heap()
			c := newCache(t, bound)
			questions := rates.Day(3 * bound / (size + 640))
			for from := range questions {
				mustLoad(t, c, key(from), 7, func(context.Context) (*cache.Answer, error) {
					return &cache.Answer{
						Version: 7, Tag: []string{fmt.Sprintf("%20d", from)}, Length: []string{fmt.Sprint(1e4 + int(from))},
						Body: make([]byte, size),
					}, nil
				})
			}
			deadline := time.Now().Add(10 * time.Second)
			for c.Bytes() > bound && time.Now().Before(deadline) {
				runtime.Gosched() // the cache evicts in the background
			}
			if c.Bytes() > bound {
				t.Errorf("the cache holds %d bytes by its own count, more than %d", c.Bytes(), bound)
			}
			if c.Len() == 0 {
				t.Error("the cache holds nothing")
			}
			if used := heap() - before; used > bound*11/10 {
				t.Errorf("%d answers take %d bytes of heap, more than the bound of %d and a tenth", c.Len(), used, bound)
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

package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"runtime"
	"testing"

	"example.com/rates/internal/testkit"
	"example.com/rates/service/rates"
)

// The cache keeps to its memory with answers of one day, a month and the longest
// question, with and without their compressed bodies. With the race detector a
// quarter of the memory must do.
func TestCacheKeepsToItsMemory(t *testing.T) {
	bound := int64(4 << 20)
	if raced {
		bound /= 4
	}
	for _, days := range []int{1, 31, 3660} {
		for _, accept := range []string{"identity", "gzip", "gzip, identity;q=0"} {
			t.Run(fmt.Sprintf("%d days as %s", days, accept), func(t *testing.T) {
				p := newHotPath(t, 1)
				p.cfg.Store = variedStore{}
				before := heap()
				answers, err := NewCache(uint64(bound))
				if err != nil {
					t.Fatal(err)
				}
				p.cfg.Cache = answers
				p.handler = New(p.cfg)
				p.request.Header.Set("Accept-Encoding", accept)
				for from := range rates.Day(3 * bound / int64(56*days+640)) {
					p.request.URL.RawQuery = fmt.Sprintf("date_from=%s&date_to=%s&orig_code=CNGGZ&dest_code=EETLL", from, from+rates.Day(days-1))
					p.ask()
				}
				// The cache evicts in the background.
				testkit.Eventually(t, "the cache keeps to its bound by its own count", func() bool { return answers.Stats().Bytes <= uint64(bound) })
				if used := heap() - before; used > bound*11/10 || answers.Stats().Entries == 0 {
					t.Errorf("%d answers take %d bytes of heap, allowed are %d and a tenth", answers.Stats().Entries, used, bound)
				}
				runtime.KeepAlive(answers)
			})
		}
	}
}

// variedStore has a price for each day that is like no other, so that answers do not
// become very small.
type variedStore struct{ rates.Store }

func (variedStore) DailyRates(_ context.Context, q rates.Query) (rates.Answer, error) {
	answer := rates.Answer{Version: 1}
	for day := q.To; day >= q.From; day-- {
		const any32, spread = 2654435761, 100_000
		answer.Rates = append(answer.Rates, rates.DailyRate{Day: day, Total: int64(uint32(day) * any32 % spread), Count: 7})
	}
	return answer, nil
}

// A compressed body counts from the moment when it is made.
func TestCompressedBodiesCount(t *testing.T) {
	p := newHotPath(t, 1)
	testkit.Eventually(t, "the plain answer is counted", func() bool { return p.cfg.Cache.Stats().Bytes > 0 })
	plain := p.cfg.Cache.Stats().Bytes
	p.request.Header.Set("Accept-Encoding", "gzip")
	for range 2 { // the second time it is there already
		p.ask()
		p.check(t, http.StatusOK)
		length := p.writer.bytes
		grown := func() int { return int(p.cfg.Cache.Stats().Bytes - plain) }
		testkit.Eventually(t, "the compressed body is counted", func() bool { return grown() >= length })
		if grown() > length+256 {
			t.Errorf("a compressed body of %d bytes makes the cache grow by %d", length, grown())
		}
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

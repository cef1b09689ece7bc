package httpapi

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"example.com/rates/internal/testkit"
	"example.com/rates/service/rates"
)

// The cache keeps to its memory with answers of one day, a month and the longest
// question.
func TestCacheKeepsToItsMemory(t *testing.T) {
	const bound = 4 << 20
	for _, days := range []int{1, 31, 3660} {
		t.Run(fmt.Sprint(days), func(t *testing.T) {
			before := heap()
			answers, err := NewCache(bound)
			if err != nil {
				t.Fatal(err)
			}
			for from := range rates.Day(3 * bound / (56*days + 640)) {
				q := rates.Query{From: from, To: from + rates.Day(days-1), Origin: "CNGGZ", Destination: "EETLL"}
				key := cacheKey{query: q, form: asJSON}.clone()
				_, err := answers.Load(t.Context(), key, 1, func(context.Context) (*answer, int64, error) {
					return encode(key, rates.Answer{Version: 1 << 40}), 1, nil
				})
				if err != nil {
					t.Fatal(err)
				}
			}
			// The cache evicts in the background.
			testkit.Eventually(t, "the cache keeps to its bound by its own count", func() bool { return answers.Stats().Bytes <= bound })
			if used := heap() - before; used > bound*11/10 || answers.Stats().Entries == 0 {
				t.Errorf("%d answers take %d bytes of heap, allowed are %d and a tenth", answers.Stats().Entries, used, bound)
			}
			runtime.KeepAlive(answers)
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

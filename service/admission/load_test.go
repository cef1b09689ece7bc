package admission_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/rates/service/admission"
)

// Under any load the slots stay in use, whoever is let in is done soon, and whoever
// is not learns it at once.
func TestOverload(t *testing.T) {
	const (
		slots    = 16
		patience = 100 * time.Millisecond
		soon     = 250 * time.Millisecond
		last     = 10 * time.Second
	)
	for _, stay := range []time.Duration{5 * time.Millisecond, 60 * time.Millisecond, 200 * time.Millisecond} {
		for _, times := range []int{1, 2, 5, 10} {
			t.Run(fmt.Sprintf("%v, %d times the capacity", stay, times), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					q := admission.New(admission.Config{Slots: slots, Most: 256, Patience: patience})
					done, refused := overload(t, q, stay, stay/time.Duration(slots*times), last)
					capacity := int(slots * last / stay)
					if len(done) < capacity*9/10 {
						t.Errorf("%d were done, and there was time for %d", len(done), capacity)
					}
					if got, want := percentile99(done), max(soon, 4*stay); got > want {
						t.Errorf("p99 of those let in is %v, want at most %v", got, want)
					}
					if got := percentile99(refused); got > 0 {
						t.Errorf("p99 of those refused is %v, want 0", got)
					}
				})
			})
		}
	}
}

// overload sends callers in at a fixed pace. It returns how long those who went in
// took, and those who were refused.
func overload(t *testing.T, q *admission.Queue, stay, pace, last time.Duration) (done, refused []time.Duration) {
	t.Helper()
	var (
		mu    sync.Mutex
		group sync.WaitGroup
	)
	for begun := time.Now(); time.Since(begun) < last; time.Sleep(pace) {
		arrived := time.Now()
		group.Go(func() {
			leave, err := q.Enter(t.Context())
			if err == nil {
				time.Sleep(stay)
				leave()
			}
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				done = append(done, time.Since(arrived))
			} else {
				refused = append(refused, time.Since(arrived))
			}
		})
	}
	group.Wait()
	return done, refused
}

func percentile99(times []time.Duration) time.Duration {
	if len(times) == 0 {
		return 0
	}
	slices.Sort(times)
	return times[len(times)*99/100]
}

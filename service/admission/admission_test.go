package admission_test

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"example.com/rates/service/admission"
)

// enter goes in, which must work at once.
func enter(t *testing.T, q *admission.Queue) (leave func()) {
	t.Helper()
	began := time.Now()
	leave, err := q.Enter(t.Context())
	if err != nil || time.Since(began) > 0 {
		t.Fatalf("went in after %v: %v", time.Since(began), err)
	}
	return leave
}

// wantRefused asks to go in, which must be refused after the given time.
func wantRefused(t *testing.T, q *admission.Queue, after time.Duration) {
	t.Helper()
	began := time.Now()
	_, err := q.Enter(t.Context())
	if took := time.Since(began); !errors.Is(err, admission.ErrRefused) || took != after {
		t.Errorf("after %v: %v; want %v after %v", took, err, admission.ErrRefused, after)
	}
}

// visits makes callers stay for so long, one after another, so that the queue knows.
// It takes two slots, of which one stays taken.
func visits(t *testing.T, q *admission.Queue, stay time.Duration) (leave func()) {
	t.Helper()
	leave = enter(t, q)
	const enough = 100
	for range enough {
		leaveToo := enter(t, q)
		time.Sleep(stay)
		leaveToo()
	}
	return leave
}

// visitor waits for its turn.
type visitor struct {
	leave func()
	err   error
	ended chan struct{}
}

func wait(ctx context.Context, q *admission.Queue) *visitor {
	v := &visitor{ended: make(chan struct{})}
	go func() {
		v.leave, v.err = q.Enter(ctx)
		close(v.ended)
	}()
	synctest.Wait()
	return v
}

func (v *visitor) in() bool {
	synctest.Wait()
	return v.leave != nil
}

// Callers beyond the slots wait, and go in in the order of their arrival.
func TestTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := admission.New(admission.Config{Slots: 2, Most: 9, Patience: time.Second})
		leave, leaveToo := enter(t, q), enter(t, q)
		first, second := wait(t.Context(), q), wait(t.Context(), q)
		if got, want := q.Stats(), (admission.Stats{Inside: 2, Waiting: 2}); got != want {
			t.Errorf("the figures are %+v, want %+v", got, want)
		}
		leave()
		if !first.in() || second.in() {
			t.Errorf("a slot is free: the first is in: %v, the second: %v", first.in(), second.in())
		}
		leaveToo()
		if !second.in() {
			t.Error("another is free, and the second is not in")
		}
		first.leave()
		second.leave()
		if got, want := q.Stats(), (admission.Stats{}); got != want {
			t.Errorf("all have left, and the figures are %+v", got)
		}
	})
}

// There is an upper bound, also below the number of slots.
func TestMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := admission.New(admission.Config{Slots: 2, Most: 1, Patience: time.Second})
		leave := enter(t, q)
		wantRefused(t, q, 0)
		leave()
		enter(t, q)()
		if got, want := q.Stats(), (admission.Stats{Refused: 1}); got != want {
			t.Errorf("the figures are %+v, want %+v", got, want)
		}
	})
}

// Who cannot expect to be done in time is refused at once: two slots, in which
// callers stay for 60 ms, and 150 ms of patience leave room for three to wait.
func TestRefusedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := admission.New(admission.Config{Slots: 2, Most: 99, Patience: 151 * time.Millisecond})
		leave, leaveToo := visits(t, q, 60*time.Millisecond), enter(t, q)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		for range 3 {
			wait(ctx, q)
		}
		wantRefused(t, q, 0)
		if got := q.Stats().Waiting; got != 3 {
			t.Errorf("%d wait, want 3", got)
		}
		cancel()
		leave()
		leaveToo()
	})
}

// While nobody leaves, nobody can expect anything.
func TestStandstill(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const patience = 150 * time.Millisecond
		q := admission.New(admission.Config{Slots: 1, Most: 99, Patience: patience})
		leave := enter(t, q)
		wantRefused(t, q, patience) // one may wait, and does so in vain
		time.Sleep(time.Millisecond)
		wantRefused(t, q, 0)
		leave()
		enter(t, q)()
	})
}

// The first callers of all wait rather than be refused: nothing is known that speaks
// against it. So do the first after a pause, whatever was known before it.
func TestFirstBurst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const callers = 50
		q := admission.New(admission.Config{Slots: 1, Most: callers + 1, Patience: 100 * time.Millisecond})
		wantAllIn(t, q, callers)
		leave := enter(t, q)
		time.Sleep(time.Second)
		leave()
		wantAllIn(t, q, callers)
	})
}

// wantAllIn sends callers to an empty queue with one slot at the same time. All must
// get in, each for a millisecond.
func wantAllIn(t *testing.T, q *admission.Queue, callers int) {
	t.Helper()
	leave := enter(t, q)
	var waiting []*visitor
	for range callers {
		waiting = append(waiting, wait(t.Context(), q))
	}
	leave()
	for i, v := range waiting {
		if !v.in() {
			t.Fatalf("caller %d of %d is not in: %v", i+1, callers, v.err)
		}
		time.Sleep(time.Millisecond)
		v.leave()
	}
}

// Who stops waiting takes no turn.
func TestLeaveTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := admission.New(admission.Config{Slots: 1, Most: 99, Patience: time.Second})
		leave := enter(t, q)
		ctx, cancel := context.WithCancel(t.Context())
		gone, next := wait(ctx, q), wait(t.Context(), q)
		cancel()
		<-gone.ended
		if !errors.Is(gone.err, context.Canceled) {
			t.Errorf("the error is %v", gone.err)
		}
		leave()
		if !next.in() {
			t.Error("the next is not in")
		}
		next.leave()
		if got, want := q.Stats(), (admission.Stats{}); got != want {
			t.Errorf("the figures are %+v, want %+v", got, want)
		}
	})
}

// A slot is not lost if the turn comes as the caller stops waiting.
func TestTurnComesTooLate(t *testing.T) {
	for range 100 {
		synctest.Test(t, func(t *testing.T) {
			q := admission.New(admission.Config{Slots: 1, Most: 99, Patience: time.Second})
			leave := enter(t, q)
			ctx, cancel := context.WithCancel(t.Context())
			v := wait(ctx, q)
			cancel()
			leave()
			if v.in() {
				v.leave()
			}
			if got, want := q.Stats(), (admission.Stats{}); got != want {
				t.Fatalf("the figures are %+v, want %+v", got, want)
			}
		})
	}
}

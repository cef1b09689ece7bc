// Package admission decides which questions go to the database at once, which wait
// for their turn, and which are refused.
package admission

import (
	"container/list"
	"context"
	"errors"
	"sync"
	"time"
)

// Config is the configuration of a Queue.
type Config struct {
	Slots    int           // callers that may be inside at once
	Most     int           // callers that may be inside or wait; the next is refused
	Patience time.Duration // from the arrival of a caller to when it should be done
}

// Queue lets as many callers in at once as it has slots. Others wait their turn, the
// first first, if they can expect to be done within the patience: the queue is as
// long as slots have been freed fast.
type Queue struct {
	cfg Config

	mu      sync.Mutex
	inside  int
	waiting list.List     // of chan struct{}, closed when the turn has come
	stay    time.Duration // how long callers stay inside, lately: a moving mean; 0 is unknown
	moved   time.Time     // when a slot was last taken
	refused uint64
}

// ErrRefused says that a caller would have to wait for too long.
var ErrRefused = errors.New("too many questions for the database")

// New returns an empty queue. Until an empty queue has seen how long callers stay, as
// many may wait as the configuration allows.
func New(cfg Config) *Queue { return &Queue{cfg: cfg} }

// Enter returns when the caller may go in; it must call leave when it is done. The
// error is ErrRefused, or that of ctx if it ends while the caller waits.
func (q *Queue) Enter(ctx context.Context) (leave func(), err error) {
	turn, err := q.arrive()
	if err == nil && turn != nil {
		err = q.wait(ctx, turn)
	}
	if err != nil {
		return nil, err
	}
	entered := time.Now()
	return func() { q.leave(time.Since(entered)) }, nil
}

// arrive takes a slot, or a place in the queue, which it returns.
func (q *Queue) arrive() (*list.Element, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	switch {
	case q.inside+q.waiting.Len() >= q.cfg.Most:
	case q.inside < q.cfg.Slots:
		q.inside++
		q.moved = time.Now()
		return nil, nil
	case q.expected() <= q.cfg.Patience:
		return q.waiting.PushBack(make(chan struct{})), nil
	}
	q.refused++
	return nil, ErrRefused
}

// expected returns how long the next caller would wait and then stay. While no slot
// is freed, this is unknown, but longer than it has been so.
func (q *Queue) expected() time.Duration {
	turns := time.Duration(q.waiting.Len() + 1)
	return max(q.stay*turns/time.Duration(q.cfg.Slots), time.Since(q.moved)) + q.stay
}

// wait waits for the turn, but no longer than the patience.
func (q *Queue) wait(ctx context.Context, turn *list.Element) error {
	come := turn.Value.(chan struct{}) //nolint:forcetypeassert // arrive made it
	patience := time.NewTimer(q.cfg.Patience)
	defer patience.Stop()
	var err error
	select {
	case <-come:
		return nil
	case <-patience.C:
		err = ErrRefused
	case <-ctx.Done():
		err = ctx.Err()
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	select {
	case <-come: // just now; the slot goes on to the next
		q.pass()
	default:
		q.waiting.Remove(turn)
	}
	if !errors.Is(err, context.Canceled) {
		q.refused++
	}
	return err
}

func (q *Queue) leave(stayed time.Duration) {
	const weight = 8 // of all stays before, against the last one
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stay += (stayed - q.stay) / weight
	q.pass()
}

// pass gives a slot to the first who waits for one.
func (q *Queue) pass() {
	first := q.waiting.Front()
	if first == nil {
		q.inside--
		if q.inside == 0 {
			q.stay = 0 // what was measured under load says nothing about the next callers
		}
		return
	}
	q.moved = time.Now()
	close(q.waiting.Remove(first).(chan struct{})) //nolint:forcetypeassert // arrive made it
}

// Stats are the figures of a Queue.
type Stats struct {
	Inside, Waiting int
	Refused         uint64 // since the start
}

// Stats returns the figures as of now.
func (q *Queue) Stats() Stats {
	q.mu.Lock()
	defer q.mu.Unlock()
	return Stats{Inside: q.inside, Waiting: q.waiting.Len(), Refused: q.refused}
}

package steps_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/cucumber/godog"

	"example.com/rates/internal/testkit"
)

// load asks the same question all the time, from several clients.
type load struct {
	stop context.CancelFunc
	done sync.WaitGroup

	mu     sync.Mutex
	asked  int
	failed []string
}

func (w *world) registerLoad(sc *godog.ScenarioContext) {
	sc.Step(`^questions are asked without a pause$`, w.questionsAreAsked)
	sc.Step(`^all questions of the next (\d+) seconds are answered$`, w.allQuestionsAreAnswered)
	sc.Step(`^all questions are answered until (\d+) tokens were used$`, w.allQuestionsAreAnsweredUntil)
	sc.Step(`^no question failed$`, func() error { return w.load.allAnswered() })
	sc.Step(`^questions soon fail$`, w.questionsFail)
}

// newLoad starts clients that pause between two questions. The caller ends it.
func (w *world) newLoad(ctx context.Context, question request, pause time.Duration) (*load, error) {
	base, err := w.running(ctx)
	if err != nil {
		return nil, err
	}
	const clients = 4
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	l := &load{stop: cancel}
	for range clients {
		l.done.Go(func() {
			for {
				got, err := w.exchange(ctx, base, question)
				if ctx.Err() != nil {
					return // the load ended meanwhile
				}
				l.count(got, err)
				time.Sleep(pause)
			}
		})
	}
	return l, nil
}

func (l *load) end() {
	l.stop()
	l.done.Wait()
}

// count counts a question, and a failure unless the answer is 200.
func (l *load) count(got *answer, err error) {
	if err == nil && got.status != http.StatusOK {
		err = fmt.Errorf("status %d: %s", got.status, got.body)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	if err != nil {
		l.failed = append(l.failed, err.Error())
	}
}

func (l *load) counts() (asked int, failed []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.asked, l.failed
}

// goesOn waits until some more questions were answered.
func (l *load) goesOn() error {
	const more = 20
	before, _ := l.counts()
	return testkit.Retry(func() error {
		if now, _ := l.counts(); now < before+more {
			return fmt.Errorf("only %d questions were asked", now-before)
		}
		return nil
	})
}

// allAnswered fails if any question failed, or if none is asked any more.
func (l *load) allAnswered() error {
	if err := l.goesOn(); err != nil {
		return err
	}
	if asked, failed := l.counts(); len(failed) > 0 {
		return fmt.Errorf("%d of %d questions failed, the first: %s", len(failed), asked, failed[0])
	}
	return nil
}

func (w *world) questionsAreAsked(ctx context.Context) (err error) {
	if w.load, err = w.newLoad(ctx, rates(nil, goodQuestion...), 0); err != nil {
		return err
	}
	w.atEnd(func(context.Context) error {
		w.load.end()
		return nil
	})
	return w.load.goesOn()
}

func (w *world) allQuestionsAreAnswered(ctx context.Context, seconds int) error {
	return w.allAnsweredDuring(ctx, func() error {
		time.Sleep(time.Duration(seconds) * time.Second)
		return nil
	})
}

func (w *world) allQuestionsAreAnsweredUntil(ctx context.Context, tokens int) error {
	return w.allAnsweredDuring(ctx, func() error {
		return testkit.Retry(func() error {
			if n := len(w.endpoint.Issued()); n < tokens {
				return fmt.Errorf("%d tokens were used", n)
			}
			return nil
		})
	})
}

// allAnsweredDuring asks for what needs a connection and no data, hundreds of times a
// second.
func (w *world) allAnsweredDuring(ctx context.Context, wait func() error) error {
	l, err := w.newLoad(ctx, request{method: http.MethodGet, target: "/readyz"}, 5*time.Millisecond)
	if err != nil {
		return err
	}
	defer l.end()
	return errors.Join(wait(), l.allAnswered())
}

func (w *world) questionsFail() error {
	return testkit.Retry(func() error {
		if _, failed := w.load.counts(); len(failed) == 0 {
			return errors.New("every question was answered")
		}
		return nil
	})
}

package steps_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"github.com/cucumber/godog"

	"example.com/rates/internal/testkit"
)

// load asks the good question without a pause, from several clients.
type load struct {
	stop context.CancelFunc
	done sync.WaitGroup

	mu     sync.Mutex
	asked  int
	failed []string
}

func (w *world) registerLoad(sc *godog.ScenarioContext) {
	sc.Step(`^questions are asked without a pause$`, w.questionsAreAsked)
	sc.Step(`^no question failed$`, w.noQuestionFailed)
	sc.Step(`^questions soon fail$`, w.questionsFail)
}

func (w *world) questionsAreAsked(ctx context.Context) error {
	base, err := w.running(ctx)
	if err != nil {
		return err
	}
	const clients = 4
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	w.load = &load{stop: cancel}
	for range clients {
		w.load.done.Go(func() {
			for ctx.Err() == nil {
				w.load.ask(ctx, base+rates(nil, goodQuestion...).target)
			}
		})
	}
	w.atEnd(func(context.Context) error {
		w.load.end()
		return nil
	})
	return w.load.goesOn()
}

func (l *load) end() {
	l.stop()
	l.done.Wait()
}

// ask asks once and counts a failure unless the answer is 200.
func (l *load) ask(ctx context.Context, url string) {
	err := get(ctx, url)
	if ctx.Err() != nil {
		return // the load ended meanwhile
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.asked++
	if err != nil {
		l.failed = append(l.failed, err.Error())
	}
}

func get(ctx context.Context, url string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s: %s", response.Status, body)
	}
	return err
}

func (l *load) counts() (asked int, failed []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.asked, l.failed
}

// goesOn waits until some more questions were answered.
func (l *load) goesOn() error {
	const more = 50
	before, _ := l.counts()
	return testkit.Retry(func() error {
		if now, _ := l.counts(); now < before+more {
			return fmt.Errorf("only %d questions were asked", now-before)
		}
		return nil
	})
}

func (w *world) noQuestionFailed() error {
	if err := w.load.goesOn(); err != nil {
		return err
	}
	if asked, failed := w.load.counts(); len(failed) > 0 {
		return fmt.Errorf("%d of %d questions failed, the first: %s", len(failed), asked, failed[0])
	}
	return nil
}

func (w *world) questionsFail() error {
	return testkit.Retry(func() error {
		if _, failed := w.load.counts(); len(failed) == 0 {
			return errors.New("every question was answered")
		}
		return nil
	})
}

package steps_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/cucumber/godog"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
)

// waiting is a request without an answer yet.
type waiting struct {
	hangUp context.CancelFunc
	done   chan struct{} // closed once answer and err are set
	answer *answer
	err    error
}

func (w *world) registerWaiting(sc *godog.ScenarioContext) {
	sc.Step(`^I ask a good question without waiting$`, w.askWithoutWaiting)
	sc.Step(`^the waiting question is answered with (\d+)$`, w.theWaitingQuestionIsAnswered)
	sc.Step(`^the client hangs up$`, w.theClientHangsUp)
	sc.Step(`^the database is soon busy with the question$`, func(ctx context.Context) error {
		return w.sessions(ctx, dbtest.Reader, "wait_event_type = 'Lock'", 1)
	})
	sc.Step(`^the database is soon done with the question$`, func(ctx context.Context) error {
		return w.sessions(ctx, dbtest.Reader, "state <> 'idle'", 0)
	})
	sc.Step(`^the import is soon waiting for the other session$`, func(ctx context.Context) error {
		return w.sessions(ctx, dbtest.Loader, "wait_event_type = 'Lock'", 1)
	})
	sc.Step(`^the import soon waits until nobody reads the data$`, func(ctx context.Context) error {
		return w.sessions(ctx, dbtest.Loader, "state = 'idle in transaction' AND query LIKE '%FROM pg_locks%'", 1)
	})
}

func (w *world) askWithoutWaiting(ctx context.Context) error {
	base, err := w.running(ctx)
	if err != nil {
		return err
	}
	// The question outlives this step.
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	asked := &waiting{hangUp: cancel, done: make(chan struct{})}
	go func() {
		defer close(asked.done)
		asked.answer, asked.err = w.exchange(ctx, base, rates(nil, goodQuestion...))
	}()
	w.waiting = asked
	w.atEnd(func(context.Context) error {
		cancel()
		<-asked.done
		return nil
	})
	return nil
}

func (w *world) theWaitingQuestionIsAnswered(ctx context.Context, status int) error {
	select {
	case <-w.waiting.done:
	case <-time.After(testkit.Patience):
		return fmt.Errorf("no answer after %v", testkit.Patience)
	}
	if w.waiting.err != nil {
		return w.waiting.err
	}
	w.before, w.answer = w.answer, w.waiting.answer
	return errors.Join(w.theStatusIs(status), w.contract.check(ctx, w.answer))
}

func (w *world) theClientHangsUp() error {
	w.waiting.hangUp()
	<-w.waiting.done
	return nil
}

// sessions waits until the given number of sessions of a login are in a state.
func (w *world) sessions(ctx context.Context, login, state string, want int) error {
	conn, err := w.connection(ctx)
	if err != nil {
		return err
	}
	return testkit.Retry(func() error {
		var got int
		err := conn.QueryRow(ctx, `SELECT count(*) FROM pg_stat_activity
			WHERE datname = current_database() AND usename = $1 AND `+state, login).Scan(&got)
		if err != nil {
			return fmt.Errorf("look at the sessions: %w", err)
		}
		if got != want {
			return fmt.Errorf("%d sessions of %s have %s, want %d", got, login, state, want)
		}
		return nil
	})
}

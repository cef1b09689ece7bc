package load

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// OpenLoop sends requests at a fixed rate, without waiting for earlier answers,
// and returns how long each answer took. A missing answer, or one with an
// unexpected status, is an error.
func OpenLoop(ctx context.Context, r Request, perSecond int, d time.Duration) ([]time.Duration, error) {
	var took []time.Duration
	target := vegeta.NewStaticTargeter(vegeta.Target{Method: http.MethodGet, URL: r.URL, Header: r.Header})
	err := attack(ctx, target, perSecond, d, func(result *vegeta.Result) error {
		took = append(took, result.Latency)
		if int(result.Code) != r.Status {
			return fmt.Errorf("the answer had status %d (%s), not %d", result.Code, result.Error, r.Status)
		}
		return nil
	})
	return took, err
}

// Answer is an answer to a request, or the lack of one.
type Answer struct {
	Status int // 0 if there was none
	Took   time.Duration
}

// Offer sends different requests at a fixed rate, and returns what became of each.
func Offer(ctx context.Context, next func() string, perSecond int, d time.Duration) ([]Answer, error) {
	var mu sync.Mutex // of next
	target := func(t *vegeta.Target) error {
		mu.Lock()
		defer mu.Unlock()
		t.Method, t.URL = http.MethodGet, next()
		return nil
	}
	var answers []Answer
	err := attack(ctx, target, perSecond, d, func(result *vegeta.Result) error {
		answers = append(answers, Answer{Status: int(result.Code), Took: result.Latency})
		return nil
	})
	return answers, err
}

// attack sends requests until the time is over or look returns an error.
func attack(ctx context.Context, target vegeta.Targeter, perSecond int, d time.Duration, look func(*vegeta.Result) error) error {
	client := newClient()
	defer client.CloseIdleConnections()
	attacker := vegeta.NewAttacker(vegeta.Client(client))
	defer context.AfterFunc(ctx, func() { attacker.Stop() })()
	var failed error
	rate := vegeta.Rate{Freq: perSecond, Per: time.Second}
	for result := range attacker.Attack(target, rate, d, "") {
		if err := look(result); err != nil && failed == nil {
			failed = err
			attacker.Stop()
		}
	}
	if err := context.Cause(ctx); err != nil {
		return err
	}
	return failed
}

// newClient returns a client with connections of its own, which uses no proxy and
// never waits for a free connection.
func newClient() *http.Client {
	const idle, timeout = 1000, 30 * time.Second
	return &http.Client{
		Timeout:   timeout,
		Transport: &http.Transport{MaxIdleConnsPerHost: idle, DisableCompression: true},
	}
}

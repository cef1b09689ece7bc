package load

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Sequence sends requests over one connection, one after another, and returns how
// long each took, without the requests of the warm-up.
func Sequence(ctx context.Context, next func() string, warmup int, d time.Duration) ([]time.Duration, error) {
	client := newClient()
	defer client.CloseIdleConnections()
	var took []time.Duration
	for range warmup {
		if _, err := ask(ctx, client, next()); err != nil {
			return nil, err
		}
	}
	for begun := time.Now(); time.Since(begun) < d; {
		url := next()
		start := time.Now()
		if _, err := ask(ctx, client, url); err != nil {
			return nil, err
		}
		took = append(took, time.Since(start))
	}
	return took, nil
}

// Flood sends requests over several connections until the answers have so many
// bytes in all, and returns the number of answers.
func Flood(ctx context.Context, next func() string, connections int, bytes int64) (int64, error) {
	return askWhile(ctx, next, connections, func(taken int64) bool { return taken < bytes })
}

// Saturate sends requests over several connections, each one after another, and
// returns the number of answers and the time that they took.
func Saturate(ctx context.Context, next func() string, connections int, d time.Duration) (int64, time.Duration, error) {
	begun := time.Now()
	answered, err := askWhile(ctx, next, connections, func(int64) bool { return time.Since(begun) < d })
	return answered, time.Since(begun), err
}

// askWhile sends requests over several connections for as long as more returns true
// for the bytes of the answers so far. It returns the number of answers.
func askWhile(ctx context.Context, next func() string, connections int, more func(taken int64) bool) (int64, error) {
	client := newClient()
	defer client.CloseIdleConnections()
	var (
		group           sync.WaitGroup
		mu              sync.Mutex // of next
		answered, taken atomic.Int64
		errs            = make([]error, connections)
	)
	for i := range connections {
		group.Go(func() {
			for more(taken.Load()) {
				mu.Lock()
				url := next()
				mu.Unlock()
				n, err := ask(ctx, client, url)
				if err != nil {
					errs[i] = err
					return
				}
				taken.Add(n)
				answered.Add(1)
			}
		})
	}
	group.Wait()
	return answered.Load(), errors.Join(errs...)
}

// ask reads one answer, which must have status 200, and returns its length.
func ask(ctx context.Context, client *http.Client, url string) (int64, error) {
	body, err := get(ctx, client, url)
	if err != nil {
		return 0, err
	}
	n, err := io.Copy(io.Discard, body)
	return n, errors.Join(err, body.Close())
}

func get(ctx context.Context, client *http.Client, url string) (io.ReadCloser, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("make a request: %w", err)
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("send a request: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		_ = response.Body.Close() // only the status matters
		return nil, fmt.Errorf("GET %s: status %s", url, response.Status)
	}
	return response.Body, nil
}

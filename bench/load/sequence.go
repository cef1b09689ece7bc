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
// bytes in all, and returns the number of requests.
func Flood(ctx context.Context, next func() string, connections int, bytes int64) (int64, error) {
	client := newClient()
	defer client.CloseIdleConnections()
	var (
		group        sync.WaitGroup
		mu           sync.Mutex // of next
		asked, taken atomic.Int64
		errs         = make([]error, connections)
	)
	for i := range connections {
		group.Go(func() {
			for errs[i] == nil && taken.Load() < bytes {
				mu.Lock()
				url := next()
				mu.Unlock()
				var n int64
				n, errs[i] = ask(ctx, client, url)
				taken.Add(n)
				asked.Add(1)
			}
		})
	}
	group.Wait()
	return asked.Load(), errors.Join(errs...)
}

// Saturate sends requests over several connections, each one after another, and
// returns the number of answers and the time that they took.
func Saturate(ctx context.Context, next func() string, connections int, d time.Duration) (int64, time.Duration, error) {
	client := newClient()
	defer client.CloseIdleConnections()
	var (
		group    sync.WaitGroup
		mu       sync.Mutex // of next
		answered atomic.Int64
		errs     = make([]error, connections)
		begun    = time.Now()
	)
	for i := range connections {
		group.Go(func() {
			for errs[i] == nil && time.Since(begun) < d {
				mu.Lock()
				url := next()
				mu.Unlock()
				if _, errs[i] = ask(ctx, client, url); errs[i] == nil {
					answered.Add(1)
				}
			}
		})
	}
	group.Wait()
	return answered.Load(), time.Since(begun), errors.Join(errs...)
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

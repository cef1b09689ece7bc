package login

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"
)

const (
	tokenTimeout = 3 * time.Second // for one token, or for somebody else who asks for it
	tokenPause   = time.Second     // after a failure
)

// token is a password that ends.
type token struct {
	secret      string
	from, until time.Time
}

// isFresh reports whether less than half of the life of the token is over.
func (t *token) isFresh() bool {
	return t != nil && time.Now().Before(t.from.Add(t.until.Sub(t.from)/2))
}

func (t *token) isAlive() bool { return t != nil && time.Now().Before(t.until) }

// tokens keeps one token, and renews it when somebody asks for it and half of its
// life is over.
type tokens struct {
	fetch   func(context.Context) (*token, error)
	log     *slog.Logger
	current atomic.Pointer[token] // nil at first

	renewing chan struct{} // holds a value while somebody renews; guards what follows
	failed   time.Time
	err      error // of the last attempt
}

func newTokens(log *slog.Logger, fetch func(context.Context) (*token, error)) *tokens {
	return &tokens{fetch: fetch, log: log, renewing: make(chan struct{}, 1)}
}

// get returns a token that is alive.
func (t *tokens) get(ctx context.Context) (string, error) {
	if current := t.current.Load(); current.isFresh() {
		return current.secret, nil
	}
	waiting, cancel := context.WithTimeout(ctx, tokenTimeout)
	defer cancel()
	select {
	case t.renewing <- struct{}{}:
	default:
		if current := t.current.Load(); current.isAlive() {
			return current.secret, nil
		}
		select {
		case t.renewing <- struct{}{}:
		case <-waiting.Done():
			return "", fmt.Errorf("wait for a token: %w", waiting.Err())
		}
	}
	defer func() { <-t.renewing }()
	return t.renew(ctx)
}

// renew replaces the token unless somebody has just done so, or failed to.
func (t *tokens) renew(ctx context.Context) (string, error) {
	current := t.current.Load()
	if !current.isFresh() && time.Since(t.failed) >= tokenPause {
		fetching, cancel := context.WithTimeout(ctx, tokenTimeout)
		defer cancel()
		fetched, err := t.fetch(fetching)
		if err == nil && !fetched.isAlive() {
			err = errors.New("the token had ended before it was there")
		}
		switch {
		case err == nil:
			current = fetched
			t.current.Store(fetched)
		case ctx.Err() != nil:
			return "", err // the asker gave up, which says nothing to others
		default:
			t.failed, t.err = time.Now(), err
			if current.isAlive() {
				t.log.Warn("no new token; the one in use still works", "until", current.until.UTC(), "error", err)
			}
		}
	}
	if !current.isAlive() {
		return "", t.err
	}
	return current.secret, nil
}

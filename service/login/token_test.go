package login

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// identity is an endpoint that a test can turn off.
type identity struct {
	life    time.Duration
	fetches int
	err     error
	hang    bool
}

func (i *identity) fetch(ctx context.Context) (*token, error) {
	i.fetches++
	if i.hang {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	if i.err != nil {
		return nil, i.err
	}
	now := time.Now()
	return &token{secret: fmt.Sprint("token ", i.fetches), from: now, until: now.Add(i.life)}, nil
}

var errAway = errors.New("the endpoint is away")

// check asks for a token, n times.
func check(t *testing.T, tokens *tokens, n int, want string) {
	t.Helper()
	for range n {
		got, err := tokens.get(t.Context())
		if got != want || (err == nil) != (want != "") {
			t.Errorf("the token is %q, %v; want %q", got, err, want)
		}
	}
}

// A token is renewed at half of its life; while the endpoint is away it is used
// until it ends. A failure is remembered for a second.
func TestTokenIsRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logs bytes.Buffer
		endpoint := &identity{life: time.Hour}
		tokens := newTokens(slog.New(slog.NewTextHandler(&logs, nil)), endpoint.fetch)
		check(t, tokens, 100, "token 1")
		time.Sleep(30*time.Minute - time.Second)
		check(t, tokens, 100, "token 1")
		time.Sleep(time.Second)
		check(t, tokens, 100, "token 2")
		if logs.Len() > 0 {
			t.Errorf("all was well, and the log says\n%s", &logs)
		}

		endpoint.err = errAway
		time.Sleep(30 * time.Minute)
		check(t, tokens, 100, "token 2")
		check(t, tokens, 100, "token 2")
		if endpoint.fetches != 3 {
			t.Errorf("within a second of a failure there were %d requests, want 1", endpoint.fetches-2)
		}
		if got := logs.String(); !strings.Contains(got, "still works") || !strings.Contains(got, "away") || strings.Contains(got, "token 2") {
			t.Errorf("the log says\n%s", got)
		}
		time.Sleep(30 * time.Minute)
		check(t, tokens, 100, "")
		if endpoint.fetches != 4 {
			t.Errorf("within a second of a failure there were %d requests, want 1", endpoint.fetches-3)
		}
		endpoint.err = nil
		check(t, tokens, 1, "")
		time.Sleep(time.Second)
		check(t, tokens, 100, "token 5")
	})
}

// An endpoint that hangs holds up one asker for 3 s while the old token lives, and all
// of them for no longer than that when it has ended.
func TestEndpointHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		endpoint := &identity{life: time.Minute}
		tokens := newTokens(slog.New(slog.DiscardHandler), endpoint.fetch)
		check(t, tokens, 1, "token 1")
		endpoint.hang = true
		for _, c := range []struct {
			after  time.Duration
			want   string
			slow   int // how many wait
			longer bool
		}{
			{30 * time.Second, "token 1", 1, false},
			{30 * time.Second, "", 10, true},
		} {
			time.Sleep(c.after)
			var slow int
			var mu sync.Mutex
			var group sync.WaitGroup
			for range 10 {
				group.Go(func() {
					begun := time.Now()
					got, err := tokens.get(t.Context())
					took := time.Since(begun)
					mu.Lock()
					defer mu.Unlock()
					if took > 0 {
						slow++
					}
					if got != c.want || (err == nil) == c.longer || took > 3*time.Second {
						t.Errorf("after %v: %q, %v", took, got, err)
					}
				})
			}
			group.Wait()
			if slow != c.slow {
				t.Errorf("%d of 10 waited, want %d", slow, c.slow)
			}
		}
	})
}

// An asker who gives up leaves no failure behind for the others.
func TestAskerGivesUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		endpoint := &identity{life: time.Minute, hang: true}
		tokens := newTokens(slog.New(slog.DiscardHandler), endpoint.fetch)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := tokens.get(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		endpoint.hang = false
		check(t, tokens, 1, "token 2")
	})
}

// A token that ends on its way is an error, not an empty password.
func TestTokenEndsOnItsWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tokens := newTokens(slog.New(slog.DiscardHandler), func(context.Context) (*token, error) {
			asked := time.Now()
			time.Sleep(2 * time.Second)
			return &token{secret: "dead", from: asked, until: asked.Add(time.Second)}, nil
		})
		check(t, tokens, 2, "")
	})
}

// Whatever an endpoint answers, a token that is taken is alive and fit to be a
// password, and an error repeats none of it.
func FuzzReadToken(f *testing.F) {
	f.Add(`{"access_token":"secret","expires_on":"4102444800"}`)
	f.Add(`{"access_token":"secret","expires_in":3600}`)
	f.Add(`{"access_token":"secret secret","expires_in":-1}`)
	f.Add(`{"access_token":"secret","expires_on":null}`)
	f.Fuzz(func(t *testing.T, body string) {
		now := time.Now()
		read, err := readToken([]byte(body), now)
		switch {
		case err != nil && strings.Contains(err.Error(), "secret"):
			t.Errorf("the error repeats the answer: %v", err)
		case err == nil && (!read.until.After(now) || read.secret == "" || strings.ContainsAny(read.secret, "\x00 \n")):
			t.Errorf("%+v was taken", read)
		}
		_ = reason([]byte(body))
	})
}

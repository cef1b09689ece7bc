package load_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"example.com/rates/bench/load"
	"example.com/rates/internal/testkit"
)

func serve(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL
}

// A slow server does not slow down the requests: here it answers the first after
// it has received all.
func TestOpenLoopDoesNotWaitForAnswers(t *testing.T) {
	const questions, perSecond = 20, 1000
	ctx, enough := context.WithCancel(t.Context())
	var asked atomic.Int64
	all := make(chan struct{})
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		if asked.Add(1) == questions {
			enough()
			close(all)
		}
		select {
		case <-all:
		case <-r.Context().Done():
		}
	})
	took, err := load.OpenLoop(ctx, load.Request{URL: url, Status: http.StatusOK}, perSecond, testkit.Patience)
	if !errors.Is(err, context.Canceled) || len(took) < questions {
		t.Errorf("%d answers, %v", len(took), err)
	}
}

func TestOpenLoopRefusesAnotherStatus(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("If-None-Match") == `"a"` {
			w.WriteHeader(http.StatusNotModified)
		}
	})
	_, err := load.OpenLoop(t.Context(), load.Request{URL: url, Header: http.Header{"If-None-Match": {`"a"`}}, Status: http.StatusNotModified}, 100, 50*time.Millisecond)
	if err != nil {
		t.Errorf("the status expected: %v", err)
	}
	_, err = load.OpenLoop(t.Context(), load.Request{URL: url, Header: http.Header{"If-None-Match": {`"a"`}}, Status: http.StatusOK}, 100, testkit.Patience)
	if err == nil || !strings.Contains(err.Error(), "status 304") {
		t.Errorf("another status: got %v", err)
	}
}

// What is offered is counted whatever the answer is, and each request is another.
func TestOfferCountsEveryAnswer(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "0") {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	const requests, perSecond = 20, 1000
	ctx, enough := context.WithCancel(t.Context())
	n := 0
	next := func() string {
		if n++; n == requests {
			enough()
		}
		return url + "/" + strconv.Itoa(n)
	}
	answers, err := load.Offer(ctx, next, perSecond, testkit.Patience)
	refused := 0
	for _, answer := range answers {
		if answer.Status == http.StatusServiceUnavailable {
			refused++
		}
	}
	if !errors.Is(err, context.Canceled) || len(answers) < requests || refused != len(answers)/10 {
		t.Errorf("%d answers, %d refused, %v", len(answers), refused, err)
	}
}

// Saturate counts the answers of all connections, and ends with an error if one fails.
func TestSaturateCountsAnswers(t *testing.T) {
	var asked atomic.Int64
	url := serve(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	const d = 20 * time.Millisecond
	for answered := int64(0); answered == 0; { // a busy machine may give it no time
		asked.Store(0)
		var took time.Duration
		var err error
		answered, took, err = load.Saturate(t.Context(), func() string { return url }, 4, d)
		if err != nil || answered != asked.Load() || took < d {
			t.Fatalf("%d of %d answers in %v, %v", answered, asked.Load(), took, err)
		}
	}
	url = serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	if _, _, err := load.Saturate(t.Context(), func() string { return url }, 2, time.Hour); err == nil {
		t.Error("no error")
	}
}

func TestOpenLoopEndsWhenInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	url := serve(t, func(http.ResponseWriter, *http.Request) { cancel() })
	_, err := load.OpenLoop(ctx, load.Request{URL: url, Status: http.StatusOK}, 10, time.Hour)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}

// Requests of the warm-up are not counted; all use one connection.
func TestSequenceCountsWhatFollowsTheWarmup(t *testing.T) {
	var asked atomic.Int64
	var connections sync.Map
	url := serve(t, func(_ http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		connections.Store(r.RemoteAddr, true)
	})
	const warmup = 7
	for answered := 0; answered == 0; { // a busy machine may give it no time
		asked.Store(0)
		connections.Clear()
		took, err := load.Sequence(t.Context(), func() string { return url }, warmup, 20*time.Millisecond)
		if answered = len(took); err != nil || int64(answered) != asked.Load()-warmup {
			t.Fatalf("%d times for %d questions, %v", answered, asked.Load(), err)
		}
	}
	n := 0
	connections.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Errorf("%d connections", n)
	}
}

func TestFloodEndsWithEnoughBytesAndNeverRepeats(t *testing.T) {
	const body, want = 1000, 50_000
	var seen sync.Map
	var repeated atomic.Bool
	url := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if _, again := seen.LoadOrStore(r.URL.Path, true); again {
			repeated.Store(true)
		}
		_, _ = w.Write(make([]byte, body))
	})
	n := 0
	asked, err := load.Flood(t.Context(), func() string { n++; return url + "/" + strconv.Itoa(n) }, 4, want)
	if err != nil || asked < want/body || repeated.Load() {
		t.Errorf("%d asked, repeated %v, %v", asked, repeated.Load(), err)
	}
}

func TestFailedAnswersEndAFlood(t *testing.T) {
	url := serve(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) })
	if _, err := load.Flood(t.Context(), func() string { return url }, 2, 1<<40); err == nil {
		t.Error("no error")
	}
}

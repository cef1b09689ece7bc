package testkit_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"example.com/rates/internal/testkit"
)

func TestRetryEndsWithSuccess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		calls := 0
		err := testkit.Retry(func() error {
			if calls++; calls < 10 {
				return errors.New("too early")
			}
			return nil
		})
		if err != nil || calls != 10 {
			t.Errorf("%d calls, %v", calls, err)
		}
	})
}

func TestRetryReturnsTheLastError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		start, never := time.Now(), errors.New("never")
		err := testkit.Retry(func() error { return never })
		if !errors.Is(err, never) || time.Since(start) < testkit.Patience {
			t.Errorf("after %v: %v", time.Since(start), err)
		}
	})
}

// The end of an expiring context looks like that of a timeout, also from contexts that
// are made from it; the end of its parent looks like what it is.
func TestExpiring(t *testing.T) {
	parent, cancel := context.WithCancel(t.Context())
	ctx, expire := testkit.Expiring(parent)
	child, stop := context.WithTimeout(ctx, time.Hour)
	defer stop()
	if ctx.Err() != nil || child.Err() != nil {
		t.Errorf("before its end: %v, %v", ctx.Err(), child.Err())
	}
	expire()
	<-child.Done()
	if !errors.Is(ctx.Err(), context.DeadlineExceeded) || !errors.Is(child.Err(), context.DeadlineExceeded) {
		t.Errorf("after its end: %v, %v", ctx.Err(), child.Err())
	}
	ended, expire := testkit.Expiring(parent)
	defer expire()
	cancel()
	<-ended.Done()
	if err := ended.Err(); !errors.Is(err, context.Canceled) {
		t.Errorf("after the end of its parent: %v", err)
	}
}

func TestBufferIsReadWhileItIsWritten(t *testing.T) {
	var b testkit.Buffer
	var writers sync.WaitGroup
	for range 8 {
		writers.Go(func() {
			fmt.Fprintln(&b, "line")
			_ = b.String()
		})
	}
	writers.Wait()
	if got, want := b.String(), strings.Repeat("line\n", 8); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

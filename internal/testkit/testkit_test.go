package testkit_test

import (
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

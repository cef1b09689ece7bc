// Package testkit helps tests to follow code that runs in the background. Only
// tests import it.
package testkit

import (
	"bytes"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"
)

// Patience is how long a test waits for something that must happen. A test that
// passes never spends it.
const Patience = time.Minute

// Retry calls check until it returns nil. After Patience it returns the last
// error of check.
func Retry(check func() error) error {
	const longest = 20 * time.Millisecond
	late := time.After(Patience)
	for pause := time.Millisecond; ; pause = min(2*pause, longest) {
		err := check()
		if err == nil {
			return nil
		}
		select {
		case <-time.After(pause):
		case <-late:
			return fmt.Errorf("not within %v: %w", Patience, err)
		}
	}
}

// Eventually fails the test unless ok returns true within Patience; what says
// what was expected.
func Eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	err := Retry(func() error {
		if !ok() {
			return errors.New(what)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// Buffer is a log or other output that can be read while it is written. The
// zero value is ready to use.
type Buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// Write implements io.Writer.
func (b *Buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

// String returns what was written so far.
func (b *Buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

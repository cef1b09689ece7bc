package lock_test

import (
	"path/filepath"
	"sync"
	"testing"

	"example.com/rates/security/lock"
)

// Only one holds the lock at a time, whichever process creates its folder.
func TestWait(t *testing.T) {
	file := filepath.Join(t.TempDir(), "cache", "tool.lock")
	var wait sync.WaitGroup
	holders := make(chan struct{}, 1)
	for range 20 {
		wait.Go(func() {
			release, err := lock.Wait(file)
			if err != nil {
				t.Error(err)
				return
			}
			defer release()
			select {
			case holders <- struct{}{}:
				<-holders
			default:
				t.Error("another held it too")
			}
		})
	}
	wait.Wait()
}

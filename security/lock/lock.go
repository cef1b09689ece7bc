// Package lock serialises work of several processes on one machine.
package lock

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// Wait waits for the lock on the file, creating it if necessary, and returns a
// function that releases it. The lock ends with the process; the file stays.
func Wait(file string) (release func(), err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return nil, fmt.Errorf("make the folder to lock: %w", err)
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600) // #nosec G304 -- it is in a cache folder of the user's own, and only locked
	if err != nil {
		return nil, fmt.Errorf("open the lock: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		_ = f.Close() // the lock was not taken
		return nil, fmt.Errorf("lock %s: %w", file, err)
	}
	return func() {
		// To close the file is not enough: a child of this process that has not yet
		// executed its program has a copy of it, which keeps the lock.
		_ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN)
		_ = f.Close() // nothing was written
	}, nil
}

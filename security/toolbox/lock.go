package toolbox

import (
	"fmt"
	"os"
	"path/filepath"
	"syscall"
)

// lock waits until nobody else installs what the file stands for. The lock
// ends with the process, so none is left behind.
func lock(file string) (unlock func(), err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		return nil, fmt.Errorf("make the folder for tools: %w", err)
	}
	f, err := os.OpenFile(file, os.O_CREATE|os.O_RDWR, 0o600) // #nosec G304 -- a name made of a pin
	if err != nil {
		return nil, fmt.Errorf("lock the folder for tools: %w", err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		_ = f.Close() // the lock was not taken
		return nil, fmt.Errorf("lock %s: %w", file, err)
	}
	return func() { _ = f.Close() }, nil
}

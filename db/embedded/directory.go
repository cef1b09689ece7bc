package embedded

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// directory is a Config.Dir that this process has locked.
//
//	lock       held while a program uses the directory; contains its process id
//	data       the server's data, complete or absent
//	data.new   data being created
//	sockets    the path of the directory with the server's socket
//	server.log, server.log.1   the server's log, and the one before
type directory struct {
	path      string
	temporary bool
	lock      *os.File
}

const temporaryPrefix = "rates-pg-"

// DefaultDir returns the directory for the data of the project at the given path:
// .rates in it, or for root the project's own directory below /var/lib/rates-dev,
// because root's server runs as another user, who may have no access to the project.
func DefaultDir(project string) (string, error) {
	path, err := filepath.Abs(project)
	if err != nil {
		return "", fmt.Errorf("find the project directory: %w", err)
	}
	if os.Geteuid() != 0 {
		return filepath.Join(path, ".rates"), nil
	}
	sum := sha256.Sum256([]byte(path))
	return fmt.Sprintf("/var/lib/rates-dev/%x", sum[:6]), nil
}

// temporaryRoot returns the directory for temporary directories. A database is
// hundreds of small files, which are much faster to create in memory than on a busy
// disk. Memory is used if there is plenty and TMPDIR names no other place.
func temporaryRoot(durable bool) string {
	const memory, plenty = "/dev/shm", 4 << 30
	if left, err := free(memory); err == nil && left >= plenty && !durable && os.Getenv("TMPDIR") == "" {
		return memory
	}
	return os.TempDir()
}

// claim creates the directory if necessary and locks it; "" is a new temporary one
// in root.
func claim(path, root string) (*directory, error) {
	// The server's user must be able to enter it, not to list it.
	perm := fs.FileMode(0o700)
	if os.Geteuid() == 0 {
		perm = 0o711
	}
	d := &directory{temporary: path == ""}
	where := cmp.Or(path, root)
	var err error
	if d.temporary {
		if path, err = os.MkdirTemp(root, temporaryPrefix); err == nil {
			err = os.Chmod(path, perm)
		}
	} else if path, err = filepath.Abs(path); err == nil {
		err = makeOwn(path, perm)
	}
	if err == nil {
		// The system reports the working directory of a server without links.
		d.path, err = filepath.EvalSymlinks(path)
	}
	if err != nil {
		return nil, fmt.Errorf("cannot keep a database in %s: %w", where, err)
	}
	return d, d.acquire()
}

// acquire takes the lock, or returns an error that names its holder.
func (d *directory) acquire() error {
	lock, err := tryLock(filepath.Join(d.path, "lock"))
	if errors.Is(err, syscall.EWOULDBLOCK) {
		holder := "another process"
		if pid, err := os.ReadFile(filepath.Join(d.path, "lock")); err == nil && len(pid) > 0 {
			holder = "process " + strings.TrimSpace(string(pid))
		}
		return fmt.Errorf("the database in %s is in use by %s: stop that first", d.path, holder)
	}
	if err != nil {
		return fmt.Errorf("cannot keep a database in %s: %w", d.path, err)
	}
	d.lock = lock
	return nil
}

// release unlocks the directory, and removes it if it is temporary.
func (d *directory) release() error {
	var errs []error
	if d.temporary {
		errs = append(errs, os.RemoveAll(d.path))
	} else if err := os.Remove(d.socketNote()); !errors.Is(err, fs.ErrNotExist) {
		errs = append(errs, err)
	}
	return errors.Join(append(errs, unlock(d.lock))...)
}

func (d *directory) data() string       { return filepath.Join(d.path, "data") }
func (d *directory) socketNote() string { return filepath.Join(d.path, "sockets") }

// tryLock locks the file and writes this process's id to it, or returns
// EWOULDBLOCK. The lock ends with the process, even if it is killed. The file is
// never removed: two processes could then lock two files of the same name.
func tryLock(path string) (*os.File, error) {
	file, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR|syscall.O_NOFOLLOW, 0o600) // #nosec G304 -- it is in a folder of the user's own, and no link
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		err = file.Truncate(0)
	}
	if err == nil {
		_, err = fmt.Fprintln(file, os.Getpid())
	}
	if err != nil {
		_ = file.Close() // the lock was not taken
		return nil, err
	}
	return file, nil
}

// unlock releases a lock. To close the file is not enough: a child of this process
// that has not yet executed its program has a copy of it, which keeps the lock.
func unlock(file *os.File) error {
	return errors.Join(syscall.Flock(int(file.Fd()), syscall.LOCK_UN), file.Close())
}

// waitLock calls tryLock until the file is not locked.
func waitLock(ctx context.Context, path string) (*os.File, error) {
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		file, err := tryLock(path)
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return file, err
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-tick.C:
		}
	}
}

// makeOwn creates a directory of this user, or accepts an existing one. With a link
// or another user's directory, another user could choose what this program writes
// or runs.
func makeOwn(path string, perm fs.FileMode) error {
	if err := makeAll(path, perm); err != nil {
		return err
	}
	info, err := os.Lstat(path)
	if err != nil {
		return err
	}
	const remedy = "choose another directory or remove this one"
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		return fmt.Errorf("it is a symbolic link: %s", remedy)
	case !info.IsDir():
		return fmt.Errorf("it is not a directory: %s", remedy)
	case owner(info) != os.Geteuid():
		return fmt.Errorf("it belongs to user %s, not to %s: %s",
			userName(owner(info)), userName(os.Geteuid()), remedy)
	case info.Mode().Perm()&0o002 != 0:
		return fmt.Errorf("every user may write to it: %s", remedy)
	}
	return nil
}

// makeAll is os.MkdirAll, but for root it ignores the umask, which could lock the
// server's user out of the new directories.
func makeAll(path string, perm fs.FileMode) error {
	err := os.Mkdir(path, perm)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		err = os.Mkdir(path, perm)
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err == nil && os.Geteuid() == 0 {
		err = os.Chmod(path, perm)
	}
	return err
}

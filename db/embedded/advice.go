package embedded

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"
	"syscall"
)

// advice is an error that says what to do about it.
type advice struct {
	text  string
	cause error
}

func (a *advice) Error() string { return a.text }
func (a *advice) Unwrap() error { return a.cause }

// explain turns an error of the file system at path that the user can fix into
// advice.
func explain(err error, path string) error {
	err = noSpace(err, path)
	var given *advice
	if errors.As(err, &given) {
		return err
	}
	if errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS) || errors.Is(err, syscall.ENOTDIR) {
		return &advice{fmt.Sprintf("%v: make %s writable for user %s or choose another directory",
			err, path, userName(os.Geteuid())), err}
	}
	return err
}

// noSpace is explain for a full disk. The output of PostgreSQL's programs does not
// always say so, and initdb cleans up when it fails, so noSpace checks both the
// text and the disk.
func noSpace(err error, path string) error {
	if err == nil {
		return nil
	}
	text := strings.ToLower(err.Error())
	if !strings.Contains(text, "no space left on device") &&
		!strings.Contains(text, "check free disk space") && !full(path) {
		return err
	}
	return &advice{fmt.Sprintf("no space left in %s: free some (a new database takes about 40 MB, "+
		"fetched server binaries about 60 MB) and start again", path), err}
}

// full reports whether the disk that holds path has less than a megabyte left.
func full(path string) bool {
	left, err := free(path)
	return err == nil && left < 1<<20
}

// free returns the bytes that users other than root may still write at path.
func free(path string) (int64, error) {
	var disk syscall.Statfs_t
	if err := syscall.Statfs(path, &disk); err != nil {
		return 0, err
	}
	return int64(float64(disk.Bavail) * float64(disk.Bsize)), nil // the types differ by system
}

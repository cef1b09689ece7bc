package access

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// fileTarget is a service file of libpq on this machine.
type fileTarget struct {
	path, service string
}

func (f fileTarget) String() string { return "file:" + f.path }

// ownerOnly are the permissions of a new file.
const ownerOnly fs.FileMode = 0o600

// Publish replaces the file in one step, so that nobody ever reads half of it. It
// keeps the file's permissions and owner; a new one is for its owner alone.
func (f fileTarget) Publish(_ context.Context, c Credential) error {
	if err := f.replace(c); err != nil {
		return fmt.Errorf("write the service file %s: %w", f.path, err)
	}
	return nil
}

func (f fileTarget) replace(c Credential) error {
	// Of a link, what it leads to is replaced.
	path, err := filepath.EvalSymlinks(f.path)
	if errors.Is(err, fs.ErrNotExist) {
		path, err = f.path, nil
	}
	if err != nil {
		return err
	}
	before, info, err := readIfExists(path)
	if err != nil {
		return err
	}
	text, err := withCredential(before, f.service, c)
	if err != nil {
		return err
	}
	// Beside the file: a rename works within one file system only.
	file, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	if err := fill(file, text, info); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	if err := os.Rename(file.Name(), path); err != nil {
		return errors.Join(err, os.Remove(file.Name()))
	}
	return syncFolder(filepath.Dir(path))
}

// readIfExists returns the text of a file and its description, which is nil if there
// is none.
func readIfExists(path string) (string, fs.FileInfo, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil, nil
	case err != nil:
		return "", nil, err
	case !info.Mode().IsRegular():
		return "", nil, errors.New("it is not a file")
	}
	text, err := os.ReadFile(filepath.Clean(path))
	return string(text), info, err
}

// fill writes and closes a file that will replace the one described by before.
func fill(file *os.File, text string, before fs.FileInfo) error {
	mode := ownerOnly
	var keepOwner error
	if before != nil {
		mode = before.Mode().Perm()
		if stat, ok := before.Sys().(*syscall.Stat_t); ok {
			keepOwner = file.Chown(int(stat.Uid), int(stat.Gid))
		}
	}
	if keepOwner != nil && mode&0o004 == 0 {
		return errors.Join(fmt.Errorf("keep its owner, who could not read it otherwise: %w", keepOwner), file.Close())
	}
	_, err := file.WriteString(text)
	return errors.Join(err, file.Chmod(mode), file.Sync(), file.Close())
}

// syncFolder makes a rename survive a crash of the machine.
func syncFolder(path string) error {
	folder, err := os.Open(filepath.Clean(path))
	if err != nil {
		return err
	}
	return errors.Join(folder.Sync(), folder.Close())
}

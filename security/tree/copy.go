package tree

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
)

// CopyInto copies files of the tree into dir, creating it if necessary. A link
// stays a link.
func (t Tree) CopyInto(dir string, files []string) error {
	if err := os.MkdirAll(dir, 0o750); err != nil {
		return err
	}
	_, err := copyFiles(t.Dir, dir, files)
	return err
}

// copyFiles returns the copied files. It ignores those that no longer exist, or
// are neither plain files nor links.
func copyFiles(fromDir, toDir string, files []string) ([]string, error) {
	from, err := os.OpenRoot(fromDir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = from.Close() }() // it was only read
	to, err := os.OpenRoot(toDir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = to.Close() }() // each file in it is closed
	var copied []string
	for _, name := range files {
		switch ok, err := copyFile(from, to, filepath.FromSlash(name)); {
		case err != nil:
			return nil, fmt.Errorf("copy %s: %w", name, err)
		case ok:
			copied = append(copied, name)
		}
	}
	return copied, nil
}

func copyFile(from, to *os.Root, name string) (bool, error) {
	info, err := from.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	if err := to.MkdirAll(filepath.Dir(name), 0o750); err != nil {
		return false, err
	}
	switch {
	case info.Mode()&fs.ModeSymlink != 0:
		target, err := from.Readlink(name)
		if err != nil {
			return false, err
		}
		return true, to.Symlink(target, name)
	case !info.Mode().IsRegular():
		return false, nil
	}
	in, err := from.Open(name)
	if err != nil {
		return false, err
	}
	defer func() { _ = in.Close() }() // it was only read
	out, err := to.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm())
	if err != nil {
		return false, err
	}
	_, err = io.Copy(out, in)
	return true, errors.Join(err, out.Close())
}

package toolbox

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"syscall"
)

// record says what a tool consists of, as it was when it was installed. It is kept
// apart from the tools, so that whatever changes a tool does not change it too.
type record struct {
	// Outside lists files and folders beyond the folder of the tool that are part of
	// it, such as an interpreter.
	Outside []string `json:"outside,omitempty"`
	// Files describes each file by its path, which is relative in the folder of the
	// tool.
	Files map[string]string `json:"files"`
}

// take describes a tool as it is now.
func take(dir string, outside []string) (record, error) {
	var names []string
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		return record{}, fmt.Errorf("list what is installed: %w", err)
	}
	for _, root := range outside {
		below, err := library(root)
		if err != nil {
			return record{}, fmt.Errorf("list what the tool uses: %w", err)
		}
		names = append(names, below...)
	}
	descriptions, err := describeAll(names, dir)
	if err != nil {
		return record{}, fmt.Errorf("read what is installed: %w", err)
	}
	r := record{Outside: outside, Files: map[string]string{}}
	for i, name := range names {
		r.Files[within(dir, name)] = descriptions[i]
	}
	return r, nil
}

// unused are folders of a library that a tool does not load from: packages of other
// programs, tests, and compiled files, which a tool has of its own.
var unused = []string{"site-packages", "dist-packages", "__pycache__", "test", "config-*"}

// library returns the files below a folder outside of a tool, or the path itself if
// it is something else, or nothing.
func library(root string) ([]string, error) {
	if info, err := os.Stat(root); err != nil || !info.IsDir() {
		return []string{root}, nil //nolint:nilerr // that it is absent is part of the record
	}
	var names []string
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !entry.IsDir():
			names = append(names, name)
		case slices.ContainsFunc(unused, func(pattern string) bool { ok, _ := path.Match(pattern, entry.Name()); return ok }):
			return fs.SkipDir
		}
		return nil
	})
	return names, err
}

// within returns the path relative to dir if it is in it.
func within(dir, name string) string {
	if below, ok := strings.CutPrefix(name, dir+string(filepath.Separator)); ok {
		return below
	}
	return name
}

// describeAll describes files, as many at once as there are cores.
func describeAll(names []string, dir string) ([]string, error) {
	descriptions, failed := make([]string, len(names)), make([]error, len(names))
	next := make(chan int)
	var wait sync.WaitGroup
	for range runtime.NumCPU() {
		wait.Go(func() {
			for i := range next {
				descriptions[i], failed[i] = describe(names[i], dir)
			}
		})
	}
	for i := range names {
		next <- i
	}
	close(next)
	wait.Wait()
	return descriptions, errors.Join(failed...)
}

// absent describes a path at which there is nothing.
const absent = "absent"

// describe returns the checksum of a file. For a link it is that of the file to which
// it leads in the end, after its path.
func describe(name, dir string) (string, error) {
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return absent, nil
	case err != nil:
		return "", err
	case info.Mode().IsRegular():
		return checksumOf(name)
	case info.Mode()&fs.ModeSymlink == 0:
		return info.Mode().Type().String(), nil
	}
	target, err := filepath.EvalSymlinks(name)
	if err != nil {
		return "broken link", nil //nolint:nilerr // which is what it is
	}
	leads := "link to " + within(dir, target)
	if info, err = os.Stat(target); err != nil || !info.Mode().IsRegular() {
		return leads, err
	}
	sum, err := checksumOf(target)
	return leads + " " + sum, err
}

func checksumOf(name string) (string, error) {
	file, err := os.Open(name) // #nosec G304 -- a part of an installed tool, which is only read
	if err != nil {
		return "", err
	}
	defer func() { _ = file.Close() }() // it was only read
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", err
	}
	return "sha256:" + hex.EncodeToString(sum.Sum(nil)), nil
}

// changes lists how a tool differs from the record, sorted.
func (r record) changes(now record) []string {
	var found []string
	for _, name := range slices.Sorted(maps.Keys(r.Files)) {
		switch was, is := r.Files[name], now.Files[name]; {
		case is == was:
		case was == absent:
			found = append(found, name+" was added")
		case is == "", is == absent:
			found = append(found, name+" is missing")
		default:
			found = append(found, name+" was changed")
		}
	}
	for _, name := range slices.Sorted(maps.Keys(now.Files)) {
		if _, ok := r.Files[name]; !ok {
			found = append(found, name+" was added")
		}
	}
	return found
}

func readRecord(file string) (record, error) {
	content, err := os.ReadFile(file) // #nosec G304 -- the toolbox wrote it
	if err != nil {
		return record{}, err
	}
	var r record
	if err := json.Unmarshal(content, &r); err != nil {
		return record{}, fmt.Errorf("read %s: %w", file, err)
	}
	return r, nil
}

// write writes the record. It appears only when it is complete.
func (r record) write(file string) error {
	content, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return err
	}
	incomplete := file + ".incomplete"
	if err := os.WriteFile(incomplete, content, 0o600); err != nil {
		return err
	}
	return os.Rename(incomplete, file)
}

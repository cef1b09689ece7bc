package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"syscall"

	"example.com/rates/service/importer"
)

// inputs are the files of an import. All are open before the database is asked for
// anything, so that nobody waits for one that lets the import wait, and so that
// their names do not matter any more.
type inputs struct {
	files   []importer.File
	opened  []*os.File
	spooled []once
	show    func(importer.Progress) // called before an input is copied
}

// once is an input that can be read only once, such as a pipe.
type once struct {
	name string
	info fs.FileInfo // nil if it is not a file
}

// openInputs opens files by name; "-" is stdin. The caller closes the result, even
// after an error.
func openInputs(ctx context.Context, names []string, stdin io.Reader, show func(importer.Progress)) (*inputs, error) {
	in := &inputs{show: show}
	for _, name := range names {
		if err := in.add(ctx, name, stdin); err != nil {
			return in, err
		}
	}
	return in, nil
}

func (in *inputs) close() {
	for _, file := range in.opened {
		_ = file.Close() // nothing was written to it that is still needed
	}
}

func (in *inputs) add(ctx context.Context, name string, stdin io.Reader) error {
	if name == "-" {
		source := once{name: "standard input"}
		if file, ok := stdin.(*os.File); ok {
			source.info, _ = file.Stat() // only for comparison
		}
		return in.spool(ctx, source, stdin)
	}
	info, err := waitFor(ctx, func() (fs.FileInfo, error) { return os.Stat(name) })
	switch {
	case err != nil:
		return openFailed(name, err)
	case info.IsDir():
		return fmt.Errorf("open %s: it is a folder; name the files in it", name)
	case !info.Mode().IsRegular():
		// Opening a pipe again would wait for another writer.
		if err := in.refuseAgain(once{name, info}); err != nil {
			return err
		}
	}
	file, err := waitFor(ctx, func() (*os.File, error) { return open(name) })
	if err != nil && info.Mode()&fs.ModeSocket != 0 {
		return fmt.Errorf("open %s: it is a socket; pipe what it sends into 'rates import -'", name)
	}
	if err != nil {
		return openFailed(name, err)
	}
	in.opened = append(in.opened, file)
	if info, err = file.Stat(); err != nil {
		return openFailed(name, err)
	}
	if !info.Mode().IsRegular() {
		return in.spool(ctx, once{name, info}, file)
	}
	in.files = append(in.files, importer.File{Name: name, Content: file, Size: info.Size()})
	return nil
}

// refuseAgain refuses an input that is the same as one that was read before.
func (in *inputs) refuseAgain(source once) error {
	for _, before := range in.spooled {
		if source.name == before.name || source.info != nil && before.info != nil && os.SameFile(source.info, before.info) {
			return fmt.Errorf("%s is the same as %s, which can be read only once; name it once", source.name, before.name)
		}
	}
	return nil
}

// spool copies an input to a temporary file, because an import may read it twice.
func (in *inputs) spool(ctx context.Context, source once, from io.Reader) error {
	if err := in.refuseAgain(source); err != nil {
		return err
	}
	in.spooled = append(in.spooled, source)
	file, err := os.CreateTemp("", "rates-import-*")
	if err != nil {
		return fmt.Errorf("create a temporary file for %s: %w", source.name, err)
	}
	in.opened = append(in.opened, file)
	// It needs no name, and goes with the process, however that ends.
	_ = os.Remove(file.Name()) // a left-over in the temporary folder does no harm
	in.show(importer.Progress{File: source.name, Step: "copying to " + filepath.Dir(file.Name())})
	size, err := waitFor(ctx, func() (int64, error) { return io.Copy(file, from) })
	if err != nil {
		return fmt.Errorf("copy %s to %s: %w", source.name, filepath.Dir(file.Name()), noRoom(err))
	}
	in.files = append(in.files, importer.File{Name: source.name, Content: file, Size: size})
	return nil
}

// noRoom adds what to do to an error for a full disk.
func noRoom(err error) error {
	if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) || errors.Is(err, syscall.EFBIG) {
		return fmt.Errorf("%w; make room there, or set TMPDIR to a folder with more", err)
	}
	return err
}

// waitFor returns what do returns, or an error as soon as ctx ends. Opening and
// reading a file cannot be interrupted, but waiting for it can.
func waitFor[T any](ctx context.Context, do func() (T, error)) (T, error) {
	type result struct {
		value T
		err   error
	}
	done := make(chan result, 1)
	go func() {
		value, err := do()
		done <- result{value, err}
	}()
	select {
	case got := <-done:
		return got.value, got.err
	case <-ctx.Done():
		return *new(T), ctx.Err()
	}
}

// open opens a file for reading. A name such as /dev/stdin stands for a descriptor
// of this process, which need not have a file that can be opened: a socket has none.
func open(name string) (*os.File, error) {
	number, ok := descriptor(name)
	if !ok {
		return os.Open(filepath.Clean(name))
	}
	copied, err := syscall.Dup(number)
	if err != nil {
		return nil, err
	}
	return os.NewFile(uintptr(copied), name), nil // #nosec G115 -- descriptors are not negative
}

// descriptor returns the number of the descriptor that a name, or the target of a
// link, stands for.
func descriptor(name string) (number int, ok bool) {
	const links = 10 // more would be a loop
	for range links {
		name = filepath.Clean(name)
		switch dir, base := filepath.Split(name); dir {
		case "/dev/fd/", "/proc/self/fd/":
			number, err := strconv.Atoi(base)
			return number, err == nil
		}
		target, err := os.Readlink(name)
		if err != nil {
			return 0, false
		}
		if !filepath.IsAbs(target) {
			target = filepath.Join(filepath.Dir(name), target)
		}
		name = target
	}
	return 0, false
}

func openFailed(name string, err error) error {
	if failed, ok := errors.AsType[*fs.PathError](err); ok {
		err = failed.Err // it would repeat the name
	}
	return fmt.Errorf("open %s: %w", name, err)
}

package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// recover removes what a killed program left: its server and the server's socket.
// The server recovers the data itself.
func (d *directory) recover(ctx context.Context, log *slog.Logger) error {
	sockets := d.notedSockets()
	pid, serverSockets := d.postmaster()
	switch {
	case pid == 0:
	case !serves(pid, d.data()):
		if err := d.forgetReused(pid); err != nil {
			return err
		}
	case serverSockets != "" && serverSockets != sockets:
		return fmt.Errorf("the database in %s is in use by a server that this program did not start, "+
			"process %d: stop that first", d.path, pid)
	default:
		log.InfoContext(ctx, "stopping the database server of a killed program", "pid", pid)
		if err := d.stopOrphan(ctx, pid); err != nil {
			return err
		}
	}
	if sockets == "" {
		return nil
	}
	log.InfoContext(ctx, "removing the socket of a killed program", "directory", sockets)
	if err := os.RemoveAll(sockets); err != nil {
		return fmt.Errorf("remove an old socket: %w", err)
	}
	return nil
}

// notedSockets returns the noted socket directory if it exists and must be ours.
func (d *directory) notedSockets() string {
	note, err := os.ReadFile(d.socketNote())
	if err != nil {
		return ""
	}
	dir := strings.TrimSpace(string(note))
	if filepath.Dir(dir) != socketRoot || !strings.HasPrefix(filepath.Base(dir), socketPrefix) {
		return ""
	}
	if info, err := os.Lstat(dir); err != nil || !info.IsDir() { // #nosec G703 -- checked to be right in socketRoot
		return ""
	}
	return dir
}

// postmaster returns the process id and the socket directory that a server has noted
// in its data, or zero values.
func (d *directory) postmaster() (pid int, sockets string) {
	text, err := os.ReadFile(d.pidFile())
	if err != nil {
		return 0, ""
	}
	lines := strings.Split(string(text), "\n")
	pid, err = strconv.Atoi(strings.TrimSpace(lines[0]))
	if err != nil || pid <= 0 {
		return 0, ""
	}
	if len(lines) > 5 { // the fifth is complete
		sockets = strings.TrimSpace(lines[4])
	}
	return pid, sockets
}

func (d *directory) pidFile() string { return filepath.Join(d.data(), "postmaster.pid") }

// forgetReused removes the server's note of its process id if that is now another
// process, which PostgreSQL would take for a server. The note of a process that has
// ended stays: with it PostgreSQL finds workers that still run.
func (d *directory) forgetReused(pid int) error {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return nil
	}
	if err := os.Remove(d.pidFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove an old process id: %w", err)
	}
	return nil
}

// stopOrphan ends the server pid, which is not a child of this process.
func (d *directory) stopOrphan(ctx context.Context, pid int) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		for serves(pid, d.data()) {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}()
	err := stop(func(sig syscall.Signal) error { return syscall.Kill(pid, sig) }, ended)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("process %d, left on %s: %w", pid, d.path, err)
	}
	return nil
}

// Remove deletes a Config.Dir with its data, after ending a server that a killed
// program left there. It fails while a program uses the directory, and returns nil
// if the directory does not exist.
func Remove(ctx context.Context, dir string) error {
	if _, err := os.Lstat(dir); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	d, err := claim(dir, "")
	if err != nil {
		return err
	}
	return d.clear(ctx, slog.New(slog.DiscardHandler))
}

// clear removes the directory and the server and socket that belong to it.
func (d *directory) clear(ctx context.Context, log *slog.Logger) error {
	if err := d.recover(ctx, log); err != nil {
		return errors.Join(err, unlock(d.lock))
	}
	d.temporary = true
	return d.release()
}

// sweep removes temporary directories in root whose program was killed. A young
// one may be about to be locked.
func sweep(ctx context.Context, root string, log *slog.Logger) {
	root, err := filepath.EvalSymlinks(root)
	if err != nil {
		return // creating a directory there will report it
	}
	paths, _ := filepath.Glob(filepath.Join(root, temporaryPrefix+"*"))
	for _, path := range paths {
		info, err := os.Lstat(path)
		if err != nil || !info.IsDir() || owner(info) != os.Geteuid() || time.Since(info.ModTime()) < time.Minute {
			continue
		}
		d := &directory{path: path}
		if d.acquire() != nil {
			continue
		}
		if err := d.clear(ctx, log); err != nil {
			log.WarnContext(ctx, "cannot remove the database of a killed program", "directory", path, "error", err)
			continue
		}
		log.InfoContext(ctx, "removed the database of a killed program", "directory", path)
	}
}

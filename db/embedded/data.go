package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// socketRoot is short because the path of a socket is limited to about 100 bytes.
const (
	socketRoot   = "/tmp"
	socketPrefix = "rates-socket-"
)

// dataMajor returns the major version that wrote the data, or 0 if there are none.
func (d *directory) dataMajor() (int, error) {
	if _, err := os.Lstat(d.data()); errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	text, err := os.ReadFile(filepath.Join(d.data(), "PG_VERSION"))
	if err != nil {
		return 0, fmt.Errorf("%s contains no database: %w; remove it with `make clean`", d.data(), err)
	}
	// Up to 9.6 the file contains two numbers.
	number, _, _ := strings.Cut(strings.TrimSpace(string(text)), ".")
	major, err := strconv.Atoi(number)
	if err != nil || major < 1 {
		return 0, fmt.Errorf("%s contains no database: its version is %q; remove it with `make clean`", d.data(), text)
	}
	return major, nil
}

// initialise creates the data under another name first, so that data under its
// final name is complete.
func (d *directory) initialise(ctx context.Context, bin binaries, who account, cfg Config) error {
	unfinished := d.data() + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		return fmt.Errorf("remove unfinished data: %w", err)
	}
	if err := os.Mkdir(unfinished, 0o700); err != nil {
		return fmt.Errorf("create the database: %w", err)
	}
	if err := who.give(unfinished); err != nil {
		return fmt.Errorf("create the database: %w", err)
	}
	if err := fill(ctx, unfinished, bin, who, cfg); err != nil {
		return err
	}
	if err := os.Rename(unfinished, d.data()); err != nil {
		return fmt.Errorf("create the database: %w", err)
	}
	return nil
}

// fill creates the data of a new server, or of one that follows another.
func fill(ctx context.Context, dir string, bin binaries, who account, cfg Config) error {
	program, args := "initdb", []string{"-D", dir, "--username=postgres", "--auth=trust", "--encoding=UTF8", "--locale=C"}
	if cfg.Follow != nil {
		program, args = "pg_basebackup", []string{"-D", dir, "-d", cfg.Follow.URL("postgres"), "--write-recovery-conf", "--checkpoint=fast"}
	}
	if !cfg.Durable {
		args = append(args, "--no-sync")
	}
	if _, err := run(ctx, bin.command(who, program, args...)); err != nil {
		return fmt.Errorf("create the database with %s of %s: %w", program, bin, err)
	}
	return nil
}

// reach checks that the server's user can enter the directory.
func reach(ctx context.Context, bin binaries, who account, dir string) error {
	cmd := bin.command(who, "postgres", "--version")
	cmd.Dir = dir
	_, err := run(ctx, cmd)
	if errors.Is(err, fs.ErrPermission) {
		return fmt.Errorf("user %s, who runs the server, cannot reach %s: a directory above it is closed to other users; "+
			"choose one outside, for example below /var/lib", who.name, dir)
	}
	if err != nil {
		return fmt.Errorf("run %s in %s: %w", bin, dir, err)
	}
	return nil
}

// makeSockets creates the private directory for the server's socket, and notes its
// path for a later start to remove in case this process cannot.
func (d *directory) makeSockets(who account) (string, error) {
	dir, err := os.MkdirTemp(socketRoot, socketPrefix)
	if err != nil {
		return "", explain(fmt.Errorf("create a directory for the server's socket: %w", err), socketRoot)
	}
	if err := os.WriteFile(d.socketNote(), []byte(dir+"\n"), 0o600); err != nil {
		return dir, fmt.Errorf("note the server's socket: %w", err)
	}
	if err := who.give(dir); err != nil {
		return dir, fmt.Errorf("create a directory for the server's socket: %w", err)
	}
	return dir, nil
}

func (d *directory) logPath() string { return filepath.Join(d.path, "server.log") }

// newLog opens an empty log and keeps the previous one.
func (d *directory) newLog() (*os.File, error) {
	if err := os.Rename(d.logPath(), d.logPath()+".1"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("keep the last server log: %w", err)
	}
	file, err := os.OpenFile(d.logPath(), os.O_CREATE|os.O_WRONLY|os.O_APPEND|os.O_EXCL, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the server log: %w", err)
	}
	return file, nil
}

// logTail returns the end of the server's log, for an error.
func (d *directory) logTail() string {
	file, err := os.Open(d.logPath())
	if err != nil {
		return err.Error()
	}
	defer file.Close()
	const size = 8 << 10
	var start int64
	if info, err := file.Stat(); err == nil {
		start = max(0, info.Size()-size)
	}
	text := make([]byte, size)
	n, _ := file.ReadAt(text, start) // io.EOF at the end
	return lastLines(string(text[:n]))
}

package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
)

// pipe returns the name of a named pipe to which text is written once.
func pipe(t *testing.T, text string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	go func() { _ = os.WriteFile(name, []byte(text), 0o600) }() // once somebody reads; the test sees what arrives
	return name
}

// descriptors returns two connected files, of which the first is read.
type descriptors func(t *testing.T) (read, write *os.File)

func pipes(t *testing.T) (read, write *os.File) {
	t.Helper()
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	return read, write
}

// sockets are what the standard streams of a program started by Node.js or sshd are.
func sockets(t *testing.T) (read, write *os.File) {
	t.Helper()
	pair, err := syscall.Socketpair(syscall.AF_UNIX, syscall.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(pair[0]), "socket"), os.NewFile(uintptr(pair[1]), "socket")
}

// inherited returns a name such as /dev/fd/63, as the shell makes for <(COMMAND),
// from which text can be read once.
func inherited(t *testing.T, open descriptors, text string) (name string, read *os.File) {
	t.Helper()
	read, write := open(t)
	t.Cleanup(func() { _ = read.Close() })
	go func() {
		_, _ = io.WriteString(write, text) // the test sees what arrives
		_ = write.Close()
	}()
	return fmt.Sprintf("/dev/fd/%d", read.Fd()), read
}

// link returns the name of a symbolic link.
func link(t *testing.T, target string) string {
	t.Helper()
	name := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink(target, name); err != nil {
		t.Fatal(err)
	}
	return name
}

func zipped(t *testing.T, text string) string {
	t.Helper()
	var b bytes.Buffer
	zip := gzip.NewWriter(&b)
	if _, err := io.WriteString(zip, text); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// What can be read only once is read once, although an import to a database with
// prices reads its file twice. No temporary file is left.
func TestImportOfPipes(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	database := dbtest.NewWorld(t)
	const text = pricesHead + aPrice
	fromPipe, _ := inherited(t, pipes, text)
	fromSocket, _ := inherited(t, sockets, text)
	linked, _ := inherited(t, sockets, text)
	for kind, name := range map[string]string{
		"pipe":                   pipe(t, text),
		"link to a pipe":         link(t, pipe(t, text)),
		"compressed pipe":        pipe(t, zipped(t, text)),
		"<(command)":             fromPipe,
		"socket":                 fromSocket,
		"link to a descriptor":   link(t, linked),
		"link to a regular file": link(t, writeFile(t, "c.csv", text)),
	} {
		got := command(t.Context(), nil, "import", "--again", "--database-url", database.As(dbtest.Loader), name)
		if got.code != exitOK || !strings.HasPrefix(got.out, name+": 1 prices added; ") {
			t.Errorf("%s: exit code %d, %s%s", kind, got.code, got.out, got.err)
		}
	}
	if n := dbtest.Value[int](t, database.Connect(t), `SELECT count(*) FROM prices`); n != 11+7 {
		t.Errorf("%d prices", n)
	}
	if left, err := os.ReadDir(os.TempDir()); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Several pipes can be imported together, also as the whole data set.
func TestImportOfSeveralPipes(t *testing.T) {
	database := dbtest.NewWorld(t)
	for _, flag := range []string{"--again", "--replace"} {
		got := command(t.Context(), strings.NewReader(pricesHead+aPrice), "import", flag, "--database-url", database.As(dbtest.Loader),
			pipe(t, regionsCSV), pipe(t, portsCSV), "-")
		if got.code != exitOK {
			t.Errorf("%s: exit code %d, %s", flag, got.code, got.err)
		}
	}
}

// What cannot be read, or not again, is refused with the reason, before anything is
// imported.
func TestImportRefusesInputs(t *testing.T) {
	database := dbtest.NewWorld(t)
	before := database.Contents(t)
	good := writeFile(t, "good.csv", pricesHead+aPrice)
	folder := t.TempDir()
	socket := filepath.Join(folder, "socket")
	listener, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	twice := pipe(t, pricesHead+aPrice)
	again := link(t, twice)
	name, stdin := inherited(t, pipes, pricesHead+aPrice)
	for _, c := range []struct {
		stdin io.Reader
		names []string
		want  string
	}{
		{nil, []string{"/nonexistent/x.sql"}, "open /nonexistent/x.sql: no such file or directory"},
		{nil, []string{folder}, "open " + folder + ": it is a folder; name the files in it"},
		{nil, []string{socket}, "open " + socket + ": it is a socket; pipe what it sends into 'rates import -'"},
		{nil, []string{"/dev/fd/999"}, "open /dev/fd/999: no such file or directory"},
		{nil, []string{twice, again}, again + " is the same as " + twice + ", which can be read only once; name it once"},
		{stdin, []string{"-", name}, name + " is the same as standard input, which can be read only once; name it once"},
		{strings.NewReader(aPrice), []string{"-", "-"}, "standard input is the same as standard input, which can be read only once; name it once"},
	} {
		got := command(t.Context(), c.stdin, append([]string{"import", "--database-url", database.As(dbtest.Loader), good}, c.names...)...)
		got.want(t, exitFailure, "", "rates: "+c.want+"\n")
	}
	if got := command(t.Context(), nil, "import", "--database-url", database.As(dbtest.Loader), "/dev/null"); got.code != exitFailure ||
		!strings.HasPrefix(got.err, "rates: /dev/null: is empty") {
		t.Errorf("/dev/null: exit code %d, %s", got.code, got.err)
	}
	if after := database.Contents(t); after != before {
		t.Error("the data have changed")
	}
}

// An import that waits for somebody to write to a named pipe can be interrupted, and
// other writers do not wait for it.
func TestImportWaitsForPipe(t *testing.T) {
	database := dbtest.NewWorld(t)
	name := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(name, 0o600); err != nil {
		t.Fatal(err)
	}
	ctx, interrupt := context.WithCancel(t.Context())
	done := make(chan result, 1)
	go func() { done <- command(ctx, nil, "import", "--database-url", database.As(dbtest.Loader), name) }()
	database.Exec(t, `SELECT lock_data()`)
	interrupt()
	select {
	case got := <-done:
		got.want(t, exitFailure, "", "rates: interrupted; nothing more was changed\n")
	case <-time.After(testkit.Patience):
		t.Fatalf("it still waits after %v", testkit.Patience)
	}
	if late, err := os.OpenFile(name, os.O_RDWR, 0); err == nil { // lets the one that waits go on
		_ = late.Close()
	}
}

// Without room for the copy of a pipe, the message names the folder and what to do.
func TestNoRoomForPipe(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "missing")
	t.Setenv("TMPDIR", missing)
	got := command(t.Context(), strings.NewReader(""), "import", "--database-url", "postgres:///x", "-")
	if got.code != exitFailure || !strings.HasPrefix(got.err, "rates: create a temporary file for standard input: open "+missing) {
		t.Errorf("exit code %d, %s", got.code, got.err)
	}
	err := noRoom(&fs.PathError{Op: "write", Path: "/tmp/rates-import-1", Err: syscall.ENOSPC})
	const want = "write /tmp/rates-import-1: no space left on device; make room there, or set TMPDIR to a folder with more"
	if err.Error() != want || !errors.Is(err, syscall.ENOSPC) {
		t.Errorf("%v\nwant %s", err, want)
	}
}

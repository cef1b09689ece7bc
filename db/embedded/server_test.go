package embedded

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"example.com/rates/internal/testkit"
)

func TestTemporaryServerLeavesNothingBehind(t *testing.T) {
	s := start(t, Config{})
	if got := query(t, s.URL("postgres"), "select 'here'"); got != "here" {
		t.Fatalf("got %q", got)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	<-s.Done()
	if err := s.Err(); err != nil {
		t.Errorf("after Close Err is %v, want nil", err)
	}
	for _, path := range []string{s.dir.path, s.sockets} {
		if exists(path) {
			t.Errorf("%s still exists", path)
		}
	}
}

// Durable data is not kept in memory, and neither is data if TMPDIR is set.
func TestTemporaryRoot(t *testing.T) {
	t.Setenv("TMPDIR", "")
	if got := temporaryRoot(true); got != os.TempDir() {
		t.Errorf("durable data is in %s", got)
	}
	t.Setenv("TMPDIR", "/somewhere")
	if got := temporaryRoot(false); got != "/somewhere" {
		t.Errorf("with TMPDIR set, data is in %s", got)
	}
}

func TestRunningServer(t *testing.T) {
	// libpq and pgx use this port if a URL has none.
	t.Setenv("PGPORT", "1")
	s := start(t, Config{})
	t.Run("settings", func(t *testing.T) { testSettings(t, s) })

	t.Run("the URL of a database with any name", func(t *testing.T) {
		query(t, s.URL("postgres"), `create database "a b?"`)
		if got := query(t, s.URL("a b?"), "select current_database()"); got != "a b?" {
			t.Errorf("connected to %q", got)
		}
	})

	t.Run("a second start on its directory names the process", func(t *testing.T) {
		got := startFails(t, Config{Dir: s.dir.path})
		wantParts(t, got, "in use by process "+strconv.Itoa(os.Getpid()), s.dir.path, "stop that first")
		if got := query(t, s.URL("postgres"), "select 'alive'"); got != "alive" {
			t.Errorf("the first server answered %q", got)
		}
	})

	// Every user of the socket is superuser, so only its owner and root may use it.
	t.Run("socket is private", func(t *testing.T) {
		info, err := os.Stat(s.sockets)
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != 0o700 {
			t.Errorf("the directory of the socket has mode %o, want 700", got)
		}
	})

	t.Run("ignores Ctrl-C", func(t *testing.T) {
		group, err := syscall.Getpgid(s.proc.cmd.Process.Pid)
		if err != nil {
			t.Fatal(err)
		}
		if group == syscall.Getpgrp() {
			t.Error("the server is in this program's process group, which Ctrl-C ends")
		}
	})
}

func testSettings(t *testing.T, s *Server) {
	t.Helper()
	for name, want := range map[string]string{
		"listen_addresses": "", "TimeZone": "UTC", "server_encoding": "UTF8",
		"max_connections": "200", "shared_buffers": "128MB", "autovacuum": "on",
		"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "jit": "off",
	} {
		if got := query(t, s.URL("postgres"), "select current_setting('"+name+"')"); got != want {
			t.Errorf("%s is %q, want %q", name, got, want)
		}
	}
	statement := "select datcollate from pg_database where datname = 'postgres'"
	if got := query(t, s.URL("postgres"), statement); got != "C" {
		t.Errorf("the collation is %q, want C", got)
	}
}

func TestDeveloperEnvironmentDoesNotReachTheServer(t *testing.T) {
	t.Setenv("PGDATA", "/nowhere")
	t.Setenv("LC_ALL", "no_SUCH.locale")
	for _, variable := range (binaries{}).command(account{}, "postgres").Env {
		if strings.HasPrefix(variable, "PG") || variable == "LC_ALL=no_SUCH.locale" {
			t.Errorf("the server would see %s", variable)
		}
	}
}

func TestDataIsKept(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(tempDir(t), "not", "yet", "there")
	first := start(t, Config{Dir: dir, Durable: true})
	query(t, first.URL("postgres"), "create table kept as select 7 as n")
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	if exists(first.sockets) {
		t.Errorf("%s still exists", first.sockets)
	}
	second := start(t, Config{Dir: dir, Durable: true})
	if got := query(t, second.URL("postgres"), "select n::text from kept"); got != "7" {
		t.Errorf("got %q from the table, want 7", got)
	}
	for _, name := range []string{"fsync", "synchronous_commit", "full_page_writes"} {
		if got := query(t, second.URL("postgres"), "select current_setting('"+name+"')"); got != "on" {
			t.Errorf("%s is %q, want on", name, got)
		}
	}
}

func TestKilledServerIsReportedAndRecovered(t *testing.T) {
	t.Parallel()
	dir := dirWithData(t)
	first := start(t, Config{Dir: dir, Durable: true})
	query(t, first.URL("postgres"), "create table kept as select 7 as n")
	kill(t, serverPID(t, dir))
	select {
	case <-first.Done():
	case <-time.After(testkit.Patience):
		t.Fatal("Done is not closed")
	}
	if err := first.Err(); err == nil {
		t.Error("Err is nil")
	} else {
		wantParts(t, err.Error(), "signal: killed", "ready to accept connections")
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	second := start(t, Config{Dir: dir, Durable: true})
	if got := query(t, second.URL("postgres"), "select n::text from kept"); got != "7" {
		t.Errorf("got %q from the table, want 7", got)
	}
}

func TestServerThatCannotStartIsQuoted(t *testing.T) {
	t.Parallel()
	bin := fakeServer(t, versionScript("16.1", "echo FATAL: out of luck; exit 1"), "exit 0")
	got := startFails(t, Config{Dir: tempDir(t), BinDir: bin})
	wantParts(t, got, "ended while it started", "exit status 1", "FATAL: out of luck")
}

func TestFullDiskIsNamed(t *testing.T) {
	t.Parallel()
	for name, said := range map[string]string{
		"by the system":      "initdb: error: could not write to file: No space left on device",
		"by a partial write": "HINT:  Check free disk space.",
	} {
		t.Run(name, func(t *testing.T) {
			dir := tempDir(t)
			bin := fakeServer(t, versionScript("16.1", "exit 1"), "echo '"+said+"' >&2; exit 1")
			got := startFails(t, Config{Dir: dir, BinDir: bin})
			wantParts(t, got, "no space left in "+dir, "free some")
			if strings.Contains(got, "\n") {
				t.Errorf("want one sentence, got %q", got)
			}
		})
	}
}

func TestCancelledStartEndsItsProcesses(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	pidFile := filepath.Join(dir, "data.new", "pid")
	bin := fakeServer(t, versionScript("16.1", "exit 1"),
		`sleep 600 & echo $! >"$2/pid.new"; mv "$2/pid.new" "$2/pid"; wait`)
	ctx, cancel := context.WithCancel(t.Context())
	result := make(chan error, 1)
	go func() {
		_, err := Start(ctx, Config{Dir: dir, BinDir: bin})
		result <- err
	}()
	testkit.Eventually(t, "initdb has a child", func() bool { return exists(pidFile) })
	cancel()
	select {
	case err := <-result:
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want context.Canceled", err)
		}
	case <-time.After(testkit.Patience):
		t.Fatal("Start does not return")
	}
	text, err := os.ReadFile(pidFile)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	testkit.Eventually(t, "the child of initdb has ended", func() bool { return !runs(pid) })
}

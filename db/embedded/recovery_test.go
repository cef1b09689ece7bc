package embedded

import (
	"bufio"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/rates/internal/testkit"
)

func TestServerEndsWithAKilledProgram(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("SKIP: only Linux can tie a server to the life of its program")
	}
	dir := dirWithData(t)
	program := exec.Command(os.Args[0])
	program.Env = append(os.Environ(), childDir+"="+dir)
	out, err := program.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := program.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(out).ReadString('\n')
	pid, sockets := (&directory{path: dir}).postmaster()
	if err := program.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = program.Wait() // reports the kill
	if line != "ready\n" {
		t.Fatalf("the program said %q", line)
	}
	data := filepath.Join(dir, "data")
	testkit.Eventually(t, "the server has ended", func() bool { return !serves(pid, data) })

	start(t, Config{Dir: dir})
	if exists(sockets) {
		t.Errorf("the next start left %s", sockets)
	}
}

// logFunc is called with each line of a log.
type logFunc func(line string)

func (f logFunc) Write(line []byte) (int, error) {
	f(string(line))
	return len(line), nil
}

// The workers hold the shared memory, and no new server starts until they end.
func TestWorkersOfAKilledServerAreWaitedFor(t *testing.T) {
	t.Parallel()
	dir := dirWithData(t)
	first := start(t, Config{Dir: dir})
	conn, err := pgx.Connect(t.Context(), first.URL("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	worker := int(conn.PgConn().PID())
	if err := syscall.Kill(worker, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	proceed := sync.OnceFunc(func() { _ = syscall.Kill(worker, syscall.SIGCONT) })
	t.Cleanup(proceed)
	kill(t, serverPID(t, dir))
	<-first.Done()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	waited := false
	log := logFunc(func(line string) {
		if strings.Contains(line, "waiting for the workers") {
			waited = true
			proceed()
		}
	})
	start(t, Config{Dir: dir, Log: slog.New(slog.NewTextHandler(log, nil))})
	if !waited {
		t.Error("started while a worker ran")
	}
}

// otherServer starts a server on the data in dir as another program would, and notes
// its socket.
func otherServer(t *testing.T, dir string) (pid int, sockets string) {
	t.Helper()
	d := &directory{path: dir}
	who, err := serverAccount(d.data())
	if err != nil {
		t.Fatal(err)
	}
	if sockets, err = d.makeSockets(who); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(sockets) })
	startCommand(t, needServer(t).command(who, "postgres", "-D", d.data(), "-k", sockets, "-c", "listen_addresses="))
	testkit.Eventually(t, "the other server notes its socket", func() bool {
		_, noted := d.postmaster()
		return noted != ""
	})
	return serverPID(t, dir), sockets
}

func TestServerLeftByAKilledProgramIsEnded(t *testing.T) {
	t.Parallel()
	dir := dirWithData(t)
	pid, sockets := otherServer(t, dir)
	s := start(t, Config{Dir: dir})
	if serves(pid, s.dir.data()) {
		t.Errorf("process %d still runs", pid)
	}
	if exists(sockets) {
		t.Errorf("%s still exists", sockets)
	}
}

func TestServerStartedByHandKeepsRunning(t *testing.T) {
	t.Parallel()
	dir := dirWithData(t)
	pid, _ := otherServer(t, dir)
	if err := os.Remove(filepath.Join(dir, "sockets")); err != nil {
		t.Fatal(err)
	}
	got := startFails(t, Config{Dir: dir, BinDir: needServer(t).dir})
	wantParts(t, got, dir, fmt.Sprint("process ", pid), "stop that first")
	if err := Remove(t.Context(), dir); err == nil {
		t.Error("Remove succeeded")
	}
	if !serves(pid, filepath.Join(dir, "data")) {
		t.Errorf("process %d was ended", pid)
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	dir := dirWithData(t)
	pid, sockets := otherServer(t, dir)
	if err := Remove(t.Context(), dir); err != nil {
		t.Fatal(err)
	}
	if serves(pid, filepath.Join(dir, "data")) || exists(sockets) || exists(dir) {
		t.Errorf("the server, its socket or its data still exist")
	}
	if err := Remove(t.Context(), dir); err != nil {
		t.Errorf("the second time: %v", err)
	}
	if exists(dir) {
		t.Errorf("the second time made %s", dir)
	}
}

func TestRemoveKeepsADirectoryInUse(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	user, err := claim(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := Remove(t.Context(), dir); err == nil {
		t.Error("no error")
	} else {
		wantParts(t, err.Error(), "in use by process")
	}
	if err := user.release(); err != nil {
		t.Error(err)
	}
}

// PostgreSQL refuses to start if any process of its user has the number.
func TestReusedProcessID(t *testing.T) {
	t.Parallel()
	dir := dirWithData(t)
	who, err := serverAccount(filepath.Join(dir, "data"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("sleep", "600")
	cmd.SysProcAttr = attributes(who)
	startCommand(t, cmd)
	note := filepath.Join(dir, "data", "postmaster.pid")
	write(t, note, fmt.Sprintf("%d\n%s\n1600000000\n5432\n/tmp\n\n        0         0\n",
		cmd.Process.Pid, filepath.Join(dir, "data")))
	if err := who.give(note); err != nil {
		t.Fatal(err)
	}
	start(t, Config{Dir: dir})
	if err := syscall.Kill(cmd.Process.Pid, 0); err != nil {
		t.Errorf("the other process: %v", err)
	}
}

func TestNotedSocketsMustBeOurs(t *testing.T) {
	t.Parallel()
	dir, precious := tempDir(t), tempDir(t)
	write(t, filepath.Join(dir, "sockets"), precious+"\n")
	if got := (&directory{path: dir}).notedSockets(); got != "" {
		t.Errorf("would remove %s", got)
	}
}

func TestSweepRemovesOnlyUnusedDirectories(t *testing.T) {
	root, err := filepath.EvalSymlinks(tempDir(t))
	if err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-time.Hour)
	paths := map[string]string{}
	for _, name := range []string{"abandoned", "used", "young"} {
		paths[name] = filepath.Join(root, temporaryPrefix+name)
		write(t, filepath.Join(paths[name], "data", "PG_VERSION"), "15\n")
	}
	used := &directory{path: paths["used"]}
	if err := used.acquire(); err != nil {
		t.Fatal(err)
	}
	defer used.lock.Close()
	for _, name := range []string{"abandoned", "used"} {
		if err := os.Chtimes(paths[name], long, long); err != nil {
			t.Fatal(err)
		}
	}
	sweep(t.Context(), root, slog.New(slog.DiscardHandler))
	var left []string
	for _, name := range []string{"abandoned", "used", "young"} {
		if exists(paths[name]) {
			left = append(left, name)
		}
	}
	if got := strings.Join(left, " "); got != "used young" {
		t.Errorf("%q remain, want %q", got, "used young")
	}
}

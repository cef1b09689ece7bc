package embedded

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/jackc/pgx/v5"

	"example.com/rates/internal/testkit"
)

// childDir names the variable that makes the test binary start a server in the
// directory of its value, report that, and wait to be killed.
const childDir = "EMBEDDED_TEST_CHILD_DIR"

func TestMain(m *testing.M) {
	Isolate()
	if dir := os.Getenv(childDir); dir != "" {
		if _, err := Start(context.Background(), Config{Dir: dir}); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		fmt.Println("ready")
		select {}
	}
	os.Exit(runTests(m))
}

func runTests(m *testing.M) int {
	err := os.Setenv("TMPDIR", temporaryRoot(false)) // in memory, half the processor time
	if err != nil {
		fmt.Println(err)
		return 1
	}
	dir, err := os.MkdirTemp("", "embedded-test-")
	if err == nil {
		err = os.Chmod(dir, 0o755) // root's server runs as another user
	}
	if err != nil {
		fmt.Println(err)
		return 1
	}
	defer os.RemoveAll(dir)
	templateDir = filepath.Join(dir, "template")
	return m.Run()
}

var server = sync.OnceValues(func() (binaries, error) {
	who, err := serverAccount("")
	if err != nil {
		return binaries{}, err
	}
	cfg := Config{machine: machineDirs, Log: slog.New(slog.DiscardHandler)}
	return findBinaries(context.Background(), cfg, who, "", 0)
})

// needServer returns a real server's binaries. If there are none it skips the test,
// or fails it if REQUIRE_DB is 1.
func needServer(t *testing.T) binaries {
	t.Helper()
	if testing.Short() {
		t.Skip("SKIP: -short leaves out tests that need a database")
	}
	bin, err := server()
	switch {
	case err == nil:
	case os.Getenv("REQUIRE_DB") == "1":
		t.Fatalf("no PostgreSQL: %v", err)
	default:
		t.Skipf("SKIP: no PostgreSQL: %v", err)
	}
	return bin
}

// start starts a real server and closes it when the test ends.
func start(t *testing.T, cfg Config) *Server {
	t.Helper()
	cfg.BinDir = needServer(t).dir
	s, err := Start(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return s
}

// offline completes cfg as Start does, and sets a repository that does not answer
// unless there is one: tests do not use the internet.
func offline(cfg Config) Config {
	cfg.Repository = cmp.Or(cfg.Repository, "http://127.0.0.1:1")
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	return cfg
}

// startFails returns the error of Start, which must fail.
func startFails(t *testing.T, cfg Config) string {
	t.Helper()
	s, err := Start(t.Context(), offline(cfg))
	if err == nil {
		s.Close()
		t.Fatal("Start succeeded")
	}
	return err.Error()
}

func wantParts(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("got %q, which lacks %q", text, part)
		}
	}
}

// query returns the single text value of the statement.
func query(t *testing.T, url, statement string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(ctx)
	rows, err := conn.Query(ctx, statement)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	var value string
	for rows.Next() {
		if err := rows.Scan(&value); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatalf("%s: %v", statement, err)
	}
	return value
}

// tempDir is t.TempDir, open to the server of root, which runs as another user.
func tempDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, path := range []string{filepath.Dir(dir), dir} {
		if err := os.Chmod(path, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// serverPID returns the process id that the server in dir has noted.
func serverPID(t *testing.T, dir string) int {
	t.Helper()
	pid, _ := (&directory{path: dir}).postmaster()
	if pid == 0 {
		t.Fatalf("no server has noted its process id in %s", dir)
	}
	return pid
}

// runs reports whether the process exists and is not a zombie.
func runs(pid int) bool {
	if exists("/proc/self/cmdline") {
		args, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/cmdline")
		return err == nil && len(args) > 0
	}
	return syscall.Kill(pid, 0) == nil
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// startCommand starts a program and kills it when the test ends.
func startCommand(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	p, err := spawn(cmd)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.signal(syscall.SIGKILL)
		<-p.done
	})
}

package embedded

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/ulikunitz/xz"
)

// repository serves the same archive for every version.
type repository struct {
	*httptest.Server
	downloads atomic.Int32
}

func newRepository(t *testing.T, archive []byte, checksum string) *repository {
	t.Helper()
	t.Setenv("TMPDIR", tempDir(t)) // the library leaves an empty log there
	r := &repository{}
	r.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		answer := []byte(checksum)
		if !strings.HasSuffix(request.URL.Path, ".sha256") {
			r.downloads.Add(1)
			answer = archive
		}
		if _, err := w.Write(answer); err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(r.Close)
	return r
}

// archive returns a server in the repository's format: a zip file that contains a
// tar.xz file.
func archive(t *testing.T, programs ...string) (content []byte, checksum string) {
	t.Helper()
	var packed bytes.Buffer
	xw, err := xz.NewWriter(&packed)
	if err != nil {
		t.Fatal(err)
	}
	tw := tar.NewWriter(xw)
	for _, name := range programs {
		script := "#!/bin/sh\n" + versionScript("18.3", "exit 1")
		if err := tw.WriteHeader(&tar.Header{Name: name, Mode: 0o755, Size: int64(len(script))}); err != nil {
			t.Fatal(err)
		}
		if _, err := tw.Write([]byte(script)); err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(tw.Close(), xw.Close()); err != nil {
		t.Fatal(err)
	}
	var jar bytes.Buffer
	zw := zip.NewWriter(&jar)
	entry, err := zw.Create("postgres.txz")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := entry.Write(packed.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := zw.Close(); err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(jar.Bytes())
	return jar.Bytes(), hex.EncodeToString(sum[:])
}

var programs = []string{"bin/postgres", "bin/initdb", "bin/pg_ctl"}

func TestServerIsFetchedOnce(t *testing.T) {
	content, checksum := archive(t, programs...)
	r := newRepository(t, content, checksum)
	cache := filepath.Join(tempDir(t), "cache")
	cfg := offline(Config{CacheDir: cache, Repository: r.URL, machine: places()})
	var wait sync.WaitGroup
	for range 4 {
		wait.Go(func() {
			got, err := findBinaries(t.Context(), cfg, currentAccount(t), "", 0)
			if err != nil {
				t.Error(err)
				return
			}
			wantParts(t, got.String(), "PostgreSQL 18.3 fetched to "+cache)
		})
	}
	wait.Wait()
	r.Close()
	if _, err := findBinaries(t.Context(), cfg, currentAccount(t), "", 0); err != nil {
		t.Errorf("without the repository: %v", err)
	}
	if got := r.downloads.Load(); got != 1 {
		t.Errorf("downloaded %d times, want once", got)
	}
}

func TestAbandonedDownloadsAreRemoved(t *testing.T) {
	content, checksum := archive(t, programs...)
	r := newRepository(t, content, checksum)
	cache := tempDir(t)
	abandoned := filepath.Join(cache, "fetch-1", "server", "bin", "postgres")
	write(t, abandoned, "half")
	if _, err := fetch(t.Context(), offline(Config{CacheDir: cache, Repository: r.URL})); err != nil {
		t.Fatal(err)
	}
	left, err := filepath.Glob(filepath.Join(cache, "fetch-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("%q remain, %v", left, err)
	}
}

func TestBadDownloadsLeaveNothingInTheCache(t *testing.T) {
	whole, wholeSum := archive(t, programs...)
	partial, partialSum := archive(t, "bin/postgres")
	tests := []struct {
		name     string
		archive  []byte
		checksum string
		want     string
	}{
		{"changed", whole, strings.Repeat("0", 64), "checksums do not match"},
		{"truncated", whole[:len(whole)/2], "", "error fetching postgres"},
		{"no initdb", partial, partialSum, "not complete"},
		{"whole", whole, wholeSum, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if test.checksum == "" {
				sum := sha256.Sum256(test.archive)
				test.checksum = hex.EncodeToString(sum[:])
			}
			r := newRepository(t, test.archive, test.checksum)
			cache := tempDir(t)
			_, err := fetch(t.Context(), offline(Config{CacheDir: cache, Repository: r.URL}))
			if test.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil {
				t.Fatal("no error")
			}
			wantParts(t, err.Error(), test.want)
			if left, _ := filepath.Glob(filepath.Join(cache, "*-*")); len(left) > 0 {
				t.Errorf("%q remain", left)
			}
		})
	}
}

func TestNoServerAndNoNetwork(t *testing.T) {
	t.Setenv("TMPDIR", tempDir(t))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	url := "http://" + listener.Addr().String()
	listener.Close()
	got := startFails(t, Config{
		Dir: tempDir(t), CacheDir: tempDir(t), Repository: url, machine: places(),
	})
	wantParts(t, got, "no suitable PostgreSQL server on this machine", url,
		"install PostgreSQL 13 or later", "DATABASE_URL")
	if strings.Contains(got, "\n") {
		t.Errorf("want one sentence, got %q", got)
	}
}

func TestFetchCanBeCancelled(t *testing.T) {
	var once sync.Once
	asked, end := make(chan struct{}), make(chan struct{})
	t.Setenv("TMPDIR", tempDir(t))
	r := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		once.Do(func() { close(asked) })
		<-end
	}))
	defer r.Close()
	cache := tempDir(t)
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		<-asked
		cancel()
	}()
	_, err := fetch(ctx, offline(Config{CacheDir: cache, Repository: r.URL}))
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v, want context.Canceled", err)
	}
	close(end)
	// Wait for the download in the background: it still uses the cache.
	lock, err := waitLock(t.Context(), filepath.Join(cache, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	lock.Close()
}

// Root's server runs as another user, and root's umask may be strict.
func TestFetchedServerIsForEveryUser(t *testing.T) {
	t.Parallel()
	dir := tempDir(t)
	write(t, filepath.Join(dir, "bin", "postgres"), "")
	write(t, filepath.Join(dir, "share", "list"), "")
	for name, mode := range map[string]os.FileMode{"bin/postgres": 0o700, "share/list": 0o600, "share": 0o700, "bin": 0o700} {
		if err := os.Chmod(filepath.Join(dir, name), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := readable(dir); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]os.FileMode{"bin/postgres": 0o755, "share/list": 0o644, "share": 0o755, "bin": 0o755} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if got := info.Mode().Perm(); got != want {
			t.Errorf("%s has mode %o, want %o", name, got, want)
		}
	}
}

// TestFetchForReal downloads from the public repository, so it only runs on demand.
func TestFetchForReal(t *testing.T) {
	if os.Getenv("EMBEDDED_TEST_FETCH") != "1" {
		t.Skip("SKIP: set EMBEDDED_TEST_FETCH=1 to download PostgreSQL and start it")
	}
	t.Setenv("TMPDIR", tempDir(t))
	began := time.Now()
	s, err := Start(t.Context(), Config{CacheDir: tempDir(t), machine: places()})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	t.Logf("%s after %v: %s", s.Source(), time.Since(began), query(t, s.URL("postgres"), "select version()"))
}

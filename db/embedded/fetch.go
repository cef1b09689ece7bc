package embedded

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

const (
	fetchedVersion = embeddedpostgres.V18
	fetchedMajor   = 18
	fetchLimit     = 10 * time.Minute
)

// fetch returns the cached server and downloads it first if necessary. One process
// downloads at a time; the result appears in the cache in one step.
func fetch(ctx context.Context, cfg Config) (binaries, error) {
	cache, err := cacheDir(cfg.CacheDir)
	if err != nil {
		return binaries{}, err
	}
	if err := makeOwn(cache, 0o755); err != nil {
		return binaries{}, fmt.Errorf("keep server binaries in %s: %w", cache, explain(err, cache))
	}
	name := fmt.Sprintf("postgresql-%s-%s-%s", fetchedVersion, runtime.GOOS, runtime.GOARCH)
	target := filepath.Join(cache, name)
	b := binaries{dir: filepath.Join(target, "bin"), fetched: true}
	if _, err := os.Stat(target); err == nil {
		return b, nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, fetchLimit, fmt.Errorf("not done after %v", fetchLimit))
	defer cancel()
	lock, err := waitLock(ctx, filepath.Join(cache, "lock"))
	if err != nil {
		return binaries{}, fmt.Errorf("wait for another download into %s: %w", cache, err)
	}
	cfg.Log.InfoContext(ctx, "fetching PostgreSQL, once", "version", string(fetchedVersion), "to", target)
	// The library takes no context. If ctx ends first, the download continues in
	// the background and holds the lock until it ends.
	result := make(chan error, 1)
	go func() {
		defer func() { _ = unlock(lock) }() // nothing is lost
		result <- fetchLocked(cache, target, cfg.Repository)
	}()
	select {
	case err = <-result:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	return b, explain(err, cache)
}

// cacheDir returns the given directory or the default one.
func cacheDir(dir string) (string, error) {
	if dir != "" {
		return filepath.Abs(dir)
	}
	if os.Geteuid() == 0 {
		return "/var/cache/rates-dev", nil
	}
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("find a directory for server binaries: %w", err)
	}
	return filepath.Join(base, "rates-dev"), nil
}

func fetchLocked(cache, target, repository string) error {
	if _, err := os.Stat(target); err == nil {
		return nil // fetched by the process that held the lock before
	}
	abandoned, err := filepath.Glob(filepath.Join(cache, "fetch-*"))
	if err != nil {
		return err
	}
	for _, dir := range abandoned {
		if err := os.RemoveAll(dir); err != nil {
			return err
		}
	}
	scratch, err := os.MkdirTemp(cache, "fetch-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)
	server := filepath.Join(scratch, "server")
	if err := unpack(scratch, server, repository); err != nil {
		return err
	}
	if err := readable(server); err != nil {
		return err
	}
	return os.Rename(server, target)
}

// unpack downloads the server, checks it against the repository's checksum, if
// there is one, and unpacks it into server.
//
// The library has no call for this alone: Start downloads, unpacks, clears the data
// directory and starts a server, which would listen on TCP and which PostgreSQL
// refuses to root. So the data directory is below a regular file, where Start fails
// before it runs any program. An error that names the directory means that the
// server is unpacked. Start also checks its port; port 0 is always free.
func unpack(scratch, server, repository string) error {
	file := filepath.Join(scratch, "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		return err
	}
	data := filepath.Join(file, "data")
	config := embeddedpostgres.DefaultConfig().
		Version(fetchedVersion).
		Port(0).
		CachePath(filepath.Join(scratch, "archive")).
		RuntimePath(filepath.Join(scratch, "runtime")).
		BinariesPath(server).
		DataPath(data).
		Logger(nil)
	if repository != "" {
		config = config.BinaryRepositoryURL(strings.TrimSuffix(repository, "/"))
	}
	err := embeddedpostgres.NewDatabase(config).Start()
	if err == nil {
		return errors.New("the download started a server, which it must not")
	}
	if !strings.Contains(err.Error(), data) {
		return err
	}
	for _, program := range []string{"postgres", "initdb"} {
		if _, err := os.Stat(filepath.Join(server, "bin", program)); err != nil {
			return fmt.Errorf("the downloaded server is not complete: %w", err)
		}
	}
	return nil
}

// readable lets every user run the server, whatever the umask was: root runs it as
// another user.
func readable(server string) error {
	root, err := os.OpenRoot(server)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }() // it was only read
	return fs.WalkDir(root.FS(), ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.Type()&fs.ModeSymlink != 0 {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		mode := info.Mode().Perm() | 0o444
		if entry.IsDir() || mode&0o100 != 0 {
			mode |= 0o111
		}
		return root.Chmod(path, mode)
	})
}

// Package embedded runs a private PostgreSQL server for development and tests.
//
// The server listens on a Unix socket in its own directory and never on TCP. It
// works for root and for ordinary users, on Linux and macOS.
package embedded

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
)

// Config says where a server keeps its files and which binaries it runs.
type Config struct {
	// Dir keeps the data, the server's log and a lock; "" means a temporary
	// directory that Close removes, in memory if there is plenty and the data
	// need not be durable.
	Dir string
	// CacheDir keeps fetched server binaries; "" means /var/cache/rates-dev
	// for root and rates-dev in the user's cache directory for anyone else.
	CacheDir string
	// BinDir is the only directory to search for server binaries; "" means
	// wherever they are installed, or else fetched ones.
	BinDir string
	// Repository is the URL of the Maven repository to fetch from; "" means
	// the public one.
	Repository string
	// Durable makes commits survive a crash. Without it the server is set up for
	// tests: writes are faster, a crash of the server loses the last second's
	// commits, and a crash of the machine can corrupt the data.
	Durable bool
	// Follow, if not nil, makes a new server a standby of this one. It needs
	// pg_basebackup, which fetched binaries lack.
	Follow *Server
	// Log receives the chosen server and any recovery; nil discards them.
	Log *slog.Logger

	machine func(context.Context) []string // replaced by tests
}

// Server is a running private PostgreSQL server.
type Server struct {
	dir     *directory
	bin     binaries
	sockets string
	proc    *process
	log     *slog.Logger

	done     chan struct{} // closed once err is set
	err      error
	closing  atomic.Bool
	close    sync.Once
	closeErr error
}

// Start starts a server on the data in cfg.Dir, which it creates if there are
// none, and returns when the server accepts connections. Cancelling ctx abandons
// the start; later it has no effect, and the server runs until Close. Call Isolate
// first.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	if cfg.machine == nil {
		cfg.machine = machineDirs
	}
	root := temporaryRoot(cfg.Durable)
	if cfg.Dir == "" {
		sweep(ctx, root, cfg.Log)
	}
	dir, err := claim(cfg.Dir, root)
	if err != nil {
		return nil, explain(err, cmp.Or(cfg.Dir, root))
	}
	s := &Server{dir: dir, log: cfg.Log, done: make(chan struct{})}
	if err := s.start(ctx, cfg); err != nil {
		return nil, errors.Join(noSpace(err, dir.path), s.Close())
	}
	return s, nil
}

func (s *Server) start(ctx context.Context, cfg Config) error {
	if err := s.dir.recover(ctx, s.log); err != nil {
		return err
	}
	who, err := serverAccount(s.dir.data())
	if err != nil {
		return err
	}
	major, err := s.dir.dataMajor()
	if err != nil {
		return err
	}
	if s.bin, err = findBinaries(ctx, cfg, who, s.dir.path, major); err != nil {
		return err
	}
	s.log.InfoContext(ctx, "private database server", "source", s.Source())
	if err := reach(ctx, s.bin, who, s.dir.path); err != nil {
		return err
	}
	if major == 0 {
		if err := s.dir.initialise(ctx, s.bin, who, cfg); err != nil {
			return err
		}
	}
	if s.sockets, err = s.dir.makeSockets(who); err != nil {
		return err
	}
	if err := s.launch(ctx, who, settings(cfg.Durable)); err != nil {
		return err
	}
	go s.watch()
	return nil
}

// CanFollow returns an error if Start cannot make a standby here.
func CanFollow(ctx context.Context) error {
	who, err := serverAccount("")
	if err != nil {
		return err
	}
	bin, err := findBinaries(ctx, Config{Log: slog.New(slog.DiscardHandler), machine: machineDirs}, who, "", 0)
	if err != nil {
		return err
	}
	if _, err := os.Stat(filepath.Join(bin.dir, "pg_basebackup")); err != nil {
		return fmt.Errorf("%s makes no standby: %w", bin, err)
	}
	return nil
}

// URL returns the connection URL of a database, for the superuser postgres.
func (s *Server) URL(database string) string {
	u := url.URL{
		Scheme:   "postgres",
		User:     url.User("postgres"),
		Path:     "/" + database,
		RawQuery: "host=" + s.sockets + "&port=" + socketPort,
	}
	return u.String()
}

// Source returns the server's version and the directory of its binaries.
func (s *Server) Source() string { return s.bin.String() }

// watch records why the server ended, unless Close ended it, while its log exists.
func (s *Server) watch() {
	<-s.proc.done
	if !s.closing.Load() {
		s.err = fmt.Errorf("the database server ended by itself: %w\n%s", s.proc.err, s.dir.logTail())
	}
	close(s.done)
}

// Done returns a channel that is closed when the server process has ended, by
// itself or by Close.
func (s *Server) Done() <-chan struct{} { return s.done }

// Err returns nil while the server runs or if Close ended it, and otherwise an
// error with the last lines of the server's log.
func (s *Server) Err() error {
	select {
	case <-s.done:
		return s.err
	default:
		return nil
	}
}

// Close shuts the server down, ends open connections, and removes the socket and
// temporary data. It takes at most 40 seconds. Later calls return the result of
// the first.
func (s *Server) Close() error {
	s.close.Do(func() {
		s.closing.Store(true)
		var errs []error
		if s.proc != nil {
			errs = append(errs, stop(s.proc.signal, s.proc.done))
		}
		if s.sockets != "" {
			errs = append(errs, os.RemoveAll(s.sockets))
		}
		errs = append(errs, s.dir.release())
		s.closeErr = errors.Join(errs...)
	})
	return s.closeErr
}

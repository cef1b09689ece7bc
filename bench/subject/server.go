package subject

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"example.com/rates/bench/process"
)

// Server is an HTTP server in a process of its own, on loopback.
type Server struct {
	*process.Process
	URL         string
	FirstAnswer time.Duration // from the start of the process to its first answer

	admin string // URL of the metrics; "" if there are none
	log   string
}

// Serve starts the service on a database as in production, with metrics, logs
// (into the folder), ids and headers, and waits for an answer to the path. A
// cacheMB of 0 turns the cache off. Each setting is a variable of the environment
// with its value.
func (p Program) Serve(ctx context.Context, folder, path string, db Database, cacheMB int, settings ...string) (*Server, error) {
	admin, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	cfg := p.Command(db.Reader, "serve")
	cfg.Env = append(cfg.Env, "RATES_ADMIN_ADDR="+admin, "RATES_CACHE_MB="+strconv.Itoa(cacheMB), "RATES_DRAIN_DELAY=0s")
	cfg.Env = append(cfg.Env, settings...)
	return serve(ctx, cfg, folder, path, func(cfg *process.Config, s *Server, addr string) {
		cfg.Env = append(cfg.Env, "RATES_ADDR="+addr)
		s.admin = "http://" + admin
	})
}

// ServeSelf starts a hidden command of this program, with the address to listen on
// as --addr, and waits for an answer to the path.
func ServeSelf(ctx context.Context, folder, path string, in io.Reader, args ...string) (*Server, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("find this program: %w", err)
	}
	cfg := process.Config{Path: self, Args: args, Env: environment(), In: in}
	return serve(ctx, cfg, folder, path, func(cfg *process.Config, _ *Server, addr string) {
		cfg.Args = append(cfg.Args, "--addr="+addr)
	})
}

func serve(ctx context.Context, cfg process.Config, folder, path string, tell func(*process.Config, *Server, string)) (*Server, error) {
	addr, err := freeAddr(ctx)
	if err != nil {
		return nil, err
	}
	log, err := os.CreateTemp(folder, "log-*")
	if err != nil {
		return nil, fmt.Errorf("make a log: %w", err)
	}
	_ = log.Close() // nothing was written
	s := &Server{URL: "http://" + addr, log: log.Name()}
	cfg.Log = s.log
	tell(&cfg, s, addr)
	start := time.Now()
	if s.Process, err = process.Start(cfg); err != nil {
		return nil, err
	}
	if err := s.waitForAnswer(ctx, path); err != nil {
		s.Stop()
		return nil, s.Explain(fmt.Errorf("wait for the first answer of %s: %w", filepath.Base(cfg.Path), err))
	}
	s.FirstAnswer = time.Since(start)
	return s, nil
}

// freeAddr returns an address on loopback that was free just now.
func freeAddr(ctx context.Context) (string, error) {
	var config net.ListenConfig
	listener, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", fmt.Errorf("find a free port: %w", err)
	}
	addr := listener.Addr().String()
	return addr, listener.Close()
}

func (s *Server) waitForAnswer(ctx context.Context, path string) error {
	const patience, pause = 30 * time.Second, time.Millisecond
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		_, err := s.Get(ctx, path)
		if err == nil {
			return nil
		}
		select {
		case <-s.Done():
			return errors.New("it ended")
		case <-ctx.Done():
			return err
		case <-time.After(pause):
		}
	}
}

// Answer is an answer with status 200.
type Answer struct {
	Body []byte
	Tag  string // its ETag
}

// Get sends one request over a connection of its own.
func (s *Server) Get(ctx context.Context, path string) (Answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, nil)
	if err != nil {
		return Answer{}, fmt.Errorf("make a request: %w", err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, DisableCompression: true}}
	response, err := client.Do(request)
	if err != nil {
		return Answer{}, fmt.Errorf("send a request: %w", err)
	}
	body, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return Answer{}, fmt.Errorf("read the answer: %w", err)
	}
	if response.StatusCode != http.StatusOK {
		return Answer{}, fmt.Errorf("GET %s: status %s", path, response.Status)
	}
	return Answer{Body: body, Tag: response.Header.Get("ETag")}, nil
}

// Acquired returns how often the service has taken a connection to its database,
// which it does once a query.
func (s *Server) Acquired(ctx context.Context) (float64, error) {
	return s.Metric(ctx, "database_acquires_total")
}

// Metric returns a metric of the service that has no labels.
func (s *Server) Metric(ctx context.Context, name string) (float64, error) {
	metrics, err := (&Server{URL: s.admin}).Get(ctx, "/metrics")
	if err != nil {
		return 0, err
	}
	lines := bufio.NewScanner(strings.NewReader(string(metrics.Body)))
	for lines.Scan() {
		if value, found := strings.CutPrefix(lines.Text(), name+" "); found {
			return strconv.ParseFloat(value, 64)
		}
	}
	return 0, fmt.Errorf("the metrics have no %s", name)
}

// EmptyLog empties the log of the server, so that a long run does not fill the
// disk.
func (s *Server) EmptyLog() error {
	if err := os.Truncate(s.log, 0); err != nil {
		return fmt.Errorf("empty the log: %w", err)
	}
	return nil
}

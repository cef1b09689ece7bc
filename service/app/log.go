package app

import (
	"bufio"
	"io"
	"log/slog"
	"sync"
	"time"

	"example.com/rates/service/accesslog"
)

// logs writes the lines of two loggers to one stream, in their order. A line
// of the access log may wait for others, which saves a system call for each
// request; every other line is written at once.
type logs struct {
	log    *slog.Logger
	access *slog.Logger

	mu      sync.Mutex
	out     *bufio.Writer
	delayed *time.Timer // nil while nothing waits
}

const (
	maxDelay  = 100 * time.Millisecond // of a line of the access log
	logBuffer = 64 << 10               // bytes that wait at the most
)

func newLogs(cfg Config, w io.Writer) *logs {
	l := &logs{out: bufio.NewWriterSize(w, logBuffer)}
	l.log = newLogger(cfg, writerFunc(l.writeNow))
	l.access = newLogger(cfg, writerFunc(l.writeSoon))
	return l
}

func newLogger(cfg Config, w io.Writer) *slog.Logger {
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.LogLevel)); err != nil {
		level = slog.LevelInfo
	}
	if cfg.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
	}
	return slog.New(accesslog.NewJSON(w, level))
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(b []byte) (int, error) { return f(b) }

func (l *logs) writeNow(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	n, err := l.out.Write(line)
	if err != nil {
		return n, err
	}
	return n, l.out.Flush()
}

func (l *logs) writeSoon(line []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.delayed == nil {
		l.delayed = time.AfterFunc(maxDelay, l.flush)
	}
	return l.out.Write(line)
}

// flush writes what waits.
func (l *logs) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.delayed != nil {
		l.delayed.Stop()
		l.delayed = nil
	}
	_ = l.out.Flush() // there is nowhere to report it to
}

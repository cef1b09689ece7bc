package app

import (
	"bufio"
	"io"
	"log/slog"
	"sync"
	"time"

	"example.com/rates/service/accesslog"
)

// logs writes the lines of two loggers to one stream, in order. A line of the
// access log may wait for others, which saves a system call for each request;
// every other line is written at once.
type logs struct {
	log    *slog.Logger
	access *accesslog.Logger

	mu      sync.Mutex
	out     *bufio.Writer
	delayed *time.Timer // nil while nothing waits
}

const (
	maxDelay   = 100 * time.Millisecond // of a line of the access log
	maxDelayed = 64 << 10               // bytes
)

func newLogs(cfg Config, w io.Writer) *logs {
	l := &logs{out: bufio.NewWriterSize(w, maxDelayed)}
	now, soon := writerFunc(l.writeNow), writerFunc(l.writeSoon)
	var level slog.Level
	if err := level.UnmarshalText([]byte(cfg.LogLevel)); err != nil {
		level = slog.LevelInfo
	}
	options := &slog.HandlerOptions{Level: level}
	if cfg.LogFormat == "text" {
		l.log, l.access = slog.New(slog.NewTextHandler(now, options)), accesslog.NewText(soon, level)
	} else {
		l.log, l.access = slog.New(slog.NewJSONHandler(now, options)), accesslog.NewJSON(soon, level)
	}
	return l
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

// flush writes the lines that wait.
func (l *logs) flush() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.delayed != nil {
		l.delayed.Stop()
		l.delayed = nil
	}
	_ = l.out.Flush() // there is nowhere to report an error
}

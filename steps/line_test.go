package steps_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
)

// line passes bytes between the program and its database, as long as it is
// whole. Its end towards the program listens on loopback.
type line struct {
	listener net.Listener
	network  string // of the database
	address  string

	mu     sync.Mutex
	state  lineState
	mended chan struct{} // closed when the line is no longer silent
	conns  map[net.Conn]struct{}
}

type lineState string

const (
	lineWhole  lineState = "whole"
	lineCut    lineState = "cut"    // open connections break, new ones are closed at once
	lineSilent lineState = "silent" // what the program says is held back
)

// newLine starts a line to the database at a URL.
func newLine(database string) (*line, error) {
	cfg, err := pgconn.ParseConfig(database)
	if err != nil {
		return nil, fmt.Errorf("read the URL of the database: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("make a line to the database: %w", err)
	}
	l := &line{listener: listener, state: lineWhole, mended: make(chan struct{}), conns: map[net.Conn]struct{}{}}
	l.network, l.address = pgconn.NetworkAddress(cfg.Host, cfg.Port)
	go l.serve()
	return l, nil
}

// through returns the URL of a database as it is reached over the line.
func (l *line) through(database string) string {
	u, err := url.Parse(database)
	if err != nil {
		panic(err) // it was made from a URL
	}
	u.Host = l.listener.Addr().String()
	query := u.Query()
	query.Del("host")
	query.Del("port")
	query.Set("sslmode", "disable")
	u.RawQuery = query.Encode()
	return u.String()
}

func (l *line) close(context.Context) error {
	err := l.listener.Close()
	l.set(lineCut)
	return err
}

// set changes the state, for open connections too.
func (l *line) set(state lineState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state == lineSilent && state != lineSilent {
		close(l.mended)
		l.mended = make(chan struct{})
	}
	l.state = state
	if state == lineCut {
		for conn := range l.conns {
			_ = conn.Close() // nobody is to use it any more
		}
		clear(l.conns)
	}
}

func (l *line) serve() {
	for {
		conn, err := l.listener.Accept()
		if err != nil {
			return // the line was closed
		}
		go l.join(conn)
	}
}

// join connects one client with the database until either ends it.
func (l *line) join(client net.Conn) {
	defer client.Close()
	if !l.keep(client) {
		return
	}
	database, err := net.Dial(l.network, l.address)
	if err != nil {
		return
	}
	defer database.Close()
	if !l.keep(database) {
		return
	}
	go func() {
		_, _ = io.Copy(client, database) // the end of either is the end of both
		_ = client.Close()
	}()
	_ = l.forward(database, client)
}

// keep remembers a connection, unless the line is cut.
func (l *line) keep(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state == lineCut {
		return false
	}
	l.conns[conn] = struct{}{}
	return true
}

// forward passes on what the program says, while the line is not silent.
func (l *line) forward(database, client net.Conn) error {
	const size = 32 << 10
	buf := make([]byte, size)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return err
		}
		if !l.awaitVoice() {
			return errors.New("the line was cut")
		}
		if _, err := database.Write(buf[:n]); err != nil {
			return err
		}
	}
}

// awaitVoice waits while the line is silent, and reports whether it is whole.
func (l *line) awaitVoice() bool {
	for {
		l.mu.Lock()
		state, mended := l.state, l.mended
		l.mu.Unlock()
		if state != lineSilent {
			return state == lineWhole
		}
		<-mended
	}
}

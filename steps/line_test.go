package steps_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"sync"

	"github.com/jackc/pgx/v5/pgconn"
)

// line forwards bytes between the program and its database until it is cut. Its
// end towards the program listens on the loopback interface.
type line struct {
	listener net.Listener
	deaf     bool   // notifications of the database are dropped
	network  string // of the database
	address  string

	mu    sync.Mutex
	state lineState
	loud  chan struct{} // closed when the line is no longer silent
	conns map[net.Conn]struct{}
}

type lineState string

const (
	lineWhole  lineState = "whole"
	lineCut    lineState = "cut"    // open connections are broken, new ones closed at once
	lineSilent lineState = "silent" // bytes from the program are held back
)

// newLine starts a line to the database at a URL. A deaf one drops notifications.
func newLine(database string, deaf bool) (*line, error) {
	cfg, err := pgconn.ParseConfig(database)
	if err != nil {
		return nil, fmt.Errorf("read the URL of the database: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for the program: %w", err)
	}
	l := &line{listener: listener, deaf: deaf, state: lineWhole, loud: make(chan struct{}), conns: map[net.Conn]struct{}{}}
	l.network, l.address = pgconn.NetworkAddress(cfg.Host, cfg.Port)
	go l.serve()
	return l, nil
}

// through returns the URL of a database over the line.
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

// set changes the state, also of open connections.
func (l *line) set(state lineState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state == lineSilent && state != lineSilent {
		close(l.loud)
		l.loud = make(chan struct{})
	}
	l.state = state
	if state == lineCut {
		for conn := range l.conns {
			_ = conn.Close() // it must break
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

// join connects one client to the database until either closes the connection.
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
		if l.deaf {
			_ = dropNotifications(client, database) // if one ends, both do
		} else {
			_, _ = io.Copy(client, database) // the same
		}
		_ = client.Close()
	}()
	_ = l.forward(database, client)
}

// dropNotifications forwards the messages of the database that are none.
func dropNotifications(client io.Writer, database io.Reader) error {
	const typeAndLength, length, notification = 5, 4, 'A'
	for {
		header := make([]byte, typeAndLength)
		if _, err := io.ReadFull(database, header); err != nil {
			return err
		}
		body := make([]byte, binary.BigEndian.Uint32(header[1:])-length)
		if _, err := io.ReadFull(database, body); err != nil {
			return err
		}
		if header[0] == notification {
			continue
		}
		if _, err := client.Write(slices.Concat(header, body)); err != nil {
			return err
		}
	}
}

// keep registers a connection, unless the line is cut.
func (l *line) keep(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state == lineCut {
		return false
	}
	l.conns[conn] = struct{}{}
	return true
}

// forward forwards bytes from the program while the line is not silent.
func (l *line) forward(database, client net.Conn) error {
	const size = 32 << 10
	buf := make([]byte, size)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return err
		}
		if !l.awaitLoud() {
			return errors.New("the line was cut")
		}
		if _, err := database.Write(buf[:n]); err != nil {
			return err
		}
	}
}

// awaitLoud waits while the line is silent, and reports whether it is whole.
func (l *line) awaitLoud() bool {
	for {
		l.mu.Lock()
		state, loud := l.state, l.loud
		l.mu.Unlock()
		if state != lineSilent {
			return state == lineWhole
		}
		<-loud
	}
}

package dbtest

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"slices"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5/pgconn"
)

// Line forwards connections to a database until it is cut. It listens on the loopback
// interface.
type Line struct {
	listener net.Listener
	network  string // of the database
	address  string
	pools    bool // see NewPooler
	served   sync.WaitGroup

	mu    sync.Mutex
	state LineState
	loud  chan struct{} // closed when the line is no longer silent
	conns map[net.Conn]struct{}
}

// LineState is what a Line does with connections.
type LineState string

// The states.
const (
	Whole  LineState = "whole"  // everything is forwarded
	Deaf   LineState = "deaf"   // a pooler drops the notifications of the database
	Cut    LineState = "cut"    // open connections are broken, new ones closed at once
	Silent LineState = "silent" // bytes to the database are held back
)

// NewLine returns a whole line to the database at a URL.
func NewLine(database string) (*Line, error) { return newLine(database, Whole, false) }

// NewPooler returns a line that stands for a pooler which gives sessions to whoever
// has a transaction: clients get a key that is no process of the server. It begins
// Deaf.
func NewPooler(database string) (*Line, error) { return newLine(database, Deaf, true) }

func newLine(database string, state LineState, pools bool) (*Line, error) {
	cfg, err := pgconn.ParseConfig(database)
	if err != nil {
		return nil, fmt.Errorf("read the URL of the database: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen for connections to the database: %w", err)
	}
	l := &Line{listener: listener, pools: pools, state: state, loud: make(chan struct{}), conns: map[net.Conn]struct{}{}}
	l.network, l.address = pgconn.NetworkAddress(cfg.Host, cfg.Port)
	l.served.Go(l.serve)
	return l, nil
}

// Line returns a NewLine to the database, which is closed when the test ends.
func (d Database) Line(t testing.TB) *Line {
	t.Helper()
	return d.line(t, NewLine)
}

// Pooler returns a NewPooler of the database, which is closed when the test ends.
func (d Database) Pooler(t testing.TB) *Line {
	t.Helper()
	return d.line(t, NewPooler)
}

func (d Database) line(t testing.TB, begin func(string) (*Line, error)) *Line {
	t.Helper()
	l, err := begin(d.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// Through returns the URL of the database over the line.
func (l *Line) Through(database string) string {
	u, err := url.Parse(database)
	if err != nil {
		panic(err) // withDatabase made it
	}
	u.Host = l.listener.Addr().String()
	query := u.Query()
	query.Del("host")
	query.Del("port")
	query.Set("sslmode", "disable")
	u.RawQuery = query.Encode()
	return u.String()
}

// Close breaks all connections and waits until nothing of the line runs.
func (l *Line) Close() error {
	err := l.listener.Close()
	l.Set(Cut)
	l.served.Wait()
	return err
}

// Set changes the state, also of open connections.
func (l *Line) Set(state LineState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state == Silent && state != Silent {
		close(l.loud)
		l.loud = make(chan struct{})
	}
	l.state = state
	if state == Cut {
		for conn := range l.conns {
			_ = conn.Close() // it must break
		}
		clear(l.conns)
	}
}

func (l *Line) serve() {
	for {
		conn, err := l.listener.Accept()
		if err != nil {
			return // the line was closed
		}
		l.served.Go(func() { l.join(conn) })
	}
}

// join connects one client to the database until either closes the connection.
func (l *Line) join(client net.Conn) {
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
	l.served.Go(func() {
		if l.pools {
			_ = l.pool(client, database) // if one ends, both do
		} else {
			_, _ = io.Copy(client, database) // the same
		}
		_ = client.Close()
	})
	_ = l.forward(database, client)
}

// keep registers a connection, unless the line is cut.
func (l *Line) keep(conn net.Conn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.state == Cut {
		return false
	}
	l.conns[conn] = struct{}{}
	return true
}

// now returns the state, and the channel that is closed at the end of the silence.
func (l *Line) now() (LineState, <-chan struct{}) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.state, l.loud
}

// pool forwards the messages of the database as a pooler does.
func (l *Line) pool(client io.Writer, database io.Reader) error {
	const typeAndLength, length, notification, key = 5, 4, 'A', 'K'
	for {
		header := make([]byte, typeAndLength)
		if _, err := io.ReadFull(database, header); err != nil {
			return err
		}
		body := make([]byte, binary.BigEndian.Uint32(header[1:])-length)
		if _, err := io.ReadFull(database, body); err != nil {
			return err
		}
		if state, _ := l.now(); header[0] == notification && state == Deaf {
			continue
		}
		if header[0] == key {
			body[0] ^= 0x40 // the process
		}
		if _, err := client.Write(slices.Concat(header, body)); err != nil {
			return err
		}
	}
}

// forward forwards bytes to the database while the line is not silent.
func (l *Line) forward(database, client net.Conn) error {
	const size = 32 << 10
	buf := make([]byte, size)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return err
		}
		state, loud := l.now()
		for ; state == Silent; state, loud = l.now() {
			<-loud
		}
		if state == Cut {
			return errors.New("the line was cut")
		}
		if _, err := database.Write(buf[:n]); err != nil {
			return err
		}
	}
}

package app_test

import (
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/rates/db/dbtest"
)

// proxy forwards connections from the service to its database, and can be down. It
// starts down.
type proxy struct {
	database dbtest.Database
	dir      string

	mu       sync.Mutex
	listener net.Listener // nil while it is down
	conns    map[net.Conn]bool
	wg       sync.WaitGroup
}

func newProxy(t *testing.T, database dbtest.Database) *proxy {
	t.Helper()
	dir, err := os.MkdirTemp("", "proxy") //nolint:usetesting // the path of a socket must be short
	if err != nil {
		t.Fatal(err)
	}
	p := &proxy{database: database, dir: dir, conns: map[net.Conn]bool{}}
	t.Cleanup(func() {
		p.leave()
		p.wg.Wait()
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return p
}

// url returns the database's URL through the proxy, with the given login.
func (p *proxy) url(login *url.Userinfo) string {
	u := url.URL{Scheme: "postgres", User: login, Path: "/" + p.database.Name, RawQuery: "host=" + p.dir + "&port=5432"}
	return u.String()
}

func reader() *url.Userinfo { return url.UserPassword(dbtest.Reader, dbtest.Reader) }

// come starts to accept connections.
func (p *proxy) come(t *testing.T) {
	t.Helper()
	listener, err := net.Listen("unix", filepath.Join(p.dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	server, err := pgx.ParseConfig(p.database.URL)
	if err != nil {
		t.Fatal(err)
	}
	network, address := pgconn.NetworkAddress(server.Host, server.Port)
	p.mu.Lock()
	p.listener = listener
	p.mu.Unlock()
	p.wg.Go(func() {
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			behind, err := net.Dial(network, address)
			if err != nil {
				client.Close()
				continue
			}
			p.wg.Go(func() { p.pass(client, behind) })
			p.wg.Go(func() { p.pass(behind, client) })
		}
	})
}

// pass copies the bytes of one side, until either ends or the proxy goes down.
func (p *proxy) pass(from, to net.Conn) {
	p.mu.Lock()
	p.conns[from] = true
	down := p.listener == nil
	p.mu.Unlock()
	if !down {
		_, _ = io.Copy(to, from) // the other end notices
	}
	from.Close()
	to.Close()
	p.mu.Lock()
	delete(p.conns, from)
	p.mu.Unlock()
}

// leave closes all connections and accepts no more.
func (p *proxy) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.listener == nil {
		return
	}
	p.listener.Close()
	p.listener = nil
	for conn := range p.conns {
		conn.Close()
	}
}

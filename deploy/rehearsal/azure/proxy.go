package azure

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Proxy leads every host that a Cloud knows to it, and refuses the others. Nothing
// that is asked through it leaves the machine.
type Proxy struct {
	cloud     *Cloud
	authority *Authority
	listener  net.Listener
	outside   *http.Server // speaks CONNECT
	inside    *http.Server // speaks TLS as the host asked for
	tunnels   *tunnels
}

// NewProxy starts a proxy.
func NewProxy(cloud *Cloud, authority *Authority) (*Proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("listen as a proxy: %w", err)
	}
	p := &Proxy{cloud: cloud, authority: authority, listener: listener, tunnels: newTunnels(listener.Addr())}
	p.outside = &http.Server{Handler: http.HandlerFunc(p.connect), ReadHeaderTimeout: time.Minute}
	p.inside = &http.Server{Handler: cloud, ReadHeaderTimeout: time.Minute, TLSConfig: authority.Config()}
	go func() { _ = p.outside.Serve(listener) }()            // until Close
	go func() { _ = p.inside.ServeTLS(p.tunnels, "", "") }() // until Close
	return p, nil
}

// URL returns what HTTPS_PROXY must be.
func (p *Proxy) URL() string { return "http://" + p.listener.Addr().String() }

// Close ends the proxy.
func (p *Proxy) Close() error { return errors.Join(p.outside.Close(), p.inside.Close()) }

func (p *Proxy) connect(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect || !p.cloud.Knows(r.Host) {
		http.Error(w, "the rehearsal does not know "+r.Host, http.StatusForbidden)
		return
	}
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // the client went away
	}
	if _, err := conn.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		_ = conn.Close() // the client went away
		return
	}
	p.tunnels.add(conn)
}

// tunnels is a listener whose connections came through a proxy.
type tunnels struct {
	address net.Addr
	conns   chan net.Conn
	closed  chan struct{}
	once    sync.Once
}

func newTunnels(address net.Addr) *tunnels {
	return &tunnels{address: address, conns: make(chan net.Conn), closed: make(chan struct{})}
}

func (t *tunnels) add(conn net.Conn) {
	select {
	case t.conns <- conn:
	case <-t.closed:
		_ = conn.Close() // nobody answers any more
	}
}

// Accept returns the next connection.
func (t *tunnels) Accept() (net.Conn, error) {
	select {
	case conn := <-t.conns:
		return conn, nil
	case <-t.closed:
		return nil, net.ErrClosed
	}
}

// Close ends Accept.
func (t *tunnels) Close() error {
	t.once.Do(func() { close(t.closed) })
	return nil
}

// Addr returns the address of the proxy.
func (t *tunnels) Addr() net.Addr { return t.address }

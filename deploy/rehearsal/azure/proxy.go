package azure

import (
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"
)

// Proxy leads every host that a Cloud knows to it, and refuses the others. Nothing
// that is asked through it leaves the machine.
type Proxy struct {
	cloud   *Cloud
	outside net.Listener // speaks CONNECT
	inside  net.Listener // speaks TLS as the host asked for
	servers [2]*http.Server
}

// NewProxy starts a proxy.
func NewProxy(cloud *Cloud, authority *Authority) (*Proxy, error) {
	p := &Proxy{cloud: cloud}
	var err error
	if p.outside, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		return nil, fmt.Errorf("listen as a proxy: %w", err)
	}
	if p.inside, err = tls.Listen("tcp", "127.0.0.1:0", authority.Config()); err != nil {
		return nil, errors.Join(fmt.Errorf("listen behind the proxy: %w", err), p.outside.Close())
	}
	p.servers[0] = &http.Server{Handler: http.HandlerFunc(p.connect), ReadHeaderTimeout: time.Minute}
	p.servers[1] = &http.Server{Handler: cloud, ReadHeaderTimeout: time.Minute}
	for i, listener := range []net.Listener{p.outside, p.inside} {
		go func() { _ = p.servers[i].Serve(listener) }() // until Close
	}
	return p, nil
}

// URL returns what HTTPS_PROXY must be.
func (p *Proxy) URL() string { return "http://" + p.outside.Addr().String() }

// Close ends the proxy.
func (p *Proxy) Close() error { return errors.Join(p.servers[0].Close(), p.servers[1].Close()) }

func (p *Proxy) connect(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect || !p.cloud.Knows(r.Host) {
		http.Error(w, "the rehearsal does not know "+r.Host, http.StatusForbidden)
		return
	}
	behind, err := net.Dial("tcp", p.inside.Addr().String())
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer behind.Close()
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return // the client went away
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return // likewise
	}
	go func() {
		_, _ = io.Copy(behind, conn) // until one of them ends
		_ = behind.Close()
	}()
	_, _ = io.Copy(conn, behind) // likewise
}

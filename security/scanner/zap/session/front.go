package session

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"time"

	"example.com/rates/security/scanner"
)

// front serves the service over TLS, because some rules see only that. Its
// certificate lives as long as the session.
type front struct {
	url    string
	server *http.Server
}

func startFront(service string) (*front, error) {
	to, err := url.Parse(service)
	if err != nil {
		return nil, scanner.Errorf(scanner.BadInput, "the service says that it answers on %q: %w", service, err)
	}
	certificate, err := throwaway()
	if err != nil {
		return nil, scanner.Errorf(scanner.ToolFailed, "make a certificate: %w", err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it returns at once
	if err != nil {
		return nil, scanner.Errorf(scanner.ToolFailed, "listen for ZAP: %w", err)
	}
	silent := log.New(io.Discard, "", 0) // ZAP closes connections as it likes
	f := &front{url: "https://" + listener.Addr().String(), server: &http.Server{
		Handler: &httputil.ReverseProxy{
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(to)
				r.Out.Host = r.In.Host
				r.SetXForwarded() // as the front of a deployed service does
			},
			Transport: &http.Transport{}, // no proxy of the environment
			ErrorLog:  silent,
		},
		TLSConfig: &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}},
		ErrorLog:  silent, ReadHeaderTimeout: time.Minute,
	}}
	go func() { _ = f.server.ServeTLS(listener, "", "") }() // it ends with close
	return f, nil
}

func (f *front) close() { _ = f.server.Close() } // nothing of it is needed any more

// throwaway makes a certificate for 127.0.0.1 that nobody trusts.
func throwaway() (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}
	template := &x509.Certificate{
		Subject:      pkix.Name{CommonName: "rates"},                               // Java refuses a certificate without a name
		SerialNumber: big.NewInt(1), IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, //nolint:mnd // the loopback address
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(0, 0, 1),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// trusting returns a client that accepts that certificate: it reads a public
// document and sends nothing.
func trusting() *http.Client {
	return &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{MinVersion: tls.VersionTLS12, InsecureSkipVerify: true}, // #nosec G402 -- the throwaway certificate of the front; only the public contract is read
	}}
}

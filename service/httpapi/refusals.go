package httpapi

import (
	"bytes"
	"net"
	"net/http"
)

// WithRefusals returns a listener for net/http. Requests that are malformed, too
// large or expect what is not offered never reach a handler: net/http refuses them
// itself, with a few bytes that have none of the headers of this service. The
// connections of the listener add them.
func WithRefusals(l net.Listener) net.Listener { return refusingListener{l} }

type refusingListener struct{ net.Listener }

// Accept implements net.Listener.
func (l refusingListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if tcp, ok := conn.(*net.TCPConn); ok {
		return refusingConn{tcp}, err
	}
	return conn, err
}

// refusingConn has the other methods of a TCP connection, some of which net/http
// looks for.
type refusingConn struct{ *net.TCPConn }

// Write implements net.Conn.
func (c refusingConn) Write(b []byte) (int, error) {
	if !bytes.HasPrefix(b, []byte("HTTP/1.")) { // the rest of a long body
		return c.TCPConn.Write(b)
	}
	line, rest, _ := bytes.Cut(b, []byte("\r\n"))
	if !isRefusal(line, rest) {
		return c.TCPConn.Write(b)
	}
	if _, err := c.TCPConn.Write(bytes.Join([][]byte{line, refusalHeaders(), rest}, []byte("\r\n"))); err != nil {
		return 0, err
	}
	return len(b), nil
}

// isRefusal reports whether an answer that begins with a status line was made by
// net/http itself. It writes these with one call, and TestRefusals holds their form.
func isRefusal(line, rest []byte) bool {
	return bytes.HasPrefix(rest, []byte("Content-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n")) ||
		bytes.HasSuffix(line, []byte(" 417 Expectation Failed"))
}

// refusalHeaders returns the lines of the headers of every answer. Whether the
// client uses TLS is not known.
func refusalHeaders() []byte {
	header := http.Header{}
	unread := &http.Request{}
	setHeaders(header, unread, []string{requestID(unread)})
	header["Cache-Control"] = noStore
	var lines bytes.Buffer
	_ = header.Write(&lines) // a buffer takes everything
	return bytes.TrimSuffix(lines.Bytes(), []byte("\r\n"))
}

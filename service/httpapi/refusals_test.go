package httpapi_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"example.com/rates/internal/testkit"
	"example.com/rates/service/httpapi"
)

// exchange sends bytes to a server and returns what it answers until it closes the
// connection.
func exchange(t *testing.T, address, request string) string {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(testkit.Patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(conn)
	if err != nil {
		t.Fatalf("%.60q: %v", request, err)
	}
	return string(text)
}

// What net/http refuses without asking a handler has the headers of every answer,
// and so have the answers after it.
func TestRefusals(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var open sync.WaitGroup
	server := &http.Server{
		Handler: newAPI(t, fakeStore{}), MaxHeaderBytes: 1 << 10, ReadHeaderTimeout: testkit.Patience,
		DisableGeneralOptionsHandler: true,
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				open.Add(1)
			}
			if state == http.StateClosed {
				open.Done()
			}
		},
	}
	go func() { _ = server.Serve(httpapi.WithRefusals(listener)) }() // ends with Close
	defer open.Wait()
	defer server.Close()
	for _, c := range []struct {
		status  int
		request string
	}{
		{400, "nonsense\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\nHost: a b\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\nHost: a\r\nno colon\r\n\r\n"},
		{400, "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n"},
		{400, "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n"},
		{417, "GET / HTTP/1.1\r\nHost: a\r\nExpect: something\r\n\r\n"},
		{417, "HEAD / HTTP/1.0\r\nExpect: something\r\n\r\n"},
		{431, "GET / HTTP/1.1\r\nHost: a\r\nX: " + strings.Repeat("x", 8<<10) + "\r\n\r\n"},
		{501, "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n"},
		{505, "GET / HTTP/2.7\r\nHost: a\r\n\r\n"},
		{405, "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
		{204, "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"},
		{404, "GET * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"},
		{200, "GET /ports HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"},
	} {
		method, _, _ := strings.Cut(c.request, " ")
		asked := newRequest("GET", "/")
		asked.Method = method
		text := exchange(t, listener.Addr().String(), c.request)
		got, err := http.ReadResponse(bufio.NewReader(strings.NewReader(text)), asked)
		if err != nil {
			t.Errorf("%.60q: %v\n%s", c.request, err, text)
			continue
		}
		body, err := io.ReadAll(got.Body)
		if err != nil || got.StatusCode != c.status {
			t.Errorf("%.60q: status %d, want %d; %v\n%s", c.request, got.StatusCode, c.status, err, text)
		}
		got.Body.Close()
		checkHeaders(t, asked, answer{status: got.StatusCode, header: got.Header, body: string(body)})
	}
}

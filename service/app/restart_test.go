package app_test

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
)

// kept is a client that keeps its connection until an answer says that it is the
// last. It asks nothing twice, so that what it loses is lost.
type kept struct {
	url    func() string // of the instance for the next connection
	conn   net.Conn
	reader *bufio.Reader
}

func (k *kept) ask(ctx context.Context) (status int, err error) {
	if k.conn == nil {
		var dialer net.Dialer
		if k.conn, err = dialer.DialContext(ctx, "tcp", strings.TrimPrefix(k.url(), "http://")); err != nil {
			return 0, err
		}
		k.reader = bufio.NewReader(k.conn)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, k.url()+question, nil)
	if err != nil {
		return 0, err
	}
	if err := request.Write(k.conn); err != nil {
		return 0, err
	}
	response, err := http.ReadResponse(k.reader, request)
	if err != nil {
		return 0, err
	}
	_, err = io.Copy(io.Discard, response.Body)
	response.Body.Close()
	if response.Close {
		k.close()
	}
	return response.StatusCode, err
}

func (k *kept) close() {
	if k.conn != nil {
		k.conn.Close()
		k.conn = nil
	}
}

// An idle connection is not closed before its client has been told to use another.
func TestIdleConnectionsAreToldFirst(t *testing.T) {
	cfg := newConfig(newDatabase(t).As(dbtest.Reader))
	cfg.DrainDelay = time.Millisecond
	a := start(t, cfg)
	client := &kept{url: a.URL}
	defer client.close()
	if status, err := client.ask(t.Context()); status != http.StatusOK {
		t.Fatalf("status %d, %v", status, err)
	}
	closed := make(chan error, 1)
	go func() { closed <- a.closed(context.WithoutCancel(t.Context())) }()
	testkit.Eventually(t, "connections are refused", func() bool { return refused(a.URL()) })
	if status, err := client.ask(t.Context()); status != http.StatusOK {
		t.Errorf("on the idle connection: status %d, %v", status, err)
	}
	if client.conn != nil {
		t.Error("the client was not told that the answer is the last on its connection")
	}
	if err := <-closed; err != nil {
		t.Errorf("Close: %v", err)
	}
}

// A client that asks no more does not keep the service from ending, which is no error.
func TestIdleConnectionsAreClosedInTheEnd(t *testing.T) {
	cfg := newConfig(newDatabase(t).As(dbtest.Reader))
	cfg.DrainDelay, cfg.DrainTimeout = time.Millisecond, 50*time.Millisecond
	a := start(t, cfg)
	client := &kept{url: a.URL}
	defer client.close()
	if status, err := client.ask(t.Context()); status != http.StatusOK {
		t.Fatalf("status %d, %v", status, err)
	}
	if err := a.closed(t.Context()); err != nil {
		t.Errorf("Close: %v", err)
	}
	if _, err := client.reader.ReadByte(); !errors.Is(err, io.EOF) {
		t.Errorf("the connection ends with %v", err)
	}
}

// When one instance takes over from another, clients with connections that are idle
// for much longer than the drain delay lose no request.
func TestRollingRestart(t *testing.T) {
	const (
		clients = 20
		idle    = 100 * time.Millisecond
	)
	cfg := newConfig(newDatabase(t).As(dbtest.Reader))
	cfg.DrainDelay = 10 * time.Millisecond
	old, next := start(t, cfg), start(t, cfg)
	l := newLoad(t, old, clients, idle)
	l.takeOver(t, next)
	l.end(t)
}

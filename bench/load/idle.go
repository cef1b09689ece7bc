package load

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
)

// Idle opens connections that have had one answer each and then stay open. closeAll
// closes them.
func Idle(ctx context.Context, url string, connections int) (closeAll func(), err error) {
	var open []net.Conn
	closeAll = func() {
		for _, conn := range open {
			_ = conn.Close() // nothing is waiting to be sent
		}
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, fmt.Errorf("make a request: %w", err)
	}
	for range connections {
		conn, err := askAndKeep(request)
		if err != nil {
			closeAll()
			return nil, err
		}
		open = append(open, conn)
	}
	return closeAll, nil
}

// askAndKeep reads one answer, and returns its connection.
func askAndKeep(request *http.Request) (_ net.Conn, err error) {
	var dialer net.Dialer
	conn, err := dialer.DialContext(request.Context(), "tcp", request.URL.Host)
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	defer func() {
		if err != nil {
			_ = conn.Close() // the first error says more
		}
	}()
	if err := request.Write(conn); err != nil {
		return nil, fmt.Errorf("send a request: %w", err)
	}
	response, err := http.ReadResponse(bufio.NewReader(conn), request)
	if err != nil {
		return nil, fmt.Errorf("read an answer: %w", err)
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return nil, fmt.Errorf("read an answer: %w", err)
	}
	if response.StatusCode != http.StatusOK || response.Close {
		return nil, fmt.Errorf("the answer has status %s; expected 200 and a connection that stays open", response.Status)
	}
	return conn, nil
}

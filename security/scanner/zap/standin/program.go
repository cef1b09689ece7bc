package standin

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// Serve is the stand-in as a program: it reads the API key from the first line of in,
// and answers on the address until in ends, as the program that starts ZAP does.
func Serve(ctx context.Context, behaviour, address string, in io.Reader) error {
	lines := bufio.NewReader(in)
	key, err := lines.ReadString('\n')
	if err != nil {
		return fmt.Errorf("read the API key: %w", err)
	}
	z, err := New(strings.TrimSpace(key), behaviour)
	if err != nil {
		return err
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: z, ReadHeaderTimeout: time.Minute}
	go func() {
		_, _ = io.Copy(io.Discard, lines) // its end is the signal
		_ = server.Close()
	}()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

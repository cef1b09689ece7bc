package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"example.com/rates/internal/cli"
)

type bareCommand struct {
	Addr string `required:"" help:"Where to listen."`
}

// Run answers every request with the bytes of standard input, at the least cost
// that net/http allows.
func (c *bareCommand) Run(ctx context.Context, std cli.Streams) error {
	body, err := io.ReadAll(std.In)
	if err != nil {
		return fmt.Errorf("read the body: %w", err)
	}
	return listen(ctx, c.Addr, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body) // the client hung up
	}))
}

// listen serves until ctx ends.
func listen(ctx context.Context, addr string, handler http.Handler) error {
	const headerTimeout = 5 * time.Second
	server := &http.Server{Addr: addr, Handler: handler, ReadHeaderTimeout: headerTimeout}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })() // no client waits for an answer
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

type bareCommand struct {
	Addr string `required:"" help:"Where to listen."`
}

// Run answers every question with the bytes of standard input, with as little
// as net/http can do.
func (c *bareCommand) Run(ctx context.Context, std streams) error {
	body, err := io.ReadAll(std.in)
	if err != nil {
		return fmt.Errorf("read the body: %w", err)
	}
	return listen(ctx, c.Addr, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(body) // a client that hung up has nobody to tell
	}))
}

// listen serves until ctx ends.
func listen(ctx context.Context, addr string, handler http.Handler) error {
	const headerTimeout = 5 * time.Second
	server := &http.Server{Addr: addr, Handler: handler, ReadHeaderTimeout: headerTimeout}
	defer context.AfterFunc(ctx, func() { _ = server.Close() })() // it only measures; nobody waits for an answer
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

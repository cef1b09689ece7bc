package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"time"

	"example.com/rates/internal/cli"
)

type healthCommand struct {
	Addr string `name:"addr" env:"RATES_ADDR" default:":3000" placeholder:"HOST:PORT" help:"The address of the service (default ${default})."`
	URL  string `name:"url" placeholder:"URL" help:"The URL to request, for example http://127.0.0.1:3000/readyz. Without it, /healthz at --addr."`

	// The default is longer than the service needs to answer that it is not ready.
	Timeout time.Duration `name:"timeout" default:"4s" placeholder:"DURATION" help:"How long to wait for the answer (default ${default})."`

	target string
}

// Help returns the text for --help.
func (*healthCommand) Help() string {
	return `For container health checks: the image needs no shell and no curl. Exit code 0
means that the service answered 200 OK.`
}

// Validate checks the flags.
func (c *healthCommand) Validate() error {
	if c.target = c.URL; c.target != "" {
		return nil
	}
	base, err := ownURL(c.Addr)
	if err != nil {
		return err
	}
	c.target = base + "/healthz"
	return nil
}

// Run asks once. It returns an error for any answer but 200.
func (c *healthCommand) Run(ctx context.Context, std cli.Streams) (err error) {
	ctx, cancel := context.WithTimeoutCause(ctx, c.Timeout, fmt.Errorf("no answer within %v", c.Timeout))
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.target, http.NoBody)
	if err != nil {
		return fmt.Errorf("ask for health: %w", err)
	}
	// A proxy from the environment would answer for itself.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	response, err := client.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			err = fmt.Errorf("get %s: %w", c.target, context.Cause(ctx))
		}
		return fmt.Errorf("ask for health: %w", err)
	}
	defer func() { err = errors.Join(err, response.Body.Close()) }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", c.target, response.Status)
	}
	fmt.Fprintf(std.Out, "%s answers %s\n", c.target, response.Status)
	return nil
}

// ownURL turns an address to listen on into one to connect to from the same
// machine.
func ownURL(addr string) (string, error) {
	host, name, err := net.SplitHostPort(addr)
	port := 0
	if err == nil {
		port, err = net.LookupPort("tcp", name)
	}
	if err != nil || port == 0 {
		return "", fmt.Errorf("--addr (RATES_ADDR) is %q; expected HOST:PORT or :PORT, for example :3000", addr)
	}
	// A program that listens on [::] listens on IPv4 too.
	if ip := net.ParseIP(host); host == "" || ip != nil && ip.IsUnspecified() {
		host = "127.0.0.1"
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(port)), nil
}

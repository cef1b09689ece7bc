package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"os"
	"time"

	"example.com/rates/internal/cli"
	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/zap"
	"example.com/rates/security/scanner/zap/session"
	"example.com/rates/security/scanner/zap/standin"
	"example.com/rates/security/toolbox"
)

// zapFlags are the settings of the gate zap.
type zapFlags struct {
	ZAPURL      string `name:"zap-url" env:"ZAP_URL" placeholder:"URL" help:"ZAP that runs already; ZAP_KEY is its API key. It begins a new session. (env: $ZAP_URL)"`
	ZAPTarget   string `name:"zap-target" env:"RATES_ZAP_TARGET" placeholder:"URL" help:"Service that runs already, for the gate zap. (env: $RATES_ZAP_TARGET)"`
	AllowTarget string `placeholder:"HOST" help:"Allow the gate zap to ask that host. Only for a service of your own."`
	ZAPMode     string `name:"zap-mode" env:"RATES_ZAP" enum:"passive,active" default:"passive" help:"active: the gate zap attacks the service too. (env: $RATES_ZAP)"`
	Active      bool   `help:"The same as --zap-mode=active."`
}

// settings returns the settings. A service elsewhere is asked only if its host was
// named twice.
func (f zapFlags) settings() (scanner.ZAP, error) {
	z := scanner.ZAP{URL: f.ZAPURL, Key: os.Getenv(zap.KeyVariable), Target: f.ZAPTarget, Active: f.Active || f.ZAPMode == "active"}
	if z.Target == "" {
		return z, nil
	}
	at, err := url.Parse(z.Target)
	if err != nil || at.Hostname() == "" || at.Scheme != "https" && at.Scheme != "http" || at.Path != "" && at.Path != "/" || at.RawQuery != "" || at.User != nil {
		return z, usagef("the target of the gate zap must be a URL without a path, such as https://rates.example.com")
	}
	if host := at.Hostname(); host != f.AllowTarget && !net.ParseIP(host).IsLoopback() {
		return z, usagef("the gate zap asks %s only with --allow-target %[1]s; do that only for a service of your own", at.Hostname())
	}
	z.Target = at.Scheme + "://" + at.Host
	return z, nil
}

// tools returns a finder for which a ZAP that runs already is the pinned one, until
// it has told its version.
func (f zapFlags) tools(box toolbox.Box) func(context.Context, string) (scanner.Tool, error) {
	return func(ctx context.Context, name string) (scanner.Tool, error) {
		if name != "zap" || f.ZAPURL == "" {
			return box.Find(ctx, name)
		}
		pin, err := box.Pin(name)
		if err != nil {
			return scanner.Tool{}, scanner.Errorf(scanner.WrongVersion, "%w", err)
		}
		return scanner.Tool{Name: name, Version: pin.Version}, nil
	}
}

// zapSessionCommand is what the gate zap runs, so that all that a session starts
// ends with this process.
type zapSessionCommand struct {
	Program, Project, Target, ZAP, URL string
	Active                             time.Duration
}

// Run implements the command.
func (c *zapSessionCommand) Run(ctx context.Context, std cli.Streams) error {
	r := session.Run(ctx, session.Config{
		Program: c.Program, Project: c.Project, Target: c.Target,
		ZAP: c.ZAP, URL: c.URL, Key: os.Getenv(zap.KeyVariable), Active: c.Active,
	})
	if err := json.NewEncoder(std.Out).Encode(r); err != nil {
		return fmt.Errorf("print what the session saw: %w", err)
	}
	return nil
}

// standInCommand stands in for ZAP in the self-test. It is started like ZAP, with
// -host HOST -port PORT at the end.
type standInCommand struct {
	Behaviour string   `arg:""`
	Address   []string `arg:""`
}

// Run implements the command.
func (c *standInCommand) Run(ctx context.Context, std cli.Streams) error {
	const words = 4
	if len(c.Address) != words {
		return usagef("give -host HOST -port PORT, not %q", c.Address)
	}
	return standin.Serve(ctx, c.Behaviour, net.JoinHostPort(c.Address[1], c.Address[3]), std.In)
}

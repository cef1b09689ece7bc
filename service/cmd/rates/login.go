package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/user"
	"time"

	"example.com/rates/internal/cli"
	"example.com/rates/service/access"
)

// loginCommand groups the commands that change who may log in to the database.
type loginCommand struct {
	Rotate rotateCommand `cmd:"" help:"Replace the password of a program that uses two logins in turn."`
	Status statusCommand `cmd:"" help:"Show who may do what, until when, and who is connected."`
	Grant  grantCommand  `cmd:"" help:"Give a person access for a time."`
	Revoke revokeCommand `cmd:"" help:"End the access of a person at once."`
	Sweep  sweepCommand  `cmd:"" help:"End the sessions of people whose time is over."`
}

// exitLeft is the exit code if a login has sessions that should have ended.
const exitLeft = 3

// requestFlags say who asked for a change, and why. All of it is recorded.
type requestFlags struct {
	AskedBy    string `placeholder:"WHO" help:"Who asks for it (default: the user who runs the command)."`
	ApprovedBy string `placeholder:"WHO" help:"Who approved it."`
	Reason     string `placeholder:"TEXT" help:"Why."`
}

// need says which of the flags a command cannot do without.
type need struct{ reason, approval bool }

// request returns an error of usage if a flag is missing.
func (f *requestFlags) request(n need) (access.Request, error) {
	r := access.Request{AskedBy: cmp.Or(f.AskedBy, userName()), ApprovedBy: f.ApprovedBy, Reason: f.Reason}
	var errs []error
	if n.reason && r.Reason == "" {
		errs = append(errs, errors.New("--reason is required: why, in a few words"))
	}
	if n.approval && r.ApprovedBy == "" {
		errs = append(errs, errors.New("--approved-by is required: the name of whoever approved it"))
	}
	return r, usage(errors.Join(errs...))
}

// userName returns the name of the user who runs the command, or the number of one
// without a name, as in a container.
func userName() string {
	if u, err := user.Current(); err == nil && u.Username != "" {
		return u.Username
	}
	return fmt.Sprintf("user %d", os.Getuid())
}

// usage makes an error one of wrong usage.
func usage(err error) error {
	if err == nil {
		return nil
	}
	return &cli.ExitError{Code: exitUsage, Err: err}
}

// manage connects and calls do with what changes logins. Each change is logged to
// standard error.
func (d *databaseFlag) manage(ctx context.Context, std cli.Streams, r access.Request, do func(*access.Manager) error) error {
	conn, closeConn, err := d.connect(ctx, std, "rates login")
	if err != nil {
		return explain(err, needsAccess)
	}
	defer closeConn()
	err = do(access.NewManager(conn, r, slog.New(slog.NewJSONHandler(std.Err, nil))))
	if left, ok := errors.AsType[*access.LeftError](err); ok {
		return &cli.ExitError{Code: exitLeft, Err: left}
	}
	return explain(err, needsAccess)
}

// publishFlags say where a new password goes.
type publishFlags struct {
	Publish string `placeholder:"TARGET" help:"Required. Where the login and password go: file:PATH, a service file of libpq, or exec:COMMAND, which gets such a file on standard input."`
	Service string `default:"rates" help:"The name of the service in that file (default ${default})."`
}

func (p *publishFlags) publisher() (access.Publisher, error) {
	publisher, err := access.NewPublisher(p.Publish, p.Service)
	if err != nil {
		return nil, fmt.Errorf("--publish: %w", err)
	}
	return publisher, nil
}

func (p *publishFlags) check() error {
	_, err := p.publisher()
	return err
}

// minute is how times are shown: in UTC, to the minute.
func minute(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

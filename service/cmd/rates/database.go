package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"

	"example.com/rates/internal/cli"
	"example.com/rates/service/login"
	"example.com/rates/service/postgres"
)

// databaseFlag is the flag for the database of a command.
type databaseFlag struct {
	DatabaseURL   string `name:"database-url" env:"DATABASE_URL" placeholder:"URL" help:"Required. The database, for example postgres://user@host:5432/rates?sslmode=verify-full. Keep the password in a file named by PGPASSFILE."`
	DatabaseLogin string `name:"database-login" env:"RATES_DATABASE_LOGIN" default:"url" enum:"${login_sources}" placeholder:"SOURCE" help:"Where the login of each connection comes from: url is the connection string, azure a token of the identity AZURE_CLIENT_ID, file the service file or passfile that the connection string names, read again each time (default ${default})."`
}

func (d *databaseFlag) check() error {
	if d.DatabaseURL == "" {
		return errors.New("DATABASE_URL (or --database-url) is required; " +
			"for example postgres://user@host:5432/rates?sslmode=verify-full")
	}
	return nil
}

// source returns where the logins come from.
func (d *databaseFlag) source(std cli.Streams) (login.Source, error) {
	return login.New(d.DatabaseLogin, os.Getenv, slog.New(slog.NewTextHandler(std.Err, nil)))
}

// warn names the parameters of the connection string that have no effect.
func (d *databaseFlag) warn(to io.Writer) {
	if ignored := postgres.Ignored(d.DatabaseURL); len(ignored) > 0 {
		fmt.Fprintf(to, "rates: parameters of the connection string have no effect: %s\n", strings.Join(ignored, ", "))
	}
}

// connect opens a connection that the database knows by the name of the application.
// The caller calls closeConn.
func (d *databaseFlag) connect(ctx context.Context, std cli.Streams, application string) (conn *pgx.Conn, closeConn func(), err error) {
	d.warn(std.Err)
	source, err := d.source(std)
	if err != nil {
		return nil, nil, err
	}
	conn, err = postgres.Connect(ctx, d.DatabaseURL, source, application)
	if err != nil {
		return nil, nil, fmt.Errorf("database: %w", err)
	}
	// Work that is not committed by then is rolled back.
	return conn, func() { _ = conn.Close(context.WithoutCancel(ctx)) }, nil
}

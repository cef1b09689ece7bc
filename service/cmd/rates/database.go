package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"

	"example.com/rates/service/postgres"
)

// databaseFlag is the flag for the database of a command.
type databaseFlag struct {
	DatabaseURL string `name:"database-url" env:"DATABASE_URL" placeholder:"URL" help:"Required. The database, for example postgres://user@host:5432/rates?sslmode=verify-full. Keep the password in a file named by PGPASSFILE."`
}

func (d *databaseFlag) check() error {
	if d.DatabaseURL == "" {
		return errors.New("DATABASE_URL (or --database-url) is required; " +
			"for example postgres://user@host:5432/rates?sslmode=verify-full")
	}
	return nil
}

// connect opens a connection to the database. The caller calls closeConn.
func (d *databaseFlag) connect(ctx context.Context) (conn *pgx.Conn, closeConn func(), err error) {
	conn, err = postgres.Connect(ctx, d.DatabaseURL, "rates import")
	if err != nil {
		return nil, nil, fmt.Errorf("database: %w", err)
	}
	// Work that is not committed by then is rolled back.
	return conn, func() { _ = conn.Close(context.WithoutCancel(ctx)) }, nil
}

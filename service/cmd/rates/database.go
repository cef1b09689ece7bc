package main

import "errors"

// databaseFlag names the database of a command.
type databaseFlag struct {
	DatabaseURL string `name:"database-url" env:"DATABASE_URL" placeholder:"URL" help:"Required. The database, for example postgres://user@host:5432/rates?sslmode=verify-full. A password is better left to a file that PGPASSFILE names."`
}

func (d *databaseFlag) check() error {
	if d.DatabaseURL == "" {
		return errors.New("DATABASE_URL (or --database-url) is required; " +
			"for example postgres://user@host:5432/rates?sslmode=verify-full")
	}
	return nil
}

package app

import (
	"context"
	"fmt"

	"example.com/rates/db/migrations"
	"example.com/rates/service/login"
	"example.com/rates/service/postgres"
)

// Migrate migrates the schema of the database at url up or down to version, and
// calls report with the name of each migration that ran.
func Migrate(ctx context.Context, url string, source login.Source, version int64, report func(name string)) (err error) {
	db, err := postgres.OpenDB(ctx, url, source, "rates migrate")
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	defer db.Close()
	migrator, err := migrations.New(db)
	if err != nil {
		return err
	}
	names, err := migrator.To(ctx, version)
	for _, name := range names {
		report(name)
	}
	return err
}

package app

import (
	"context"
	"fmt"

	"github.com/jackc/pgx/v5/stdlib"

	"example.com/rates/db/migrations"
	"example.com/rates/service/postgres"
)

// Migrate migrates the schema of the database at url up or down to version, and
// calls report with the name of each migration that ran.
func Migrate(ctx context.Context, url string, version int64, report func(name string)) (err error) {
	cfg, err := postgres.WriterConfig(url, "rates migrate")
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	db := stdlib.OpenDB(*cfg)
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

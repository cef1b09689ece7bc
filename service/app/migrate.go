package app

import (
	"context"
	"fmt"

	"example.com/rates/db/migrations"
	"example.com/rates/service/login"
	"example.com/rates/service/postgres"
)

// Migrate migrates the schema of the database at url up or down to version, which
// may be migrations.Newest, and returns the version that it has then.
func Migrate(ctx context.Context, url string, source login.Source, version int64, cfg migrations.Config) (reached int64, err error) {
	db, err := postgres.OpenDB(ctx, url, source, "rates migrate")
	if err != nil {
		return 0, fmt.Errorf("database: %w", err)
	}
	defer db.Close()
	migrator, err := migrations.New(db, cfg)
	if err != nil {
		return 0, err
	}
	return migrator.To(ctx, version)
}

package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// Connect opens one connection to the database at url, outside any pool. The
// database knows it by the name of the application.
func Connect(ctx context.Context, url, application string) (*pgx.Conn, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, ErrURL
	}
	cfg.ConnectTimeout = connectTimeout
	cfg.RuntimeParams["application_name"] = application
	conn, err := pgx.ConnectConfig(ctx, cfg)
	return conn, failed("connect", err)
}

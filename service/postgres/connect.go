package postgres

import (
	"context"

	"github.com/jackc/pgx/v5"
)

// WriterConfig returns the configuration of connections that change the data or
// the schema of the database at url, which knows them by the name of the
// application.
func WriterConfig(url, application string) (*pgx.ConnConfig, error) {
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		return nil, ErrURL
	}
	cfg.ConnectTimeout = connectTimeout
	cfg.RuntimeParams["application_name"] = application
	cfg.AfterConnect = writerSession().apply
	return cfg, nil
}

// Connect opens one connection with WriterConfig, outside any pool.
func Connect(ctx context.Context, url, application string) (*pgx.Conn, error) {
	cfg, err := WriterConfig(url, application)
	if err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	return conn, failed("connect", err)
}

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	neturl "net/url"

	"github.com/jackc/pgx/v5"

	"example.com/rates/db/embedded"
	"example.com/rates/db/migrations"
	"example.com/rates/service/app"
	"example.com/rates/service/importer"
	"example.com/rates/service/login"
	"example.com/rates/service/postgres"
)

// database is the PostgreSQL behind the service.
type database struct {
	owner  string // URL of a login that may migrate
	reader string // URL of the login that the service uses
	log    *slog.Logger

	private  *embedded.Server   // nil for a given one
	replicas []*embedded.Server // of the private one
}

const (
	databaseName        = "rates"
	maintenanceDatabase = "postgres"
	serviceLogin        = "rates_service"
)

// openDatabase uses the PostgreSQL at url, or starts a private one if url is "". A
// temporary one begins empty and keeps nothing.
func openDatabase(ctx context.Context, url, project string, temporary bool, log *slog.Logger) (*database, error) {
	if url != "" {
		log.Info("database", "source", "DATABASE_URL")
		return &database{owner: url, reader: url, log: log}, nil
	}
	if names := embedded.Isolate(); len(names) > 0 {
		log.Info("ignoring variables that are for other databases", "names", names)
	}
	cfg := embedded.Config{Log: log}
	if !temporary {
		dir, err := embedded.DefaultDir(project)
		if err != nil {
			return nil, err
		}
		cfg.Dir, cfg.Durable = dir, true
	}
	server, err := embedded.Start(ctx, cfg)
	if err != nil {
		return nil, err
	}
	owner, err := neturl.Parse(server.URL(databaseName))
	if err != nil {
		return nil, errors.Join(fmt.Errorf("read the private server's URL: %w", err), server.Close())
	}
	reader := *owner
	reader.User = neturl.User(serviceLogin)
	return &database{
		owner: owner.String(), reader: reader.String(), log: log, private: server,
	}, nil
}

// close ends the private servers.
func (db *database) close() error {
	var errs []error
	for _, replica := range db.replicas {
		errs = append(errs, replica.Close())
	}
	if db.private != nil {
		errs = append(errs, db.private.Close())
	}
	return errors.Join(errs...)
}

// done returns a channel that is closed when the private server has stopped.
func (db *database) done() <-chan struct{} {
	if db.private == nil {
		return nil
	}
	return db.private.Done()
}

// prepare migrates the database, and imports the sample if it has no data.
func (db *database) prepare(ctx context.Context) error {
	private := db.private != nil
	if private {
		if err := db.create(ctx); err != nil {
			return err
		}
	}
	_, err := app.Migrate(ctx, db.owner, login.Source{}, migrations.Newest, migrations.Config{
		Breaking: private, // nobody else uses it
		Applied:  func(name string) { db.log.Info("migrated", "file", name) },
	})
	if err != nil {
		return err
	}
	if private {
		if err := db.createServiceLogin(ctx); err != nil {
			return err
		}
	}
	return db.seed(ctx)
}

// create makes the database on a new server.
func (db *database) create(ctx context.Context) error {
	return withConn(ctx, db.private.URL(maintenanceDatabase), func(conn *pgx.Conn) error {
		var exists bool
		err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, databaseName).Scan(&exists)
		if err == nil && !exists {
			_, err = conn.Exec(ctx, "CREATE DATABASE "+databaseName)
		}
		return err
	})
}

// createServiceLogin creates a login that may only read, as the
// service has in production.
func (db *database) createServiceLogin(ctx context.Context) error {
	return withConn(ctx, db.owner, func(conn *pgx.Conn) error {
		_, err := conn.Exec(ctx, `
DO $$ BEGIN
	IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'rates_service') THEN
		CREATE ROLE rates_service LOGIN IN ROLE rates_reader;
	END IF;
END $$`)
		return err
	})
}

// seed imports the sample into a database without data.
func (db *database) seed(ctx context.Context) error {
	sample, err := importer.Sample()
	if err != nil {
		return err
	}
	return withConn(ctx, db.owner, func(conn *pgx.Conn) error {
		done, err := importer.NewLoader(conn).Import(ctx, []importer.File{sample}, importer.Options{First: true})
		for _, file := range done {
			db.log.Info("imported", "file", file.File, "regions", file.Regions.New, "ports", file.Ports.New, "prices", file.Prices)
		}
		if errors.Is(err, importer.ErrImported) || errors.Is(err, importer.ErrNotFirst) {
			return nil
		}
		return err
	})
}

func withConn(ctx context.Context, url string, do func(*pgx.Conn) error) error {
	conn, err := postgres.Connect(ctx, url, login.Source{}, "rates devserver")
	if err != nil {
		return err
	}
	// Work that is not committed by then is rolled back.
	defer func() { _ = conn.Close(context.WithoutCancel(ctx)) }()
	if err := do(conn); err != nil {
		return fmt.Errorf("prepare the database: %w", err)
	}
	return nil
}

// clean removes the data of the private server.
func clean(ctx context.Context, project string) error {
	dir, err := embedded.DefaultDir(project)
	if err != nil {
		return err
	}
	return embedded.Remove(ctx, dir)
}

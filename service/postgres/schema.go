package postgres

import (
	"context"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/rates/db/migrations"
	"example.com/rates/service/rates"
)

// ErrSchema is wrapped by every error that says that the schema of the database
// is not the one this program knows. Waiting does not fix it.
var ErrSchema = errors.New("the schema of the database does not fit this program")

// Ready implements rates.Store. The error is an Unavailable one around
// ErrSchema when the database answers but has another schema.
func (s *Store) Ready(ctx context.Context) error {
	version, err := s.schemaVersion(ctx)
	if err != nil {
		return failed("read the schema version", err)
	}
	var mend string
	switch {
	case version == migrations.Latest:
		return nil
	case version == 0:
		mend = "it is empty; run 'rates migrate' first"
	case version < migrations.Latest:
		mend = "it is older; run 'rates migrate'"
	default:
		mend = "it is newer; run a program of that version, or 'rates migrate --to' with the newer program to go back"
	}
	return &rates.Error{
		Kind:    rates.Unavailable,
		Message: "The database is not prepared for this version of the service.",
		Cause:   fmt.Errorf("%w: it has version %d, expected %d: %s", ErrSchema, version, migrations.Latest, mend),
	}
}

const undefinedTable = "42P01"

func (s *Store) schemaVersion(ctx context.Context) (int64, error) {
	const sql = `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`
	var version int64
	err := s.ask(ctx, func(rows pgx.Rows) (err error) {
		version, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[int64])
		return err
	}, sql)
	return version, noTableIsZero(err)
}

// noTableIsZero ignores the error for a database that was never migrated.
func noTableIsZero(err error) error {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == undefinedTable {
		return nil
	}
	return err
}

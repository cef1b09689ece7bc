package postgres

import (
	"context"
	"errors"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/rates/db/migrations"
	"example.com/rates/service/rates"
)

// Ready implements rates.Store. The error is an Unavailable one around
// migrations.ErrSchema when the database answers but has a schema that this program
// does not work with.
func (s *Store) Ready(ctx context.Context) error {
	state, err := s.schemaState(ctx)
	if err != nil {
		return failed("read the schema version", err)
	}
	if err := s.program.Check(state); err != nil {
		return &rates.Error{
			Kind: rates.Unavailable, Cause: err,
			Message: "The database is not prepared for this version of the service.",
		}
	}
	return nil
}

const undefinedTable = "42P01"

func (s *Store) schemaState(ctx context.Context) (migrations.State, error) {
	var state migrations.State
	err := s.ask(ctx, func(rows pgx.Rows) (err error) {
		state, err = pgx.CollectExactlyOneRow(rows, pgx.RowToStructByPos[migrations.State])
		return err
	}, migrations.StateSQL)
	return state, noTableIsZero(err)
}

// noTableIsZero ignores the error for a database that was never migrated.
func noTableIsZero(err error) error {
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && pg.Code == undefinedTable {
		return nil
	}
	return err
}

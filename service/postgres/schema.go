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
	state, err := s.schemaState(ctx)
	if err != nil {
		return failed("read the schema version", err)
	}
	if err := state.Check(); err != nil {
		return notPrepared(err)
	}
	version := state.Version
	var remedy string
	switch {
	case version == migrations.Latest:
		return nil
	case version == 0:
		remedy = "it is empty; run 'rates migrate' first"
	case version < migrations.Latest:
		remedy = "it is older; run 'rates migrate'"
	default:
		remedy = "it is newer; run a program of that version, or 'rates migrate --to' with the newer program to go back"
	}
	return notPrepared(fmt.Errorf("it has version %d, expected %d: %s", version, migrations.Latest, remedy))
}

func notPrepared(why error) error {
	return &rates.Error{
		Kind:    rates.Unavailable,
		Message: "The database is not prepared for this version of the service.",
		Cause:   fmt.Errorf("%w: %w", ErrSchema, why),
	}
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

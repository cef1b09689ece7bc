package migrations

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Oldest is the lowest version of the schema that this program works with, all its
// commands included. It grows when the program begins to use what a migration adds.
const Oldest = 11

// The comment on goose's table says what a database holds and who may use it.
const (
	// set is what 00001_create_roles.sql writes. Two sets of migrations use the same
	// version numbers, so a version alone does not say what a database holds.
	set = "Migrations that were applied, of set 5."

	// Before and after the number that a breaking migration adds: the oldest programs
	// that work with its schema, by the latest version that they know.
	worksFrom, end = " They work with programs from version ", "."
)

// ErrOtherSet is the error for a database that another set of migrations made.
var ErrOtherSet = errors.New("the database was migrated by an unreleased version of rates, whose migrations no longer exist; " +
	"use a new database: 'make clean' removes the private one of 'make run', " +
	"'deploy/compose/stop.sh --remove-data' that of 'make start-app-db'")

// ErrSchema is wrapped by every error that says that a program does not work with
// the schema of a database. Waiting does not fix it.
var ErrSchema = errors.New("the schema of the database does not fit this program")

// StateSQL selects the State of a database in one row. It fails if the database
// was never migrated: the table does not exist.
const StateSQL = `SELECT coalesce(max(version_id), 0), coalesce(obj_description('public.goose_db_version'::regclass, 'pg_class'), '')
FROM public.goose_db_version WHERE is_applied`

// State is how far a database was migrated, and what its schema says about itself.
type State struct {
	Version int64
	About   string // the comment on goose's table
}

// Check returns ErrOtherSet if another set of migrations made the database.
func (s State) Check() error {
	if s.Version > 0 && !strings.HasPrefix(s.About, set) {
		return ErrOtherSet
	}
	return nil
}

// oldestProgram returns the oldest program that the schema works with, 0 if it
// works with all.
func (s State) oldestProgram() (int64, error) {
	said := strings.TrimPrefix(s.About, set)
	if said == "" {
		return 0, nil
	}
	number, begins := strings.CutPrefix(said, worksFrom)
	number, ends := strings.CutSuffix(number, end)
	oldest, err := strconv.ParseInt(number, 10, 64)
	if !begins || !ends || err != nil {
		return 0, fmt.Errorf("the comment on the table goose_db_version ends with %q; expected nothing, or %q", said, worksFrom+"N"+end)
	}
	return oldest, nil
}

// Program is the versions of the schema that a program works with: from Oldest to
// Latest, and later ones that say that they work with it.
type Program struct{ Oldest, Latest int64 }

// ThisProgram returns what the program that runs works with.
func ThisProgram() Program { return Program{Oldest: Oldest, Latest: Latest} }

// Check returns an error around ErrSchema that says what to do if the program does
// not work with a schema.
func (p Program) Check(s State) error {
	if err := s.Check(); err != nil {
		return fmt.Errorf("%w: %w", ErrSchema, err)
	}
	from, err := s.oldestProgram()
	if err != nil {
		return fmt.Errorf("%w: %w", ErrSchema, err)
	}
	var remedy string
	switch {
	case s.Version == 0:
		remedy = "it is empty; run 'rates migrate' first"
	case s.Version < p.Oldest:
		remedy = "it is older; run 'rates migrate'"
	case s.Version > p.Latest && from > p.Latest:
		remedy = fmt.Sprintf("it is newer and works only with programs from version %d; run one of these, "+
			"or go back with its 'rates migrate --to %d --breaking'", from, p.Latest)
	default:
		return nil
	}
	return fmt.Errorf("%w: it has version %d, expected %s: %s", ErrSchema, s.Version, p, remedy)
}

// String returns the range of versions for an error.
func (p Program) String() string {
	if p.Oldest == p.Latest {
		return strconv.FormatInt(p.Latest, 10)
	}
	return fmt.Sprintf("%d to %d", p.Oldest, p.Latest)
}

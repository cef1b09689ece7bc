package migrations

import "errors"

// set is the comment that 00001_create_roles.sql leaves on goose's table. Two
// sets of migrations use the same version numbers, so a version alone does not
// say what a database holds.
const set = "Migrations that were applied, of set 3."

// ErrOtherSet is the error for a database that another set of migrations made.
var ErrOtherSet = errors.New("the database was migrated by an unreleased version of rates, whose migrations no longer exist; " +
	"use a new database: 'make clean' removes the private one of 'make run', " +
	"'deploy/compose/stop.sh --remove-data' that of 'make start-app-db'")

// StateSQL selects the State of a database in one row. It fails if the database
// was never migrated: the table does not exist.
const StateSQL = `SELECT coalesce(max(version_id), 0), coalesce(obj_description('public.goose_db_version'::regclass, 'pg_class'), '')
FROM public.goose_db_version WHERE is_applied`

// State is how far a database was migrated, and with which set of migrations.
type State struct {
	Version int64
	Set     string
}

// Check returns ErrOtherSet if another set of migrations made the database.
func (s State) Check() error {
	if s.Version > 0 && s.Set != set {
		return ErrOtherSet
	}
	return nil
}

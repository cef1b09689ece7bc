//go:build release

// Package store looks ports up.
package store

import "database/sql"

// FindAll returns the ports of a name.
func FindAll(db *sql.DB, name string) (*sql.Rows, error) {
	rows, err := db.Query("SELECT code FROM ports WHERE name = '" + name + "'")
	return rows, err
}

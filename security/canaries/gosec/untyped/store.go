// Package store looks ports up.
package store

import "database/sql"

// Find returns the ports of a name.
func Find(db *sql.DB, name string) (*sql.Rows, error) {
	rows, err := db.Query("SELECT code FROM ports WHERE name = $1", name)
	return rows, err.Text
}

package store

import "database/sql"

// Find returns the ports of a name.
func Find(db *sql.DB, name string) (*sql.Rows, error) {
	// The tool sees this on Windows only.
	rows, err := db.Query("SELECT code FROM ports WHERE name = '" + name + "'")
	return rows, err
}

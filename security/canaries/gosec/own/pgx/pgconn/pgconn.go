// Package pgconn has the names of the real one, and does nothing.
package pgconn

import "context"

// CommandTag says what was done.
type CommandTag struct{}

// StatementDescription is a prepared statement.
type StatementDescription struct{ Name, SQL string }

// PgConn is a connection.
type PgConn struct{}

// MultiResultReader reads results.
type MultiResultReader struct{}

// Exec runs statements.
func (c *PgConn) Exec(_ context.Context, sql string) *MultiResultReader { return nil }

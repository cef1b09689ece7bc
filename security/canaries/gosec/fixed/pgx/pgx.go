// Package pgx has the names of the real one, and does nothing.
package pgx

import (
	"context"

	"github.com/jackc/pgx/v5/pgconn"
)

// Rows are rows.
type Rows interface{ Close() }

// Row is a row.
type Row interface{ Scan(dest ...any) error }

// Tx is a transaction.
type Tx interface {
	Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (Rows, error)
	Prepare(ctx context.Context, name, sql string) (*pgconn.StatementDescription, error)
	CopyFrom(ctx context.Context, tableName Identifier, columnNames []string, rowSrc any) (int64, error)
}

// Conn is a connection.
type Conn struct{}

// Exec implements Tx.
func (c *Conn) Exec(_ context.Context, sql string, _ ...any) (pgconn.CommandTag, error) {
	return pgconn.CommandTag{}, nil
}

// Query implements Tx.
func (c *Conn) Query(_ context.Context, sql string, _ ...any) (Rows, error) { return nil, nil }

// QueryRow asks for one row.
func (c *Conn) QueryRow(_ context.Context, sql string, _ ...any) Row { return nil }

// Prepare implements Tx.
func (c *Conn) Prepare(_ context.Context, name, sql string) (*pgconn.StatementDescription, error) {
	return nil, nil
}

// PgConn is the connection below.
func (c *Conn) PgConn() *pgconn.PgConn { return nil }

// Config is how it was made.
func (c *Conn) Config() *ConnConfig { return nil }

// ConnConfig is how a connection is made.
type ConnConfig struct{ Password string }

// ConnString is what it was parsed from.
func (c *ConnConfig) ConnString() string { return "" }

// Batch is a batch.
type Batch struct{ QueuedQueries []*QueuedQuery }

// QueuedQuery is a statement of a batch.
type QueuedQuery struct {
	SQL       string
	Arguments []any
}

// Queue adds a statement.
func (b *Batch) Queue(query string, arguments ...any) *QueuedQuery {
	return nil
}

// Identifier is a name.
type Identifier []string

// Sanitize quotes it.
func (i Identifier) Sanitize() string { return i[0] }

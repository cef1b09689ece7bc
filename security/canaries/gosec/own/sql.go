// Package canary builds SQL from input in the ways that a person would.
package canary

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// Store asks.
type Store struct {
	pool  *pgxpool.Pool
	table string
	exec  func(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error)
}

type querier interface {
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
}

func concatenated(ctx context.Context, pool *pgxpool.Pool, name string) {
	_, _ = pool.Query(ctx, "SELECT 1 FROM ports WHERE name = '"+name+"'") // want G901
}

func formatted(ctx context.Context, conn *pgx.Conn, name string) {
	sql := fmt.Sprintf("SELECT 1 FROM %s", name)
	_ = conn.QueryRow(ctx, sql) // want G901
}

func quotedByHand(ctx context.Context, tx pgx.Tx, name string) {
	_, _ = tx.Exec(ctx, "SET ROLE '"+strings.ReplaceAll(name, "'", "''")+"'") // want G901
}

func goQuoted(ctx context.Context, tx pgx.Tx, name string) {
	_, _ = tx.Exec(ctx, fmt.Sprintf("SET ROLE %q", name)) // want G901
}

func built(ctx context.Context, pool *pgxpool.Pool, names []string) {
	var b strings.Builder
	b.WriteString("SELECT 1 WHERE true")
	for _, n := range names {
		fmt.Fprintf(&b, " OR name = '%s'", n)
	}
	_, _ = pool.Exec(ctx, b.String()) // want G901
}

func builtByHelper(ctx context.Context, pool *pgxpool.Pool, name string) {
	var b strings.Builder
	addTo(&b, name) // want G901
	_, _ = pool.Exec(ctx, b.String())
}

func addTo(b *strings.Builder, text string) { b.WriteString(text) }

func queued(name string) *pgx.Batch {
	b := &pgx.Batch{}
	b.Queue("DELETE FROM ports WHERE code = '" + name + "'") // want G901
	return b
}

func queuedByHand(name string) *pgx.Batch {
	return &pgx.Batch{QueuedQueries: []*pgx.QueuedQuery{{SQL: "DROP TABLE " + name}}} // want G901
}

func below(ctx context.Context, conn *pgx.Conn, r *http.Request) {
	_ = conn.PgConn().Exec(ctx, "LISTEN "+r.FormValue("channel")) // want G901
}

func prepared(ctx context.Context, conn *pgx.Conn) {
	_, _ = conn.Prepare(ctx, "ask", "SELECT 1 FROM "+os.Getenv("TABLE")) // want G901
}

func copied(ctx context.Context, tx pgx.Tx, columns []string) {
	_, _ = tx.CopyFrom(ctx, pgx.Identifier{"prices"}, columns, nil) // want G901
}

func (s *Store) ask(ctx context.Context, sql string) { _, _ = s.pool.Query(ctx, sql) }

func (s *Store) ordered(ctx context.Context, by string) {
	s.ask(ctx, "SELECT 1 ORDER BY day")
	s.ask(ctx, "SELECT 1 ORDER BY "+by) // want G901
}

func (s *Store) field(ctx context.Context) {
	_, _ = s.pool.Query(ctx, "SELECT 1 FROM "+s.table) // want G901
}

func newStore(table string) *Store { return &Store{table: table} }

func methodValue(ctx context.Context, conn *pgx.Conn, name string) {
	run := conn.Exec
	_, _ = run(ctx, "DROP TABLE "+name) // want G901
}

func methodExpression(ctx context.Context, conn *pgx.Conn, name string) {
	_, _ = (*pgx.Conn).Exec(conn, ctx, "DROP TABLE "+name) // want G901
}

func (s *Store) functionField(ctx context.Context, name string) {
	_, _ = s.exec(ctx, "DROP TABLE "+name) // want G901
}

func behindInterface(ctx context.Context, q querier, name string) {
	_, _ = q.Query(ctx, "SELECT 1 FROM "+name) // want G901
}

func generic[Q querier](ctx context.Context, q Q, name string) {
	_, _ = q.Query(ctx, "SELECT 1 FROM "+name) // want G901
}

func asked[T any](ctx context.Context, pool *pgxpool.Pool, sql string) (v T) {
	_, _ = pool.Query(ctx, sql)
	return v
}

func callsGeneric(ctx context.Context, pool *pgxpool.Pool, name string) {
	_ = asked[int](ctx, pool, "SELECT 1 WHERE "+name) // want G901
}

func closure(ctx context.Context, pool *pgxpool.Pool, name string) func() {
	sql := "SELECT 1"
	if name != "" {
		sql += " WHERE name = '" + name + "'"
	}
	return func() { _, _ = pool.Query(ctx, sql) } // want G901
}

func mapped(ctx context.Context, pool *pgxpool.Pool, name string) {
	queries := map[string]string{"all": "SELECT 1", "one": "SELECT 1 WHERE " + name}
	_, _ = pool.Query(ctx, queries["all"]) // want G901
}

func joined(ctx context.Context, pool *pgxpool.Pool, names []string) {
	_, _ = pool.Query(ctx, "SELECT 1 WHERE name IN ("+strings.Join(names, ",")+")") // want G901
}

func decoded(ctx context.Context, pool *pgxpool.Pool, r *http.Request) {
	var asked struct{ Sort string }
	asked.Sort = "day"
	_ = json.NewDecoder(r.Body).Decode(&asked.Sort)
	_, _ = pool.Query(ctx, "SELECT 1 ORDER BY "+asked.Sort) // want G901
}

func bytesBuilt(ctx context.Context, pool *pgxpool.Pool, name string) {
	sql := append([]byte("SELECT 1 FROM "), name...)
	_, _ = pool.Query(ctx, string(sql)) // want G901
}

func deferred(ctx context.Context, tx pgx.Tx, name string) {
	defer tx.Exec(ctx, "ROLLBACK TO "+name) // want G901
	go tx.Exec(ctx, "RELEASE "+name)        // want G901
}

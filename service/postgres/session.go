package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// session is a list of settings that a connection needs. The database and the login
// may have others (ALTER DATABASE … SET, ALTER ROLE … SET), made for other programs.
type session []setting

type setting struct {
	name, value string
	citus       string // the value where Citus is loaded, "" for the same
}

// everySession is for all connections. An administrator who wants to limit this
// service does so with its own settings, which know what a statement is for.
var everySession = session{
	{name: "search_path", value: "public, pg_temp"},
	{name: "client_encoding", value: "UTF8"},
	{name: "standard_conforming_strings", value: "on"},
	{name: "default_transaction_isolation", value: "read committed"},
	{name: "default_transaction_deferrable", value: "off"},
	{name: "jit", value: "off"}, // compiling takes longer than what it saves
	{name: "lock_timeout", value: "0"},
	{name: "idle_in_transaction_session_timeout", value: "0"},
	{name: "idle_session_timeout", value: "0"}, // since PostgreSQL 14
	{name: "transaction_timeout", value: "0"},  // since PostgreSQL 17
}

// readerSession is for connections that answer questions, each within timeout, or
// without a limit if that is 0.
func readerSession(timeout time.Duration) session {
	return append(everySession[:len(everySession):len(everySession)],
		setting{name: "default_transaction_read_only", value: "on"},
		setting{name: "statement_timeout", value: strconv.FormatInt(timeout.Milliseconds(), 10)},
		// The plan is the same scan of one index for every question, so PostgreSQL need
		// not plan each time. Citus has to: the plan depends on the node.
		setting{name: "plan_cache_mode", value: "force_generic_plan", citus: "auto"},
		setting{name: "enable_indexscan", value: "on"},
		setting{name: "enable_indexonlyscan", value: "on"},
	)
}

// writerSession is for connections that change the data or the schema.
func writerSession() session {
	return append(everySession[:len(everySession):len(everySession)],
		setting{name: "default_transaction_read_only", value: "off"},
		setting{name: "statement_timeout", value: "0"},
		setting{name: "session_replication_role", value: "origin"}, // or no trigger would keep daily_rates right
	)
}

// sql returns the value as an expression.
func (s setting) sql() string {
	if s.citus == "" {
		return "'" + s.value + "'"
	}
	return fmt.Sprintf("CASE WHEN pg_catalog.to_regclass('pg_catalog.pg_dist_partition') IS NULL THEN '%s' ELSE '%s' END", s.value, s.citus)
}

// errReplica is the error for a login that may not turn the triggers on.
var errReplica = errors.New("session_replication_role is not origin here, so triggers would not run, and this login " +
	"may not change it; run ALTER DATABASE … RESET session_replication_role, or ALTER ROLE …, as an administrator")

// apply makes the settings, in one round trip. It touches none that is right
// already: the login may lack the right to change it. Unknown ones are those of
// another version of PostgreSQL. It makes none in a shared session: they would
// reach others.
func (s session) apply(ctx context.Context, conn *pgconn.PgConn) error {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	own := fmt.Sprintf("pg_catalog.pg_backend_pid() = %d", conn.PID())
	// A timeout of a millisecond would end even the statement that lifts the others.
	sql := fmt.Appendf(nil, `SELECT set_config('statement_timeout', '0', false) WHERE %s; SELECT set_config(name, value, false) FROM (VALUES `, own)
	for i, wanted := range s {
		if i > 0 {
			sql = append(sql, ", "...)
		}
		sql = fmt.Appendf(sql, "('%s', %s)", wanted.name, wanted.sql())
	}
	sql = fmt.Appendf(sql, `) AS wanted (name, value) WHERE %s AND current_setting(name, true) <> value`, own)
	sql = append(sql, `; SELECT FROM pg_catalog.pg_class WHERE oid = to_regclass('pg_catalog.pg_dist_partition')`...)
	results, err := conn.Exec(ctx, string(sql)).ReadAll()
	if pg, ok := errors.AsType[*pgconn.PgError](err); ok && strings.Contains(pg.Message, "session_replication_role") {
		return errReplica
	}
	if err != nil {
		return fmt.Errorf("prepare the session: %w", err)
	}
	conn.CustomData()[sharedSession] = len(results[0].Rows) == 0
	conn.CustomData()[withCitus] = len(results[2].Rows) > 0
	return nil
}

// sharedSession is the key of what apply found out about a connection. A pooler
// gives its clients keys to cancel with, so they name no process of the server.
const sharedSession = "shared session"

// withCitus is the key of whether the database has Citus.
const withCitus = "citus"

func hasCitus(conn *pgx.Conn) bool {
	has, _ := conn.PgConn().CustomData()[withCitus].(bool)
	return has
}

// isShared reports whether a pooler stands between the connection and the
// server, so that each transaction may be in another session.
func isShared(conn *pgx.Conn) bool {
	shared, _ := conn.PgConn().CustomData()[sharedSession].(bool)
	return shared
}

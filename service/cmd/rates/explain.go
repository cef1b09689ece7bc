package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"

	"example.com/rates/service/access"
	"example.com/rates/service/importer/dump"
	"example.com/rates/service/postgres"
	"example.com/rates/service/rates"
)

// What the login of a command needs, for errors that say that it lacks it.
const (
	needsLoader = "the login must be a member of rates_loader: GRANT rates_loader TO its name"
	needsAccess = "the login may not manage logins: docs/access.md lists the rights that it needs"
	needsOwner  = "the login must own the database, or be a superuser"
)

// explain says what an error of the database means to the user of a command, before
// the words of the database. needs says what the login of the command needs.
func explain(err error, needs string) error {
	if err == nil || errors.Is(err, context.Canceled) {
		return err
	}
	if _, ok := errors.AsType[*dump.Error](err); ok {
		return err // a file is to blame
	}
	if _, ok := errors.AsType[*postgres.RefusedError](err); ok {
		return err // it says what to do
	}
	if _, ok := errors.AsType[*access.RefusedError](err); ok {
		return err // it says what to do
	}
	if answer, ok := errors.AsType[*rates.Error](err); ok && answer.Cause != nil {
		err = answer.Cause // the message is for a question over HTTP
	}
	if meaning := meaning(err, needs); meaning != "" {
		err = fmt.Errorf("%s: %w", meaning, err)
	}
	return noRoom(err)
}

// meaning returns "" for an error whose own text is clear.
func meaning(err error, needs string) string {
	pg, answered := errors.AsType[*pgconn.PgError](err)
	_, connecting := errors.AsType[*pgconn.ConnectError](err)
	_, noLogin := errors.AsType[*postgres.LoginError](err)
	switch {
	case noLogin:
		return ""
	case answered && pg.Code == insufficientPrivilege && !connecting:
		return needs
	case answered:
		return meanings[pg.Code]
	case connecting:
		return "the database cannot be reached"
	}
	_, isNet := errors.AsType[*net.OpError](err)
	if isNet || errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, pgconn.ErrConnClosed) {
		return lost
	}
	return ""
}

const (
	insufficientPrivilege = "42501"

	// What was committed is not imported twice without --again.
	lost     = "the connection to the database was lost; run the command again once the database is back"
	noSchema = "the schema of the database is not that of this program; run 'rates migrate' first"
)

// meanings are those of errors of PostgreSQL, by their code in its appendix A,
// "Error Codes".
var meanings = map[string]string{
	"08000": lost,
	"08003": lost,
	"08006": lost,
	"25006": "the database is read-only; connect to the primary if it is a standby, or look for default_transaction_read_only",
	"25P03": "the database ended the session by idle_in_transaction_session_timeout; set it to 0 for the login",
	"3F000": noSchema,
	"40P01": "another session waited for the command and the command for it; run the command again",
	"42P01": noSchema,
	"42703": noSchema,
	"42883": noSchema,
	"53100": "the disk of the database is full; make room there and run the command again",
	"53200": "the database is out of memory; give it more, or run the command again when it has less to do",
	"53300": "the database has no connection left; close some, or raise max_connections",
	"53400": "a limit that the configuration of the database sets was reached",
	"55P03": "another session held a lock for longer than lock_timeout allows; run the command again later",
	"57014": "the database cancelled the work, at somebody's request or by statement_timeout; set that to 0 for the login",
	"57P01": lost,
	"57P02": lost,
	"57P03": "the database starts or stops; run the command again in a moment",
	"58030": "the database could not read or write its files; see its log",
}

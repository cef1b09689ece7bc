// Package login says as whom each connection logs in to the database.
package login

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5"
)

// Source is where the login of a connection comes from. The zero value leaves the
// one of the connection string.
type Source struct {
	Name string // as RATES_DATABASE_LOGIN spells it

	// Set sets user and password of the connection that is about to be made. It
	// returns in a few seconds even if ctx has no deadline.
	Set func(ctx context.Context, conn *pgx.ConnConfig) error

	// Lifetime is how long a connection may last, so that a login that was replaced
	// is no longer used; 0 leaves that to the pool.
	Lifetime time.Duration

	Remedy string // for a login that the server refuses
}

// SettingsError says that a source cannot work with the settings there are, which
// waiting does not change.
type SettingsError string

// Error says which setting is wrong.
func (e SettingsError) Error() string { return string(e) }

// Names are the sources that New knows.
const Names = "url,azure,file"

// New returns the source with the given name; none is url. getenv returns environment
// variables; log receives what a source gets over by itself.
func New(name string, getenv func(string) string, log *slog.Logger) (Source, error) {
	switch name {
	case "", "url":
		return Source{Name: "url"}, nil
	case "azure":
		return Azure(getenv, log)
	case "file":
		return File(), nil
	default:
		return Source{}, SettingsError(fmt.Sprintf("the source of logins (RATES_DATABASE_LOGIN) is %q; expected one of %s", name, Names))
	}
}

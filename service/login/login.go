// Package login says as whom to log in to a database, for each connection anew.
package login

import (
	"context"
	"fmt"
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
}

// SettingsError says that a source cannot work with the settings there are, which
// waiting does not change.
type SettingsError string

func (e SettingsError) Error() string { return string(e) }

// Names are the sources that New knows.
const Names = "url,file"

// New returns the source with the given name.
func New(name string) (Source, error) {
	switch name {
	case "url":
		return Source{Name: name}, nil
	case "file":
		return File(), nil
	default:
		return Source{}, SettingsError(fmt.Sprintf("the source of logins is %q; expected one of %s", name, Names))
	}
}

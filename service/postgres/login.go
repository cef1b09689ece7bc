package postgres

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"example.com/rates/service/login"
)

// LoginError says that the source of logins has none. No connection was tried,
// and those that there are still work.
type LoginError struct {
	Source string // its name
	User   string // of the connection string
	Err    error
}

// Error names the user, the source and its error.
func (e *LoginError) Error() string {
	return fmt.Sprintf("no login for %q from the source %q: %v", e.User, e.Source, e.Err)
}

// Unwrap returns the error of the source.
func (e *LoginError) Unwrap() error { return e.Err }

// prepare chooses the login and the order of the hosts for a connection that is about
// to be made.
func (t *target) prepare(ctx context.Context, cfg *pgx.ConnConfig) error {
	if err := t.logIn(ctx, cfg); err != nil {
		return err
	}
	if t.random {
		shuffle(cfg)
	}
	return nil
}

// logIn sets user and password of a connection that is about to be made.
func (t *target) logIn(ctx context.Context, cfg *pgx.ConnConfig) error {
	if t.source.Set == nil {
		return nil
	}
	if err := t.source.Set(ctx, cfg); err != nil {
		return &LoginError{Source: t.source.Name, User: cfg.User, Err: err}
	}
	return nil
}

// connect opens a connection with a login of its own.
func (t *target) connect(ctx context.Context, cfg *pgx.ConnConfig) (*pgx.Conn, error) {
	cfg = cfg.Copy()
	if err := t.prepare(ctx, cfg); err != nil {
		return nil, err
	}
	conn, err := pgx.ConnectConfig(ctx, cfg)
	return conn, withSource(err, t.source)
}

// withSource adds the source of the login to an error of connecting.
func withSource(err error, source login.Source) error {
	if _, named := errors.AsType[*LoginError](err); err == nil || named || source.Set == nil || !isConnect(err) {
		return err
	}
	return &sourcedError{source: source, err: err}
}

// sourcedError is an error of a connection whose login is not the one in the
// connection string.
type sourcedError struct {
	source login.Source
	err    error
}

func (e *sourcedError) Error() string {
	return fmt.Sprintf("with the login from the source %q: %v", e.source.Name, e.err)
}

func (e *sourcedError) Unwrap() error { return e.err }

// connectionLife is how long a connection lasts unless its source or the
// connection string say otherwise.
const connectionLife = 30 * time.Minute

// limitLife bounds how long connections last, at random, so that those of one
// moment are not replaced in one moment.
func limitLife(pool *pgxpool.Config, source login.Source) {
	given := pool.ConnConfig.RuntimeParams
	if given["pool_max_conn_lifetime"] == "" {
		pool.MaxConnLifetime = connectionLife
		if source.Lifetime > 0 {
			pool.MaxConnLifetime = source.Lifetime
		}
	}
	if given["pool_max_conn_lifetime_jitter"] == "" {
		pool.MaxConnLifetimeJitter = pool.MaxConnLifetime / 5
	}
	// It is what ends those that are idle.
	if given["pool_health_check_period"] == "" {
		pool.HealthCheckPeriod = min(pool.HealthCheckPeriod, max(pool.MaxConnLifetime/2, time.Second))
	}
}

// life returns how long a connection outside the pool lasts.
func (t *target) life() time.Duration {
	return t.pool.MaxConnLifetime + rand.N(t.pool.MaxConnLifetimeJitter+1) // #nosec G404 -- it spreads reconnections, and is no secret
}

// loginWait is how long a command waits for its first login: what hands out
// logins may start together with it.
const loginWait = 30 * time.Second

// awaitLogin calls connect until the source of logins has one, for a while.
func awaitLogin(ctx context.Context, connect func() error) error {
	const longest = time.Second
	begun, pause := time.Now(), 50*time.Millisecond
	for {
		err := connect()
		if _, missing := errors.AsType[*LoginError](err); !missing || isSettings(err) || time.Since(begun) >= loginWait {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
			pause = min(2*pause, longest)
		}
	}
}

// isSettings reports whether there is no login because of the settings, which
// waiting does not change.
func isSettings(err error) bool {
	_, ok := errors.AsType[login.SettingsError](err)
	return ok
}

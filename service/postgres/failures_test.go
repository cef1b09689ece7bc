package postgres_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/rates/db/dbtest"
	"example.com/rates/db/migrations"
	"example.com/rates/internal/testkit"
	"example.com/rates/service/login"
	"example.com/rates/service/postgres"
	"example.com/rates/service/rates"
)

const question = "CNGGZ EETLL 2021-01-01 2021-01-31"

// asking returns how many questions the database is answering.
func asking(t *testing.T, conn *pgx.Conn) int {
	t.Helper()
	return dbtest.Value[int](t, conn, `SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'rates' AND state = 'active' AND query LIKE '%daily_rates%'`)
}

// ask asks in the background.
func ask(ctx context.Context, t *testing.T, store *postgres.Store) <-chan error {
	t.Helper()
	q := query(t, question)
	answered := make(chan error, 1)
	go func() {
		_, err := store.DailyRates(ctx, q)
		answered <- err
	}()
	return answered
}

// A server that does not listen is an unavailable database, for each method.
func TestServerDown(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	listener.Close()
	store := openStore(t, dbtest.Database{}, func(c *postgres.Config) {
		c.URL = "postgres://rates:hunter2@" + listener.Addr().String() + "/rates?sslmode=disable"
	})
	_, err = store.DailyRates(t.Context(), query(t, question))
	_, _, portsErr := store.Ports(t.Context())
	_, _, regionsErr := store.Regions(t.Context())
	for method, err := range map[string]error{
		"DailyRates": err, "Ports": portsErr, "Regions": regionsErr, "Ready": store.Ready(t.Context()),
	} {
		e := wantKind(t, err, rates.Unavailable)
		if e.Message != "The database cannot be reached. Try again in a few seconds." || errors.Is(err, migrations.ErrSchema) {
			t.Errorf("%s: %v", method, err)
		}
		if e.Cause == nil || strings.Contains(err.Error(), "hunter2") {
			t.Errorf("%s: the log gets the error %v", method, err)
		}
	}
}

// A malformed connection string is not repeated: it may contain a password.
func TestMalformedURL(t *testing.T) {
	for _, url := range []string{"postgres://rates:hunter2@[/rates", "hunter2", "postgres://rates:hunter2@db/rates?sslmode=hunter2"} {
		_, err := postgres.Open(t.Context(), postgres.Config{URL: url, MaxConns: 1})
		_, connErr := postgres.Connect(t.Context(), url, login.Source{}, "test")
		for _, err := range []error{err, connErr} {
			if !errors.Is(err, postgres.ErrURL) || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("%s: %v", url, err)
			}
		}
	}
}

// A server without a free connection is unavailable: another attempt may succeed.
func TestTooManyConnections(t *testing.T) {
	database := dbtest.New(t)
	database.Exec(t, "ALTER DATABASE "+database.Name+" CONNECTION LIMIT 0")
	_ = wantKind(t, openStore(t, database).Ready(t.Context()), rates.Unavailable)
}

// endConnections ends the connections of the store, like a restart.
func endConnections(t *testing.T, admin *pgx.Conn) {
	t.Helper()
	dbtest.Value[int](t, admin, `SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'rates'`)
}

// If the server ends the connection of a question, which only reads, it is asked
// again on another.
func TestConnectionLostDuringAQuestion(t *testing.T) {
	database := dbtest.NewWorld(t)
	store := openStore(t, database)
	admin := database.Connect(t)
	unlock := database.LockRates(t)
	answered := ask(t.Context(), t, store)
	testkit.Eventually(t, "the question reaches the database", func() bool { return asking(t, admin) == 1 })
	endConnections(t, admin)
	testkit.Eventually(t, "the question reaches the database again", func() bool { return asking(t, admin) == 1 })
	unlock()
	if err := <-answered; err != nil {
		t.Errorf("the question: %v", err)
	}
}

// Losing idle connections costs no answer.
func TestIdleConnectionsLost(t *testing.T) {
	database := dbtest.NewWorld(t)
	store := openStore(t, database)
	admin := database.Connect(t)
	for range 3 {
		endConnections(t, admin)
		if _, err := store.DailyRates(t.Context(), query(t, question)); err != nil {
			t.Errorf("the first question after the connections were ended: %v", err)
		}
	}
}

// The server itself cancels a statement that takes longer than allowed.
func TestStatementTimeout(t *testing.T) {
	database := dbtest.NewWorld(t)
	store := openStore(t, database, func(c *postgres.Config) { c.Timeout = 20 * time.Millisecond })
	defer database.LockRates(t)()
	ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
	defer cancel()
	_, err := store.DailyRates(ctx, query(t, question))
	e := wantKind(t, err, rates.Timeout)
	if e.Message != "The question took longer than allowed. Ask for fewer days, or try again." {
		t.Errorf("message: %s", e.Message)
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); !ok || ctx.Err() != nil {
		t.Errorf("the statement was not cancelled by the server: %v", err)
	} else if pg.Code != "57014" {
		t.Errorf("the server says %v", pg)
	}
}

// A question that times out or whose client hangs up is cancelled in PostgreSQL
// too, and its connection serves the next one.
func TestCancelReachesTheServer(t *testing.T) {
	database := dbtest.NewWorld(t)
	store := openStore(t, database, func(c *postgres.Config) { c.MaxConns = 1 })
	admin := database.Connect(t)
	const pids = `SELECT coalesce(array_agg(pid ORDER BY pid), '{}') FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'rates'`
	if err := store.Ready(t.Context()); err != nil {
		t.Fatal(err)
	}
	before := dbtest.Value[[]int32](t, admin, pids)
	for name, c := range map[string]struct {
		context func(context.Context) (context.Context, func())
		check   func(error)
	}{
		"deadline": {testkit.Expiring, func(err error) { _ = wantKind(t, err, rates.Timeout) }},
		"client gone": {
			func(parent context.Context) (context.Context, func()) { return context.WithCancel(parent) },
			func(err error) {
				if err == nil {
					t.Error("a question without a client was answered")
				}
			},
		},
	} {
		unlock := database.LockRates(t)
		ctx, end := c.context(t.Context())
		answered := ask(ctx, t, store)
		testkit.Eventually(t, name+": the question reaches the database", func() bool { return asking(t, admin) == 1 })
		end()
		c.check(<-answered)
		testkit.Eventually(t, name+": the database stops answering", func() bool { return asking(t, admin) == 0 })
		unlock()
		if _, err := store.DailyRates(t.Context(), query(t, question)); err != nil {
			t.Errorf("%s: the next question: %v", name, err)
		}
	}
	if after := dbtest.Value[[]int32](t, admin, pids); len(before) != 1 || len(after) != 1 || before[0] != after[0] {
		t.Errorf("the connection %v was replaced by %v", before, after)
	}
}

package postgres_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
	"example.com/rates/service/postgres"
)

// When the server has no connection left, questions wait for those of the pool,
// and the pool grows once there are more.
func TestPoolThatCannotGrow(t *testing.T) {
	for _, limit := range []int{1, 3} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			database := dbtest.NewWorld(t)
			admin := leave(t, database, limit)
			store := openStore(t, database, func(c *postgres.Config) { c.MaxConns = 8 })
			// Two that come at the same time may both be refused.
			testkit.Eventually(t, "the pool has a connection", func() bool { return store.Ready(t.Context()) == nil })
			askAll(t, store, 100)
			began, tried := time.Now(), store.PoolStat().NewConnsCount()
			askAll(t, store, 100)
			// The server is asked again once a second, however many questions there are.
			more, most := store.PoolStat().NewConnsCount()-tried, 8*(2+int64(time.Since(began)/time.Second))
			if more > most {
				t.Errorf("100 questions asked the server for %d more connections, want at most %d", more, most)
			}
			if _, err := admin.Exec(t.Context(), "ALTER DATABASE "+database.Name+" CONNECTION LIMIT -1"); err != nil {
				t.Fatal(err)
			}
			testkit.Eventually(t, "the pool grows", func() bool {
				askAll(t, store, 20)
				return store.PoolStat().TotalConns() > 3
			})
		})
	}
}

// The first questions need not connect, as far as there may be connections.
func TestPoolBeforeTheFirstQuestion(t *testing.T) {
	database := dbtest.New(t)
	for most, want := range map[int32]int32{1: 1, 4: 2} {
		store := openStore(t, database, func(c *postgres.Config) { c.MaxConns = most })
		testkit.Eventually(t, fmt.Sprintf("%d connections of %d", want, most), func() bool {
			return store.PoolStat().IdleConns() == want
		})
	}
}

// leave lets a database have n connections more than it has.
func leave(t *testing.T, database dbtest.Database, n int) *pgx.Conn {
	t.Helper()
	admin := database.Connect(t)
	used := dbtest.Value[int](t, admin, `SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()`)
	if _, err := admin.Exec(t.Context(), fmt.Sprintf("ALTER DATABASE %s CONNECTION LIMIT %d", database.Name, used+n)); err != nil {
		t.Fatal(err)
	}
	return admin
}

// askAll asks questions at the same time, which must all be answered.
func askAll(t *testing.T, store *postgres.Store, n int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), testkit.Patience)
	defer cancel()
	var answers []<-chan error
	for range n {
		answers = append(answers, ask(ctx, t, store))
	}
	for _, answer := range answers {
		if err := <-answer; err != nil {
			t.Fatal(err)
		}
	}
}

// A question that waits for a connection waits no longer than it may, and leaves
// the others their turn.
func TestWaitingForAConnectionEnds(t *testing.T) {
	database := dbtest.NewWorld(t)
	admin := leave(t, database, 1)
	store := openStore(t, database)
	testkit.Eventually(t, "the pool has a connection", func() bool { return store.Ready(t.Context()) == nil })
	unlock := database.LockRates(t)
	first := ask(t.Context(), t, store)
	testkit.Eventually(t, "the question reaches the database", func() bool { return asking(t, admin) == 1 })
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	if err := <-ask(ctx, t, store); err == nil {
		t.Error("a question was answered without a connection")
	}
	last := ask(t.Context(), t, store)
	unlock()
	for _, answer := range []<-chan error{first, last} {
		if err := <-answer; err != nil {
			t.Error(err)
		}
	}
}

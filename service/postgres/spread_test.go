package postgres_test

import (
	"sync"
	"testing"
	"time"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
	"example.com/rates/service/postgres"
)

// With load_balance_hosts=random all standbys are asked, and when one of them has ended,
// the others answer every question.
func TestSpreadOverStandbys(t *testing.T) {
	servers := startCluster(t, 2)
	store, err := postgres.Open(t.Context(), postgres.Config{
		// So many connections are all to one standby once in 2^23 runs.
		URL:      with(t, hosts(t, servers.Standbys...), "load_balance_hosts=random&pool_min_conns=24"),
		MaxConns: 24, Timeout: time.Minute,
	})
	must(t, err)
	t.Cleanup(store.Close)
	for _, standby := range servers.Standbys {
		conn := standby.Connect(t)
		testkit.Eventually(t, "the standby has connections for questions", func() bool {
			return dbtest.Value[int](t, conn, `SELECT count(*) FROM pg_stat_activity WHERE application_name = 'rates'`) > 0
		})
	}
	must(t, servers.StopStandby(0))
	var asked sync.WaitGroup
	for range 100 {
		asked.Go(func() {
			if _, err := store.DailyRates(t.Context(), query(t, question)); err != nil {
				t.Error(err)
			}
		})
	}
	asked.Wait()
}

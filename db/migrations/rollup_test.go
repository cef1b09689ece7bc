package migrations_test

import (
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
)

// seedVariable sets the seed, to repeat the random changes of a run.
const seedVariable = "RATES_TEST_SEED"

// randomSeed returns a seed and logs it.
func randomSeed(t *testing.T) uint64 {
	t.Helper()
	seed := rand.Uint64()
	if given := os.Getenv(seedVariable); given != "" {
		var err error
		if seed, err = strconv.ParseUint(given, 10, 64); err != nil {
			t.Fatalf("%s: %v", seedVariable, err)
		}
	}
	t.Logf("%s=%d repeats this", seedVariable, seed)
	return seed
}

// newRandomWorld returns a database with 12 regions, 20 ports and some prices.
func newRandomWorld(t *testing.T) dbtest.Database {
	t.Helper()
	database := dbtest.New(t)
	database.Exec(t, `
INSERT INTO regions SELECT 'region-' || n, 'Region', CASE WHEN n > 2 THEN 'region-' || n / 2 END FROM generate_series(0, 11) AS n;
INSERT INTO ports SELECT 'PX' || chr(65 + n / 5) || chr(65 + n % 5) || 'X', 'Port', 'region-' || 6 + n % 4 FROM generate_series(0, 19) AS n;
INSERT INTO prices SELECT o.code, d.code, date '2021-01-01' + n, n * 10 FROM ports o, ports d, generate_series(0, 4) AS n
WHERE (ascii(substr(o.code, 3)) + ascii(substr(d.code, 4)) + n) % 5 = 0`)
	return database
}

// After any change by plain SQL, in one statement or several in a transaction,
// committed or rolled back, daily_rates matches the prices.
func TestRatesFollowEachChange(t *testing.T) {
	r := rand.New(rand.NewPCG(randomSeed(t), 0))
	database := newRandomWorld(t)
	conn := database.ConnectQuick(t)
	changes := slices.Concat(priceChanges, placeChanges, mixedChanges)
	rows := dbtest.CheckSums(t, conn, "the first prices")
	for range 200 {
		done := changes[r.IntN(len(changes))].apply(t, conn, r)
		rows = max(rows, dbtest.CheckSums(t, conn, done))
	}
	for range 10 {
		tx, err := conn.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		var done []string
		for range 1 + r.IntN(4) {
			run(t, conn, "SAVEPOINT before")
			done = append(done, changes[r.IntN(len(changes))].apply(t, conn, r))
			if strings.Contains(done[len(done)-1], "(refused: true)") || r.IntN(4) == 0 {
				run(t, conn, "ROLLBACK TO before")
			}
			dbtest.CheckSums(t, conn, strings.Join(done, "\n"))
		}
		if r.IntN(3) == 0 {
			err = tx.Rollback(t.Context())
		} else {
			err = tx.Commit(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		dbtest.CheckSums(t, conn, "the end of a transaction of\n"+strings.Join(done, "\n"))
	}
	run(t, conn, `TRUNCATE prices`)
	if left := dbtest.CheckSums(t, conn, "TRUNCATE"); left != 0 || rows < 100 {
		t.Errorf("at most %d rows, %d after TRUNCATE; the test changed too little", rows, left)
	}
}

func run(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// Connections that write at the same time do not lose each other's changes, and do
// not block each other forever.
func TestRatesFollowConcurrentChanges(t *testing.T) {
	seed := randomSeed(t)
	database := newRandomWorld(t)
	var wg sync.WaitGroup
	for worker := range uint64(4) {
		conn := database.ConnectQuick(t)
		r := rand.New(rand.NewPCG(seed, worker))
		changes := priceChanges
		if worker == 0 {
			changes = slices.Concat(placeChanges, mixedChanges)
		}
		wg.Go(func() {
			for range 40 {
				changes[r.IntN(len(changes))].apply(t, conn, r)
			}
		})
	}
	wg.Wait()
	if rows := dbtest.CheckSums(t, database.ConnectQuick(t), "concurrent changes"); rows < 100 {
		t.Errorf("%d rows; the test changed too little", rows)
	}
}

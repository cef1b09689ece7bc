package importer_test

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

// seedVariable repeats the random changes of a run whose seed was printed.
const seedVariable = "RATES_TEST_SEED"

// randomSeed returns a seed and prints it.
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

// recomputed works the daily sums out from prices, ports and regions, with
// none of what the database keeps.
const recomputed = `
WITH RECURSIVE inside (region, slug) AS (
	SELECT slug, slug FROM regions
	UNION ALL
	SELECT i.region, r.slug FROM inside i JOIN regions r ON r.parent_slug = i.slug
), member (place, code) AS (
	SELECT code, code FROM ports
	UNION ALL
	SELECT upper(i.region), p.code FROM inside i JOIN ports p ON p.parent_slug = i.slug
), correct AS (
	SELECT o.place AS orig, d.place AS dest, day, sum(price)::bigint AS total, count(*) AS count
	FROM prices JOIN member o ON o.code = orig_code JOIN member d ON d.code = dest_code
	GROUP BY o.place, d.place, day
), kept AS (SELECT orig, dest, day, total, count FROM daily_rates)`

// checkRates fails the test if daily_rates is not what the prices say, and
// returns how many rows it has.
func checkRates(t *testing.T, conn *pgx.Conn, after string) int {
	t.Helper()
	wrong := value[string](t, conn, recomputed+`
SELECT coalesce(string_agg(line, E'\n'), '') FROM (
	(SELECT 'lacks ' || m::text AS line FROM (SELECT * FROM correct EXCEPT ALL SELECT * FROM kept) AS m LIMIT 5)
	UNION ALL
	(SELECT 'holds ' || m::text FROM (SELECT * FROM kept EXCEPT ALL SELECT * FROM correct) AS m LIMIT 5)) AS lines`)
	if wrong != "" {
		t.Fatalf("after %s: daily_rates\n%s", after, wrong)
	}
	return value[int](t, conn, `SELECT count(*) FROM daily_rates`)
}

// connectQuick returns a connection without the just-in-time compiler, which
// takes a second over a query that PostgreSQL has no figures about.
func connectQuick(t *testing.T, database dbtest.Database) *pgx.Conn {
	t.Helper()
	conn := database.Connect(t)
	run(t, conn, "SET jit = off")
	return conn
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

// Whatever is changed by plain SQL, one statement or several in a transaction,
// committed or rolled back, daily_rates is what the prices say.
func TestRatesFollowEachChange(t *testing.T) {
	r := rand.New(rand.NewPCG(randomSeed(t), 0))
	database := newRandomWorld(t)
	conn := connectQuick(t, database)
	changes := slices.Concat(priceChanges, placeChanges, mixedChanges)
	rows := checkRates(t, conn, "the first prices")
	for range 200 {
		done := changes[r.IntN(len(changes))].apply(t, conn, r)
		rows = max(rows, checkRates(t, conn, done))
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
			checkRates(t, conn, strings.Join(done, "\n"))
		}
		if r.IntN(3) == 0 {
			err = tx.Rollback(t.Context())
		} else {
			err = tx.Commit(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		checkRates(t, conn, "the end of a transaction of\n"+strings.Join(done, "\n"))
	}
	run(t, conn, `TRUNCATE prices`)
	if left := checkRates(t, conn, "TRUNCATE"); left != 0 || rows < 100 {
		t.Errorf("%d rows at the most, %d after TRUNCATE; the test changed too little", rows, left)
	}
}

func run(t *testing.T, conn *pgx.Conn, sql string) {
	t.Helper()
	if _, err := conn.Exec(t.Context(), sql); err != nil {
		t.Fatal(err)
	}
}

// Several connections that write at the same time do not lose each other's
// changes, and do not block each other for ever.
func TestRatesFollowConcurrentChanges(t *testing.T) {
	seed := randomSeed(t)
	database := newRandomWorld(t)
	var wg sync.WaitGroup
	for worker := range uint64(4) {
		conn := connectQuick(t, database)
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
	if rows := checkRates(t, connectQuick(t, database), "concurrent changes"); rows < 100 {
		t.Errorf("%d rows; the test changed too little", rows)
	}
}

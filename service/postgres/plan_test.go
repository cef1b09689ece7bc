package postgres_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
	"example.com/rates/service/postgres"
	"example.com/rates/service/rates"
)

// manyRates fills daily_rates with 501,600 rows: 418 lanes of 1,200 days, each day
// with three prices.
const manyRates = `
INSERT INTO daily_rates (orig, dest, day, total, count)
SELECT 'CN' || chr(65 + lane / 26 % 26) || chr(65 + lane % 26) || 'X', 'CHINA', date '2019-01-01' + day, 3463, 3
FROM generate_series(1, 417) AS lane, generate_series(0, 1199) AS day
UNION ALL SELECT 'CHINA', 'NORTH', date '2019-01-01' + day, 3463, 3 FROM generate_series(0, 1199) AS day`

// node is one step of a plan.
type node struct {
	Type     string  `json:"Node Type"`
	Relation string  `json:"Relation Name"`
	Rows     float64 `json:"Actual Rows"`
	Fetches  float64 `json:"Heap Fetches"`
	Removed  float64 `json:"Rows Removed by Filter"`
	Plans    []node
}

func (n node) all() []node {
	nodes := []node{n}
	for _, below := range n.Plans {
		nodes = append(nodes, below.all()...)
	}
	return nodes
}

// explain runs the query and returns the steps of its plan.
func explain(t *testing.T, conn *pgx.Conn, sql string, args []any) []node {
	t.Helper()
	var text string
	if err := conn.QueryRow(t.Context(), "EXPLAIN (ANALYZE, FORMAT JSON) "+sql, args...).Scan(&text); err != nil {
		t.Fatal(err)
	}
	var plans []struct{ Plan node }
	if err := json.Unmarshal([]byte(text), &plans); err != nil {
		t.Fatal(err)
	}
	return plans[0].Plan.all()
}

// A question costs one index-only scan of its days, whatever the two places are
// and however much is stored, with a custom plan and with a generic one.
func TestQuestionIsOneIndexOnlyScan(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIP: -short leaves out making half a million rows")
	}
	database := dbtest.New(t)
	conn := database.Connect(t)
	// VACUUM cannot mark rows as visible whose commit is not on disk.
	for _, sql := range []string{`SET synchronous_commit = on`, manyRates, `VACUUM (ANALYZE) daily_rates`} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	var sql string
	var args []any
	store := openStore(t, database, func(c *postgres.Config) {
		c.Tracer = startTracer(func(_ *pgx.Conn, asked string, with []any) { sql, args = asked, with })
	})
	for _, lane := range []string{"CNABX CHINA", "CHINA NORTH"} {
		answer, err := store.DailyRates(t.Context(), query(t, lane+" 2021-01-01 2021-01-31"))
		if err != nil || len(answer.Rates) != 31 {
			t.Fatalf("%s: %d days, %v", lane, len(answer.Rates), err)
		}
		parameters := withoutFormats(args)
		for _, mode := range []string{"force_custom_plan", "force_generic_plan"} {
			if _, err := conn.Exec(t.Context(), "SET plan_cache_mode = "+mode); err != nil {
				t.Fatal(err)
			}
			checkPlan(t, lane+", "+mode, explain(t, conn, sql, parameters))
		}
	}
}

// withoutFormats leaves out the arguments that are options of pgx.
func withoutFormats(args []any) []any {
	var parameters []any
	for _, arg := range args {
		switch arg.(type) {
		case pgx.QueryResultFormats, pgx.QueryExecMode, pgx.QueryResultFormatsByOID:
		default:
			parameters = append(parameters, arg)
		}
	}
	return parameters
}

func checkPlan(t *testing.T, name string, plan []node) {
	t.Helper()
	text, err := json.Marshal(plan)
	if err != nil {
		t.Fatal(err)
	}
	scans := 0
	for _, step := range plan {
		switch {
		case step.Relation == "daily_rates":
			scans++
			if step.Type != "Index Only Scan" || step.Rows != 31 || step.Fetches > 0 || step.Removed > 0 {
				t.Errorf("%s: daily_rates is read by %+v, want an index-only scan of 31 rows", name, step)
			}
		case strings.HasPrefix(step.Type, "Seq Scan") && step.Relation != "data_version": // which has one row
			t.Errorf("%s: all of %s is read", name, step.Relation)
		case step.Type == "Sort":
			t.Errorf("%s: the rows are sorted rather than read in their order", name)
		}
	}
	if scans != 1 || t.Failed() {
		t.Errorf("%s: %d scans of daily_rates; the plan is %s", name, scans, text)
	}
}

// tableScans returns how often each table was scanned.
const tableScans = `SELECT string_agg(format('%s %s', relname, seq_scan), ', ' ORDER BY relname)
	FROM pg_stat_user_tables WHERE relname IN ('daily_rates', 'prices')`

// Lanes without prices and unknown places need no table scan either, even if the
// database is set to avoid indexes.
func TestEmptyAnswersNeedNoTableScan(t *testing.T) {
	database := dbtest.NewWorld(t)
	database.Exec(t, strings.ReplaceAll(manyRates, "1199", "99"))
	database.Exec(t, `VACUUM (ANALYZE) daily_rates`)
	for _, scan := range []string{"indexscan", "indexonlyscan", "bitmapscan"} {
		database.Exec(t, "ALTER DATABASE "+database.Name+" SET enable_"+scan+" = off")
	}
	store := openStore(t, database)
	conn := database.Connect(t)
	before := settled(t, conn)
	for range 8 { // pgx and PostgreSQL change their plans after some
		for _, lane := range []string{"NOOSL CNGGZ", "CHINA EMPTY", "XXXXX NORTH", "CHINA XXXXX"} {
			_, err := store.DailyRates(t.Context(), query(t, lane+" 2021-01-01 2021-01-31"))
			if strings.Contains(lane, "XXXXX") {
				_ = wantKind(t, err, rates.UnknownPlace)
			} else if err != nil {
				t.Error(err)
			}
		}
	}
	store.Close() // a connection reports its statistics when it ends
	testkit.Eventually(t, "the connections end", func() bool { return connected(t, conn) == 0 })
	if after := settled(t, conn); after != before {
		t.Errorf("tables were scanned: %s, before %s", after, before)
	}
}

func connected(t *testing.T, conn *pgx.Conn) int {
	t.Helper()
	return dbtest.Value[int](t, conn, `SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'rates'`)
}

// settled returns tableScans once it is the same twice in a row.
func settled(t *testing.T, conn *pgx.Conn) string {
	t.Helper()
	last := ""
	testkit.Eventually(t, "the statistics settle", func() bool {
		now := dbtest.Value[string](t, conn, tableScans)
		same := now == last
		last = now
		return same
	})
	return last
}

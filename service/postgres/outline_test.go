package postgres_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
	"example.com/rates/service/postgres"
	"example.com/rates/service/rates"
)

// The outline has the first and the last day of all prices, and the names of those
// places that exist, whether or not they have prices.
func TestOutline(t *testing.T) {
	database := dbtest.NewWorld(t)
	store := openStore(t, database)
	got, err := store.Outline(t.Context(), "CNGGZ", "ESTONIA", "EMPTY", "XXXXX", "CNGGZ")
	if err != nil {
		t.Fatal(err)
	}
	want := rates.Outline{
		Version: dbtest.Value[int64](t, database.Connect(t), `SELECT version FROM data_version`),
		First:   day(t, "2020-12-31"), Last: day(t, "2021-01-05"),
		Names: map[rates.Place]rates.Named{
			"CNGGZ": {Code: "CNGGZ", Name: "Guangzhou"}, "ESTONIA": {Code: "estonia", Name: "Estonia"}, "EMPTY": {Code: "empty", Name: "Empty"},
		},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	database.Exec(t, `INSERT INTO prices VALUES ('FIHEL', 'NOOSL', '2022-02-02', 1), ('CNSGH', 'CNGGZ', '2019-01-01', 1)`)
	if got, err = store.Outline(t.Context()); err != nil || got.First != day(t, "2019-01-01") || got.Last != day(t, "2022-02-02") {
		t.Errorf("after prices within one topmost region: %v to %v, %v", got.First, got.Last, err)
	}
}

// Without prices there are no days, and no names if none are asked for.
func TestOutlineOfNothing(t *testing.T) {
	got, err := openStore(t, dbtest.New(t)).Outline(t.Context())
	if err != nil || got.First <= got.Last || len(got.Names) > 0 || got.Version == 0 {
		t.Errorf("an empty database has the outline %+v, %v", got, err)
	}
}

// With more topmost regions than are looked up, the days are not known, and names
// are.
func TestOutlineOfManyTopmostRegions(t *testing.T) {
	database := dbtest.NewWorld(t)
	database.Exec(t, `INSERT INTO regions (slug, name) SELECT 'top_' || n, 'Top' FROM generate_series(1, 28) AS n`)
	store := openStore(t, database)
	if got, err := store.Outline(t.Context()); err != nil || got.First > got.Last {
		t.Errorf("with 30 topmost regions: %+v, %v", got, err)
	}
	database.Exec(t, `INSERT INTO regions (slug, name) VALUES ('one_more', 'Top')`)
	if got, err := store.Outline(t.Context(), "CHINA"); err != nil || got.First <= got.Last || len(got.Names) != 1 {
		t.Errorf("with 31 topmost regions: %+v, %v", got, err)
	}
}

// The days cost a lookup at each end of each pair of topmost regions, however many
// rates are stored.
func TestOutlineReadsTwoRowsForEachPair(t *testing.T) {
	if testing.Short() {
		t.Skip("SKIP: -short leaves out making half a million rows")
	}
	database := dbtest.New(t)
	database.Exec(t, `INSERT INTO regions (slug, name) VALUES ('china', 'China'), ('north', 'North')`)
	conn := database.Connect(t)
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
	if _, err := store.Outline(t.Context(), "CHINA", "CNGGZ"); err != nil {
		t.Fatal(err)
	}
	plan := explain(t, conn, sql, withoutFormats(args))
	lookups := 0
	for _, step := range plan {
		if step.Relation != "daily_rates" {
			continue
		}
		lookups++
		if !strings.HasPrefix(step.Type, "Index Only Scan") || step.Rows > 1 || step.Fetches > 0 || step.Removed > 0 {
			t.Errorf("daily_rates is read by %+v, want an index-only scan of one row", step)
		}
	}
	if lookups != 2 || t.Failed() {
		t.Errorf("%d lookups in daily_rates for each pair; the plan is %s", lookups, fmt.Sprint(plan))
	}
}

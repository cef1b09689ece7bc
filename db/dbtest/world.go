package dbtest

import (
	"context"
	"testing"

	"github.com/jackc/pgx/v5"
)

// World is a small tree of uneven depth with prices:
//
//	china: CNSGH; south_china below it: CNGGZ
//	north: NOOSL; baltic below it: FIHEL; estonia below that: EETLL
const World = `
INSERT INTO regions (slug, name, parent_slug) VALUES
	('china', 'China', NULL), ('south_china', 'South China', 'china'),
	('north', 'North', NULL), ('baltic', 'Baltic', 'north'), ('estonia', 'Estonia', 'baltic'), ('empty', 'Empty', 'north');
INSERT INTO ports (code, name, parent_slug) VALUES
	('CNSGH', 'Shanghai', 'china'), ('CNGGZ', 'Guangzhou', 'south_china'),
	('NOOSL', 'Oslo', 'north'), ('FIHEL', 'Helsinki', 'baltic'), ('EETLL', 'Tallinn', 'estonia');
INSERT INTO prices (orig_code, dest_code, day, price) VALUES
	('CNGGZ', 'EETLL', '2021-01-01', 100), ('CNGGZ', 'EETLL', '2021-01-01', 200), ('CNGGZ', 'EETLL', '2021-01-01', 301),
	('CNGGZ', 'FIHEL', '2021-01-01', 1000), ('CNSGH', 'EETLL', '2021-01-01', 5000), ('CNSGH', 'NOOSL', '2021-01-01', 7),
	('CNGGZ', 'EETLL', '2021-01-03', 400), ('EETLL', 'CNGGZ', '2021-01-03', 50), ('EETLL', 'FIHEL', '2021-01-03', 60),
	('CNGGZ', 'EETLL', '2020-12-31', 11), ('CNGGZ', 'EETLL', '2021-01-05', 12)`

// NewWorld returns a database with World in it.
func NewWorld(t testing.TB) Database {
	t.Helper()
	database := New(t)
	database.Exec(t, World)
	return database
}

// LockRates makes questions wait until unlock is called.
func (d Database) LockRates(t testing.TB) (unlock func()) {
	t.Helper()
	tx, err := d.Connect(t).Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `LOCK TABLE daily_rates IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := tx.Rollback(context.Background()); err != nil {
			t.Error(err)
		}
	}
}

// Value returns the one value of a query.
func Value[T any](t testing.TB, conn *pgx.Conn, sql string, args ...any) T {
	t.Helper()
	var v T
	if err := conn.QueryRow(t.Context(), sql, args...).Scan(&v); err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return v
}

// ConnectQuick is Connect without the just-in-time compiler, which takes a
// second for a query on tables without statistics.
func (d Database) ConnectQuick(t testing.TB) *pgx.Conn {
	t.Helper()
	conn := d.Connect(t)
	if _, err := conn.Exec(t.Context(), "SET jit = off"); err != nil {
		t.Fatal(err)
	}
	return conn
}

// Contents returns the rows of all tables that hold data, and the version.
func (d Database) Contents(t testing.TB) string {
	t.Helper()
	return Value[string](t, d.Connect(t), `
SELECT string_agg(line, E'\n' ORDER BY line COLLATE "C") FROM (
	SELECT 'version ' || version AS line FROM data_version
	UNION ALL SELECT 'region ' || r::text FROM regions r
	UNION ALL SELECT 'port ' || p::text FROM ports p
	UNION ALL SELECT 'price ' || p::text FROM prices p
	UNION ALL SELECT 'counted for ' || c::text FROM port_regions c
	UNION ALL SELECT 'rate ' || d::text FROM daily_rates d
	UNION ALL SELECT 'import ' || i::text FROM imports i) AS lines`)
}

// Recomputed begins a query with the table "correct", which has the daily sums
// worked out from prices, ports and regions, and "kept", those of daily_rates.
const Recomputed = `
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

// CheckSums fails the test unless daily_rates holds the sums of the prices, and
// returns how many rows it has.
func CheckSums(t testing.TB, conn *pgx.Conn, after string) int {
	t.Helper()
	wrong := Value[string](t, conn, Recomputed+`
SELECT coalesce(string_agg(line, E'\n'), '') FROM (
	(SELECT 'lacks ' || m::text AS line FROM (SELECT * FROM correct EXCEPT ALL SELECT * FROM kept) AS m LIMIT 5)
	UNION ALL
	(SELECT 'holds ' || m::text FROM (SELECT * FROM kept EXCEPT ALL SELECT * FROM correct) AS m LIMIT 5)) AS lines`)
	if wrong != "" {
		t.Fatalf("after %s: daily_rates\n%s", after, wrong)
	}
	return Value[int](t, conn, `SELECT count(*) FROM daily_rates`)
}

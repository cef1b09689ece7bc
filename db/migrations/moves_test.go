package migrations_test

import (
	"testing"

	"example.com/rates/db/dbtest"
)

// newPricedWorld returns dbtest.NewWorld with the ports of baltic in estonia.
func newPricedWorld(t *testing.T) dbtest.Database {
	t.Helper()
	database := dbtest.NewWorld(t)
	database.Exec(t, `UPDATE ports SET parent_slug = 'estonia' WHERE parent_slug = 'baltic'`)
	return database
}

// One statement may move ports and regions, delete regions, and insert the deleted
// rows again. The sums follow, those of the regions above deleted places too.
func TestSumsFollowComplexStatements(t *testing.T) {
	for name, sql := range map[string]string{
		"a region is renamed with what lies below, and moved": `UPDATE regions SET
			slug = CASE slug WHEN 'baltic' THEN 'east' ELSE slug END,
			parent_slug = CASE slug WHEN 'baltic' THEN 'china' ELSE 'east' END
			WHERE 'baltic' IN (slug, parent_slug)`,
		"ports move and their region is deleted": `WITH moved AS (UPDATE ports SET parent_slug = 'china' WHERE parent_slug = 'estonia')
			DELETE FROM regions WHERE slug = 'estonia'`,
		"ports move and all regions above them are deleted": `WITH moved AS (UPDATE ports SET parent_slug = 'china' WHERE parent_slug <> 'china')
			DELETE FROM regions WHERE slug <> 'china'`,
		"regions move and the one that held them is deleted": `WITH moved AS (UPDATE regions SET parent_slug = 'china' WHERE parent_slug = 'baltic')
			DELETE FROM regions WHERE slug = 'baltic'`,
		"a port is deleted and inserted elsewhere": `WITH gone AS (DELETE FROM ports WHERE code = 'EETLL' RETURNING *)
			INSERT INTO ports SELECT code, name, 'china' FROM gone`,
		"a region is deleted and inserted elsewhere": `WITH gone AS (DELETE FROM regions WHERE slug = 'baltic' RETURNING *)
			INSERT INTO regions SELECT slug, name, 'china' FROM gone`,
		"ports move into a region that is new": `WITH made AS (INSERT INTO regions VALUES ('east', 'East', 'china') RETURNING slug)
			UPDATE ports SET parent_slug = slug FROM made WHERE code = 'EETLL'`,
		"everything is deleted": `TRUNCATE prices, ports, regions`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			conn := newPricedWorld(t).ConnectQuick(t)
			run(t, conn, sql)
			dbtest.CheckSums(t, conn, sql)
			run(t, conn, `SELECT repair_daily_rates()`)
			dbtest.CheckSums(t, conn, "repairing")
		})
	}
}

// Regions in a loop are refused, even if the statement moves ports too and their
// trigger runs first.
func TestLoopInStatementThatMovesPorts(t *testing.T) {
	conn := newPricedWorld(t).ConnectQuick(t)
	run(t, conn, `SET statement_timeout = '10s'`)
	wantRefused(t, conn, `WITH moved AS (UPDATE ports SET parent_slug = 'estonia' WHERE code = 'FIHEL')
		UPDATE regions SET parent_slug = 'estonia' WHERE slug = 'north'`,
		"23514", "regions form a loop: baltic, empty, estonia, north")
}

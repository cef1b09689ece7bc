package migrations_test

import (
	"testing"

	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
)

// connectAs connects with a login of dbtest.
func connectAs(t *testing.T, database dbtest.Database, login string) *pgx.Conn {
	t.Helper()
	return dbtest.Database{Name: database.Name, URL: database.As(login)}.Connect(t)
}

const notFinished = "begin_replacement was not followed by finish_replacement in its transaction"

// A replacement that is not finished in its transaction changes nothing: sums still
// follow a port that moves, and the next replacement succeeds.
func TestUnfinishedReplacementLeavesNothingBehind(t *testing.T) {
	database := dbtest.NewWorld(t)
	conn, admin := connectAs(t, database, dbtest.Loader), database.ConnectQuick(t)
	before := database.Contents(t)
	for _, sql := range []string{
		`SELECT begin_replacement()`,
		`BEGIN; SELECT begin_replacement(); COMMIT`,
		`BEGIN; SAVEPOINT s; SELECT begin_replacement(); RELEASE s; UPDATE ports SET parent_slug = 'china' WHERE code = 'EETLL'; COMMIT`,
	} {
		wantRefused(t, conn, sql, "55000", notFinished)
	}
	run(t, conn, `BEGIN; SELECT begin_replacement(); ROLLBACK`)
	if after := database.Contents(t); after != before {
		t.Errorf("the data have changed; after:\n%s\nbefore:\n%s", after, before)
	}
	if n := dbtest.Value[int](t, admin, `SELECT count(*) FROM pg_class WHERE relname ~ '_next'`); n != 0 {
		t.Errorf("%d tables are left", n)
	}
	run(t, admin, `UPDATE ports SET parent_slug = 'china' WHERE code = 'EETLL'`)
	dbtest.CheckSums(t, admin, "moving a port")
	run(t, admin, `UPDATE ports SET parent_slug = 'estonia' WHERE code = 'EETLL'`)
	if err := replaceWith(t, conn, false, ""); err != nil {
		t.Error(err)
	}
	dbtest.CheckSums(t, admin, "a replacement")
}

// After a replacement is rolled back to a savepoint, sums still follow ports that
// move.
func TestReplacementRolledBackToSavepoint(t *testing.T) {
	conn := dbtest.NewWorld(t).ConnectQuick(t)
	run(t, conn, `BEGIN; SAVEPOINT s; SELECT begin_replacement(); ROLLBACK TO s;
		UPDATE ports SET parent_slug = 'china' WHERE code = 'EETLL'; COMMIT`)
	dbtest.CheckSums(t, conn, "moving a port")
}

// A replacement that begins twice, or ends without a beginning, is refused.
func TestReplacementOutOfOrder(t *testing.T) {
	conn := connectAs(t, dbtest.NewWorld(t), dbtest.Loader)
	wantRefused(t, conn, `SELECT finish_replacement()`, "55000", "no replacement has begun in this transaction")
	wantRefused(t, conn, `SELECT begin_replacement(), begin_replacement()`, "55000", "a replacement has already begun in this transaction")
}

// A temporary table with the name of a table of the schema does no harm.
func TestTemporaryTableNamedAsTheNext(t *testing.T) {
	conn := dbtest.NewWorld(t).ConnectQuick(t)
	run(t, conn, `CREATE TEMPORARY TABLE prices_next ()`)
	run(t, conn, `UPDATE ports SET parent_slug = 'china' WHERE code = 'EETLL'`)
	dbtest.CheckSums(t, conn, "moving a port")
	run(t, conn, `UPDATE regions SET parent_slug = 'china' WHERE slug = 'north'`)
	dbtest.CheckSums(t, conn, "moving a region")
}

// Nothing may change between the check of a replacement and its end, or it would not
// hold any more: not the sums, and not the ports.
func TestNoChangeAfterPrepareReplacement(t *testing.T) {
	database := dbtest.NewWorld(t)
	before := database.Contents(t)
	conn := connectAs(t, database, dbtest.Loader)
	const prepare = `BEGIN; SELECT lock_data(), begin_replacement(); SELECT prepare_replacement()`
	run(t, conn, prepare)
	wantRefused(t, conn, `INSERT INTO daily_rates_next VALUES ('CNGGZ', 'EETLL', '2021-01-01', 1, 1)`, "42501", "permission denied for table daily_rates_next")
	run(t, conn, `ROLLBACK; `+prepare)
	wantRefused(t, conn, `INSERT INTO prices_next VALUES ('CNGGZ', 'EETLL', '2021-01-01', 1)`, "55000", "prices_next has already been weighed")
	for _, sql := range []string{
		`DELETE FROM ports WHERE code = 'EETLL'`,
		`UPDATE regions SET parent_slug = 'china' WHERE slug = 'estonia'`,
		`INSERT INTO prices VALUES ('CNGGZ', 'EETLL', '2021-01-01', 1)`,
	} {
		run(t, conn, `ROLLBACK; `+prepare+`; `+sql)
		wantRefused(t, conn, `SELECT finish_replacement()`, "55000", "the data have changed since prepare_replacement")
	}
	run(t, conn, `ROLLBACK`)
	if after := database.Contents(t); after != before {
		t.Errorf("the data have changed; after:\n%s\nbefore:\n%s", after, before)
	}
}

// A replacement may remove ports that the old prices name, but none of the new ones.
func TestReplacementRemovesPorts(t *testing.T) {
	database := dbtest.NewWorld(t)
	conn := connectAs(t, database, dbtest.Loader)
	run(t, conn, `BEGIN; SELECT lock_data(), begin_replacement(); DELETE FROM ports WHERE code = 'EETLL'`)
	run(t, conn, `SELECT finish_replacement(); COMMIT`)
	dbtest.CheckSums(t, database.ConnectQuick(t), "a replacement without prices")
	run(t, conn, `BEGIN; SELECT lock_data(), begin_replacement(); DELETE FROM ports WHERE code = 'FIHEL';
		INSERT INTO prices_next VALUES ('CNGGZ', 'FIHEL', '2021-01-01', 1)`)
	wantRefused(t, conn, `SELECT finish_replacement()`, "23503", "FIHEL is not a port")
	run(t, conn, `ROLLBACK`)
}

// Locks of a replacement are taken together or not at all, in the modes that it needs.
func TestTryLockPrices(t *testing.T) {
	database := dbtest.NewWorld(t)
	conn, other := connectAs(t, database, dbtest.Loader), database.Connect(t)
	const try = `SELECT try_lock_prices('ACCESS EXCLUSIVE', 50)`
	const mine = `SELECT count(*) FROM pg_locks WHERE pid = pg_backend_pid() AND mode = 'AccessExclusiveLock'
		AND relation IN ('prices'::regclass, 'daily_rates'::regclass)`
	run(t, other, `BEGIN; LOCK TABLE daily_rates IN ACCESS SHARE MODE`)
	run(t, conn, `BEGIN`)
	if dbtest.Value[bool](t, conn, try) || dbtest.Value[int](t, conn, mine) != 0 {
		t.Error("locked although a reader holds a lock, or one table alone is locked")
	}
	run(t, other, `COMMIT`)
	if !dbtest.Value[bool](t, conn, try) || dbtest.Value[int](t, conn, mine) != 2 {
		t.Error("not locked although nobody else holds a lock")
	}
	if got := dbtest.Value[string](t, conn, `SHOW lock_timeout`); got != "0" {
		t.Errorf("lock_timeout is left at %s", got)
	}
	wantRefused(t, conn, `SELECT try_lock_prices('SHARE MODE; DROP TABLE prices; --', 50)`, "22023",
		"'SHARE MODE; DROP TABLE prices; --' is not a lock mode of replacements")
	run(t, conn, `ROLLBACK`)
}

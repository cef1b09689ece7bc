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

package importer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
	"example.com/rates/service/importer"
)

// definitions describes the tables, with all that hangs on them, in lines.
const definitions = `
WITH ours AS (
	SELECT oid, relname, relkind, relowner, reloptions, relacl FROM pg_class
	WHERE relnamespace = 'public'::regnamespace AND relname !~ '^goose_db_version'
)
SELECT string_agg(line, E'\n' ORDER BY line) FROM (
	SELECT format('%s %s owner=%s options=%s grants=%s', relkind, relname, relowner::regrole, reloptions,
		array(SELECT unnest(relacl)::text ORDER BY 1)) AS line FROM ours
	UNION ALL SELECT format('%s.%s %s %s default=%s', relname, attname, format_type(atttypid, atttypmod), attnotnull,
		pg_get_expr(adbin, adrelid))
	FROM ours JOIN pg_attribute ON attrelid = ours.oid LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
	WHERE attnum > 0 AND NOT attisdropped
	UNION ALL SELECT format('%s constraint %s %s', relname, conname, pg_get_constraintdef(c.oid))
	FROM ours JOIN pg_constraint c ON conrelid = ours.oid
	UNION ALL SELECT pg_get_indexdef(oid) FROM ours WHERE relkind = 'i'
	UNION ALL SELECT pg_get_triggerdef(t.oid) FROM ours JOIN pg_trigger t ON tgrelid = ours.oid WHERE NOT tgisinternal
	UNION ALL SELECT format('comment on %s.%s: %s', relname, objsubid, description)
	FROM ours JOIN pg_description d ON objoid = ours.oid AND classoid = 'pg_class'::regclass) AS lines`

// However data come in, the tables are afterwards what the migrations made
// them: with their comments, grants, rules, indexes and triggers.
func TestImportLeavesTheSchemaAsItWas(t *testing.T) {
	database := dbtest.New(t)
	conn := database.Connect(t)
	before := strings.Split(value[string](t, conn, definitions), "\n")
	for _, opts := range []importer.Options{{}, {Again: true}, {Replace: true}, {Replace: true}} {
		load(t, database, opts, file("a.sql", aDump))
		after := strings.Split(value[string](t, conn, definitions), "\n")
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("after an import with %+v (-before +after):\n%s", opts, diff)
		}
	}
}

// The rules of the database hold for what comes after a replacement as they
// did before.
func TestRulesHoldAfterReplace(t *testing.T) {
	database := newWorld(t)
	load(t, database, importer.Options{Replace: true}, file("a.sql", aDump))
	conn := connectQuick(t, database)
	for _, sql := range []string{
		`INSERT INTO prices VALUES ('CNGGZ', 'EEXXX', '2021-01-01', 1)`,
		`INSERT INTO prices VALUES ('CNGGZ', 'EETLL', '2021-01-01', -1)`,
		`DELETE FROM ports WHERE code = 'EETLL'`,
	} {
		if _, err := conn.Exec(t.Context(), sql); err == nil {
			t.Errorf("%s is accepted", sql)
		}
	}
	for _, sql := range []string{
		`INSERT INTO prices VALUES ('CNGGZ', 'EETLL', '2021-01-01', 1)`,
		`UPDATE prices SET price = price + 1`,
		`UPDATE ports SET parent_slug = 'north' WHERE code = 'EETLL'`,
		`UPDATE regions SET parent_slug = 'china' WHERE slug = 'north'`,
		`DELETE FROM prices WHERE orig_code = 'EETLL'`,
		`TRUNCATE prices`,
	} {
		run(t, conn, sql)
		checkRates(t, conn, "replacing and "+sql)
	}
}

// connectAs connects with one of the logins of dbtest.
func connectAs(t *testing.T, database dbtest.Database, login string) *pgx.Conn {
	t.Helper()
	return dbtest.Database{Name: database.Name, URL: database.As(login)}.Connect(t)
}

const notFinished = "begin_replacement was not followed by finish_replacement in its transaction"

// A loader that begins a replacement and does not finish it in the same
// transaction changes nothing: the next move of a port is followed, and the
// next replacement succeeds.
func TestUnfinishedReplacementLeavesNothingBehind(t *testing.T) {
	database := newWorld(t)
	conn, admin := connectAs(t, database, dbtest.Loader), connectQuick(t, database)
	before := contents(t, database)
	for _, sql := range []string{
		`SELECT begin_replacement()`,
		`BEGIN; SELECT begin_replacement(); COMMIT`,
		`BEGIN; SAVEPOINT s; SELECT begin_replacement(); RELEASE s; UPDATE ports SET parent_slug = 'china' WHERE code = 'EETLL'; COMMIT`,
	} {
		wantRefused(t, conn, sql, "55000", notFinished)
	}
	run(t, conn, `BEGIN; SELECT begin_replacement(); ROLLBACK`)
	if after := contents(t, database); after != before {
		t.Errorf("the tables hold\n%s\nand before\n%s", after, before)
	}
	if n := value[int](t, admin, `SELECT count(*) FROM pg_class WHERE relname ~ '_next'`); n != 0 {
		t.Errorf("%d tables are left", n)
	}
	run(t, admin, `UPDATE ports SET parent_slug = 'china' WHERE code = 'EETLL'`)
	checkRates(t, admin, "moving a port")
	load(t, database, importer.Options{Replace: true}, file("a.sql", aDump))
	checkRates(t, admin, "a replacement")
}

// A replacement that is rolled back to a savepoint before it does not keep
// moved ports from being followed.
func TestReplacementRolledBackToSavepoint(t *testing.T) {
	conn := connectQuick(t, newWorld(t))
	run(t, conn, `BEGIN; SAVEPOINT s; SELECT begin_replacement(); ROLLBACK TO s;
		UPDATE ports SET parent_slug = 'china' WHERE code = 'EETLL'; COMMIT`)
	checkRates(t, conn, "moving a port")
}

// Begun twice, or finished without having begun, a replacement is refused.
func TestReplacementOutOfOrder(t *testing.T) {
	conn := connectAs(t, newWorld(t), dbtest.Loader)
	wantRefused(t, conn, `SELECT finish_replacement()`, "55000", "no replacement has begun in this transaction")
	wantRefused(t, conn, `SELECT begin_replacement(), begin_replacement()`, "55000", "a replacement has begun already in this transaction")
}

// A table of somebody's own by the name of ours is none of the database's
// business.
func TestTemporaryTableNamedAsTheNext(t *testing.T) {
	conn := connectQuick(t, newWorld(t))
	run(t, conn, `CREATE TEMPORARY TABLE prices_next ()`)
	run(t, conn, `UPDATE ports SET parent_slug = 'china' WHERE code = 'EETLL'`)
	checkRates(t, conn, "moving a port")
	run(t, conn, `UPDATE regions SET parent_slug = 'china' WHERE slug = 'north'`)
	checkRates(t, conn, "moving a region")
}

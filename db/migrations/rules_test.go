package migrations_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/rates/db/dbtest"
)

// The database refuses changes that would make answers wrong, from any writer, and
// says why.
func TestDatabaseRefuses(t *testing.T) {
	database := dbtest.NewWorld(t)
	conn := database.Connect(t)
	before := database.Contents(t)
	for _, c := range []struct{ name, sql, code, message string }{
		{
			"price for an unknown port of loading", `INSERT INTO prices VALUES ('CNXXX', 'EETLL', '2021-01-01', 1)`,
			"23503", "CNXXX is not a port",
		},
		{
			"price for an unknown port of discharge", `UPDATE prices SET dest_code = 'EEXXX' WHERE dest_code = 'FIHEL'`,
			"23503", "EEXXX is not a port",
		},
		{
			"price between regions", `INSERT INTO prices VALUES ('CHINA', 'EETLL', '2021-01-01', 1)`,
			"23503", "CHINA is not a port",
		},
		{
			"negative price", `INSERT INTO prices VALUES ('CNGGZ', 'EETLL', '2021-01-01', -1)`,
			"23514", `new row for relation "prices" violates check constraint "prices_price_check"`,
		},
		{
			"infinite day", `INSERT INTO prices VALUES ('CNGGZ', 'EETLL', 'infinity', 1)`,
			"23514", `new row for relation "prices" violates check constraint "prices_day_check"`,
		},
		{"port of loading with prices is deleted", `DELETE FROM ports WHERE code = 'CNSGH'`, "23503", "port CNSGH still has prices"},
		{"port of discharge with prices is deleted", `DELETE FROM ports WHERE code = 'NOOSL'`, "23503", "port NOOSL still has prices"},
		{"port with prices changes its code", `UPDATE ports SET code = 'EETLN' WHERE code = 'EETLL'`, "23503", "port EETLL still has prices"},
		{"all ports are deleted", `TRUNCATE ports`, "23503", "port CNGGZ still has prices"},
		{
			"region in itself", `UPDATE regions SET parent_slug = 'north' WHERE slug = 'north'`,
			"23514", "regions form a loop: baltic, empty, estonia, north",
		},
		{
			"regions in a loop", `UPDATE regions SET parent_slug = 'estonia' WHERE slug = 'north'`,
			"23514", "regions form a loop: baltic, empty, estonia, north",
		},
		{
			"new regions in a loop", `INSERT INTO regions VALUES ('one', '1', 'two'), ('two', '2', 'one')`,
			"23514", "regions form a loop: one, two",
		},
		{
			"port named as a region", `INSERT INTO ports VALUES ('CHINA', 'China', 'china')`,
			"23505", "CHINA names both a port and a region",
		},
		{
			"region named as a port", `INSERT INTO regions VALUES ('eetll', 'Tallinn', NULL)`,
			"23505", "EETLL names both a port and a region",
		},
		{
			"region renamed to a port", `UPDATE regions SET slug = 'noosl' WHERE slug = 'empty'`,
			"23505", "NOOSL names both a port and a region",
		},
		{
			"port code in lower case", `INSERT INTO ports VALUES ('segot', 'Göteborg', 'north')`,
			"23514", `new row for relation "ports" violates check constraint "ports_code_check"`,
		},
		{
			"slug in upper case", `INSERT INTO regions VALUES ('Sweden', 'Sweden', NULL)`,
			"23514", `new row for relation "regions" violates check constraint "regions_slug_check"`,
		},
		{
			"region with ports is deleted", `DELETE FROM regions WHERE slug = 'estonia'`,
			"23503", `update or delete on table "regions" violates foreign key constraint "ports_parent_slug_fkey" on table "ports"`,
		},
		{
			"version for a second row", `INSERT INTO data_version VALUES (false, 1)`,
			"23514", `new row for relation "data_version" violates check constraint "data_version_only_row_check"`,
		},
	} {
		t.Run(c.name, func(t *testing.T) { wantRefused(t, conn, c.sql, c.code, c.message) })
	}
	if after := database.Contents(t); after != before {
		t.Errorf("the refusals changed the data; after:\n%s\nbefore:\n%s", after, before)
	}
}

// wantRefused fails the test unless the database refuses sql with this SQLSTATE and
// message.
func wantRefused(t *testing.T, conn *pgx.Conn, sql, code, message string) {
	t.Helper()
	_, err := conn.Exec(t.Context(), sql)
	if pg, ok := errors.AsType[*pgconn.PgError](err); !ok || pg.Code != code || pg.Message != message {
		t.Errorf("%s\ngave %v\nwant %s %s", sql, err, code, message)
	}
}

// Each committed change of ports, regions or prices gives the data a higher
// version; a rolled back one does not.
func TestVersionGrowsWithEachChange(t *testing.T) {
	database := dbtest.NewWorld(t)
	conn := database.Connect(t)
	const versionSQL = `SELECT version FROM data_version`
	before := dbtest.Value[int64](t, conn, versionSQL)
	for _, sql := range []string{
		`INSERT INTO prices VALUES ('CNGGZ', 'EETLL', '2021-01-01', 1)`,
		`UPDATE prices SET price = 2 WHERE price = 1`,
		`DELETE FROM prices WHERE price = 2`,
		`INSERT INTO ports VALUES ('SEGOT', 'Göteborg', 'north')`,
		`UPDATE ports SET name = 'Gothenburg' WHERE code = 'SEGOT'`,
		`DELETE FROM ports WHERE code = 'SEGOT'`,
		`INSERT INTO regions VALUES ('sweden', 'Sweden', 'north')`,
		`UPDATE regions SET name = 'SE' WHERE slug = 'sweden'`,
		`DELETE FROM regions WHERE slug = 'sweden'`,
		`TRUNCATE prices`,
	} {
		if _, err := conn.Exec(t.Context(), sql); err != nil {
			t.Fatalf("%s: %v", sql, err)
		}
		after := dbtest.Value[int64](t, conn, versionSQL)
		if after <= before {
			t.Errorf("%s: version %d, before %d", sql, after, before)
		}
		before = after
	}
	tx, err := conn.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.Exec(t.Context(), `INSERT INTO prices VALUES ('CNGGZ', 'EETLL', '2021-01-01', 1)`); err != nil {
		t.Fatal(err)
	}
	if err := tx.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if after := dbtest.Value[int64](t, conn, versionSQL); after != before {
		t.Errorf("a change that was rolled back moved the version from %d to %d", before, after)
	}
}

// A new database does not repeat versions that clients may have seen, and neither
// does one that has lost its last changes: a backup was restored, or a standby that
// had not received them took over.
func TestVersionsAreNotRepeated(t *testing.T) {
	const versionSQL = `SELECT version FROM data_version`
	database := dbtest.New(t)
	conn := database.Connect(t)
	const microsecondsOf2020 = 1_577_836_800_000_000
	first := dbtest.Value[int64](t, conn, versionSQL)
	if first < microsecondsOf2020 {
		t.Errorf("a new database begins with version %d, want the time of day in microseconds", first)
	}
	const change = `INSERT INTO regions VALUES ('sea', 'Sea')`
	database.Exec(t, change)
	lost := dbtest.Value[int64](t, conn, versionSQL)
	database.Exec(t, `DELETE FROM regions`)
	database.Exec(t, `UPDATE data_version SET version = $1`, first)
	database.Exec(t, change)
	if again := dbtest.Value[int64](t, conn, versionSQL); again <= lost {
		t.Errorf("after changes were lost the version is %d again; it was %d before", again, lost)
	}
}

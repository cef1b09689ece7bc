package importer_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/db/dbtest"
	"example.com/rates/service/importer"
)

// definitions describes the tables and everything that depends on them, in lines.
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

// After every kind of import the tables are as the migrations made them: with
// their comments, grants, constraints, indexes and triggers.
func TestImportLeavesTheSchemaAsItWas(t *testing.T) {
	database := dbtest.New(t)
	conn := database.Connect(t)
	before := strings.Split(dbtest.Value[string](t, conn, definitions), "\n")
	for _, opts := range []importer.Options{{}, {Again: true}, {Replace: true}, {Replace: true}} {
		load(t, database, opts, file("a.sql", aDump))
		after := strings.Split(dbtest.Value[string](t, conn, definitions), "\n")
		if diff := cmp.Diff(before, after); diff != "" {
			t.Errorf("after an import with %+v (-before +after):\n%s", opts, diff)
		}
	}
}

// The rules of the database still hold after a replacement.
func TestRulesHoldAfterReplace(t *testing.T) {
	database := dbtest.NewWorld(t)
	load(t, database, importer.Options{Replace: true}, file("a.sql", aDump))
	conn := database.ConnectQuick(t)
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
		database.Exec(t, sql)
		dbtest.CheckSums(t, conn, "replacing and "+sql)
	}
}

// A replacement that has regions alone removes the ports that were there.
func TestReplaceByRegionsAlone(t *testing.T) {
	database := dbtest.NewWorld(t)
	regions := file("r.csv", "slug,name,parent_slug\njapan,Japan,\n")
	load(t, database, importer.Options{Replace: true, AllowEmpty: true}, regions)
	if got, want := stored(t, database), "japan Japan"; got != want {
		t.Errorf("stored:\n%s\nwant:\n%s", got, want)
	}
}

// With Replace the files become the whole data set, even if they were imported
// before.
func TestImportReplace(t *testing.T) {
	database := dbtest.NewWorld(t)
	load(t, database, importer.Options{}, file("extra.csv", "orig_code,dest_code,day,price\nCNSGH,NOOSL,2021-01-01,100\n"))
	for range 2 {
		got := load(t, database, importer.Options{Replace: true},
			file("r.csv", regionsCSV), file("p.csv", portsCSV), file("c.csv", pricesCSV))
		if len(got) != 3 || got[2].Prices != 3 {
			t.Errorf("counted %+v", got)
		}
		if diff := cmp.Diff(storedWorld, stored(t, database)); diff != "" {
			t.Errorf("stored (-want +got):\n%s", diff)
		}
		conn := database.ConnectQuick(t)
		dbtest.CheckSums(t, conn, "replacing")
		if n := dbtest.Value[int](t, conn, `SELECT count(*) FROM imports`); n != 3 {
			t.Errorf("%d imports are recorded, want the 3 that the data come from", n)
		}
	}
	load(t, database, importer.Options{}, file("c.csv", "orig_code,dest_code,day,price\nCNGGZ,EETLL,2022-01-01,5\n"))
	dbtest.CheckSums(t, database.ConnectQuick(t), "an import after replacing")
}

// Replace without prices is refused, whatever the files hold beside, unless it is
// asked for.
func TestImportReplaceWithoutPrices(t *testing.T) {
	database := dbtest.NewWorld(t)
	before := database.Contents(t)
	const head = "orig_code,dest_code,day,price\n"
	for name, files := range map[string][]importer.File{
		"CSV without rows":  {file("c.csv", head)},
		"dump without rows": {file("d.sql", "COPY prices (orig_code, dest_code, day, price) FROM stdin;\n\\.\n")},
		"places":            {file("r.csv", regionsCSV), file("p.csv", portsCSV), file("c.csv", head), file("e.csv", head)},
	} {
		_, err := openLoader(t, database).Import(t.Context(), files, importer.Options{Replace: true, Again: true})
		if err == nil || !strings.Contains(err.Error(), "--allow-empty") {
			t.Errorf("%s: %v, want it refused with the way out", name, err)
		}
		if after := database.Contents(t); after != before {
			t.Fatalf("%s: the data have changed (-before +after):\n%s", name, cmp.Diff(before, after))
		}
	}
	load(t, database, importer.Options{Replace: true}, file("r.csv", regionsCSV), file("p.csv", portsCSV),
		file("a.csv", pricesCSV), file("b.csv", head))
	if diff := cmp.Diff(storedWorld, stored(t, database)); diff != "" {
		t.Errorf("with prices in one of the files (-want +got):\n%s", diff)
	}
	load(t, database, importer.Options{Replace: true, AllowEmpty: true, Again: true}, file("r.csv", regionsCSV))
	if diff := cmp.Diff("baltic Baltic north\nchina China\nnorth North", stored(t, database)); diff != "" {
		t.Errorf("with AllowEmpty (-want +got):\n%s", diff)
	}
}

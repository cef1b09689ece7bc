package migrations_test

import (
	"slices"
	"testing"

	"example.com/rates/db/dbtest"
	"example.com/rates/db/migrations"
)

// In a database of version 8, a replacement that was begun outside a
// transaction made moved ports go unnoticed. Migrating it mends the sums.
func TestLeftoverReplacementIsMended(t *testing.T) {
	database := dbtest.NewBare(t)
	migrator, db := open(t, database.URL)
	to(t, migrator, 8)
	database.Exec(t, `
INSERT INTO regions VALUES ('north', 'North', NULL), ('china', 'China', NULL);
INSERT INTO ports VALUES ('CNGGZ', 'Guangzhou', 'china'), ('EETLL', 'Tallinn', 'north');
INSERT INTO prices VALUES ('CNGGZ', 'EETLL', '2021-01-01', 100)`)
	database.Exec(t, `SELECT begin_replacement()`)
	database.Exec(t, `UPDATE ports SET parent_slug = 'china' WHERE code = 'EETLL'`)
	to(t, migrator, migrations.Latest)
	got := query(t, db, `SELECT orig || ' ' || dest FROM daily_rates ORDER BY 1`)
	if want := []string{"CHINA CHINA", "CHINA EETLL", "CNGGZ CHINA", "CNGGZ EETLL"}; !slices.Equal(got, want) {
		t.Errorf("there are sums for %v, want %v", got, want)
	}
	database.Exec(t, `UPDATE ports SET parent_slug = 'north' WHERE code = 'EETLL'`)
	got = query(t, db, `SELECT orig || ' ' || dest FROM daily_rates ORDER BY 1`)
	if want := []string{"CHINA EETLL", "CHINA NORTH", "CNGGZ EETLL", "CNGGZ NORTH"}; !slices.Equal(got, want) {
		t.Errorf("after moving a port there are sums for %v, want %v", got, want)
	}
	if left := query(t, db, `SELECT relname::text FROM pg_class WHERE relname ~ '_next'`); len(left) > 0 {
		t.Errorf("left: %v", left)
	}
}

package migrations_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/rates/db/dbtest"
	"example.com/rates/db/migrations"
)

// distribution returns a migrator that leaves the sums of the database as said.
func distribution(t *testing.T, database dbtest.Database, to migrations.Distribution) *recorded {
	t.Helper()
	migrator, _ := openWith(t, database.URL, migrations.Config{Distribution: to})
	return migrator
}

// Without Citus nothing can be distributed, and the schema is as it would be without
// the wish; there is nothing to bring back.
func TestNoCitus(t *testing.T) {
	database := dbtest.NewBare(t)
	reached, err := distribution(t, database, migrations.Distributed).To(t.Context(), migrations.Newest)
	if !errors.Is(err, migrations.ErrNoCitus) || reached != migrations.Latest {
		t.Errorf("reached %d, %v; want %d, %v", reached, err, migrations.Latest, migrations.ErrNoCitus)
	}
	if ran := to(t, distribution(t, database, migrations.Undistributed), migrations.Latest); len(ran) > 0 {
		t.Errorf("bringing back what was not distributed ran %v", ran)
	}
}

// The schema of a distributed database does not go back: older ones cannot be
// distributed.
func TestDistributedSchemaStays(t *testing.T) {
	database := dbtest.NewBare(t)
	migrator, db := open(t, database.URL)
	to(t, migrator, migrations.Latest)
	database.Exec(t, `CREATE OR REPLACE FUNCTION is_distributed() RETURNS boolean LANGUAGE sql STABLE AS 'SELECT true'`)
	before := schema(t, db)
	for _, version := range []int64{0, 1, migrations.Latest - 1} {
		if _, err := migrator.To(t.Context(), version); !errors.Is(err, migrations.ErrDistributed) {
			t.Errorf("to version %d: %v, want %v", version, err, migrations.ErrDistributed)
		}
	}
	if diff := cmp.Diff(lines(before), lines(schema(t, db))); diff != "" {
		t.Errorf("the schema was changed (-before +after):\n%s", diff)
	}
	to(t, migrator, migrations.Latest)
}

// Distributing a database and bringing it back changes neither data nor schema, and
// each does nothing the second time.
func TestDistributeAndBack(t *testing.T) {
	dbtest.NeedCitus(t)
	database := dbtest.NewWorld(t) // distributed
	conn := database.Connect(t)
	const sums = `SELECT string_agg(d::text, E'\n' ORDER BY d::text) FROM (SELECT * FROM daily_rates) AS d`
	before := dbtest.Value[string](t, conn, sums)
	ordinary := dbtest.NewBare(t)
	migrator, db := open(t, ordinary.URL)
	to(t, migrator, migrations.Latest)
	_, ours := open(t, database.URL)
	for _, c := range []struct {
		to   migrations.Distribution
		runs int
		is   bool
	}{
		{migrations.Distributed, 0, true},
		{migrations.Undistributed, 1, false},
		{migrations.Undistributed, 0, false},
		{migrations.Distributed, 1, true},
		{migrations.Distributed, 0, true},
		{migrations.Unchanged, 0, true},
		{migrations.Undistributed, 1, false},
	} {
		if ran := to(t, distribution(t, database, c.to), migrations.Latest); len(ran) != c.runs {
			t.Errorf("distribution %d ran %v, want %d files", c.to, ran, c.runs)
		}
		if is := dbtest.Value[bool](t, conn, `SELECT is_distributed()`); is != c.is {
			t.Errorf("after distribution %d, is_distributed is %t", c.to, is)
		}
		if after := dbtest.Value[string](t, conn, sums); after != before {
			t.Errorf("after distribution %d the sums are\n%s\nbefore\n%s", c.to, after, before)
		}
		if c.is {
			continue
		}
		if diff := cmp.Diff(lines(schema(t, db)), lines(schema(t, ours))); diff != "" {
			t.Errorf("brought back (-ordinary +brought back):\n%s", diff)
		}
	}
}

// On a distributed database too, a loader changes sums by changing prices alone: not
// itself, and not with the functions of Citus.
func TestLoaderCannotWriteDistributedSums(t *testing.T) {
	dbtest.NeedCitus(t)
	database := dbtest.NewWorld(t)
	conn := connectAs(t, database, dbtest.Loader)
	const sums = `SELECT string_agg(d::text, E'\n' ORDER BY d::text) FROM (SELECT * FROM daily_rates) AS d`
	before := dbtest.Value[string](t, conn, sums)
	for _, sql := range []string{
		`INSERT INTO daily_rates VALUES ('CNGGZ', 'EETLL', '2021-02-01', 1, 1)`,
		`UPDATE daily_rates SET total = 0`,
		`DELETE FROM daily_rates`,
		`TRUNCATE daily_rates`,
		`UPDATE data_version SET version = 1`,
		`SET ROLE rates_owner`,
		`SELECT undistribute_table('daily_rates')`,
		`SELECT truncate_local_data_after_distributing_table('daily_rates')`,
		`SELECT citus_drop_all_shards('daily_rates', 'public', 'daily_rates')`,
		`SELECT raise_data_version()`,
		`SELECT add_staged_sums('pg_temp.staged_sums')`,
	} {
		_, err := conn.Exec(t.Context(), sql)
		if pg, ok := errors.AsType[*pgconn.PgError](err); !ok || pg.Code != "42501" && !strings.Contains(pg.Message, "denied") {
			t.Errorf("%s: %v, want a refusal", sql, err)
		}
	}
	// What fails on a shard is not an error of the statement.
	for _, sql := range []string{
		`SELECT run_command_on_shards('daily_rates', 'DELETE FROM %s')`,
		`SELECT run_command_on_all_nodes('UPDATE data_version SET version = 1')`,
	} {
		_, _ = conn.Exec(t.Context(), sql) // the sums tell
	}
	if after := dbtest.Value[string](t, conn, sums); after != before {
		t.Errorf("a loader changed the sums to\n%s\nbefore\n%s", after, before)
	}
	if version := dbtest.Value[int64](t, conn, `SELECT version FROM data_version`); version == 1 {
		t.Error("a loader changed the version")
	}
}

// A loader's own temporary table is not taken for that of the sums.
func TestTemporaryTableNamedAsTheStagedSums(t *testing.T) {
	database := dbtest.NewBare(t)
	migrator, _ := open(t, database.URL)
	to(t, migrator, migrations.Latest)
	database.Exec(t, dbtest.World)
	database.PretendCitus(t)
	conn := connectAs(t, database, dbtest.Loader)
	run(t, conn, `CREATE TEMP TABLE staged_sums (LIKE daily_rates INCLUDING INDEXES)`)
	wantRefused(t, conn, `INSERT INTO prices VALUES ('CNGGZ', 'EETLL', '2021-01-01', 1)`, "42P07", `relation "staged_sums" already exists`)
}

// The sums of a distributed database pass through a temporary table, and follow each
// change all the same.
func TestStagedSumsFollowEachChange(t *testing.T) {
	database := dbtest.NewBare(t)
	migrator, _ := open(t, database.URL)
	to(t, migrator, migrations.Latest)
	database.PretendCitus(t)
	conn := database.ConnectQuick(t)
	if !dbtest.Value[bool](t, conn, `SELECT is_distributed()`) {
		t.Fatal("is_distributed is false")
	}
	for _, sql := range []string{
		dbtest.World,
		`INSERT INTO prices VALUES ('CNGGZ', 'EETLL', '2021-01-01', 1), ('CNSGH', 'FIHEL', '2021-01-07', 2)`,
		`UPDATE prices SET price = price + 1, day = day + 1`,
		`DELETE FROM prices WHERE orig_code = 'CNSGH'`,
		`UPDATE ports SET parent_slug = 'empty' WHERE code = 'EETLL'`,
		`SELECT repair_daily_rates()`,
		`TRUNCATE prices`,
	} {
		run(t, conn, sql)
		dbtest.CheckSums(t, conn, sql)
	}
	wantRefused(t, conn, `INSERT INTO prices VALUES ('CNXXX', 'EETLL', '2021-01-01', 1)`, "23503", "CNXXX is not a port")
	if left := dbtest.Value[bool](t, conn, `SELECT to_regclass('pg_temp.staged_sums') IS NOT NULL`); left {
		t.Error("the temporary table is left")
	}
}

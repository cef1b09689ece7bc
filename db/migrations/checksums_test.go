package migrations_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/rates/db/dbtest"
)

// replaceWith replaces all prices by three of the lane from CNGGZ to EETLL, like a
// loader that falsifies the sums, or the prices, with sql. With weighed it computes
// the weights of the prices before that, else finish_replacement does.
func replaceWith(t *testing.T, conn *pgx.Conn, weighed bool, sql string) error {
	t.Helper()
	run(t, conn, `BEGIN; SELECT lock_data(), begin_replacement()`)
	run(t, conn, `INSERT INTO prices_next VALUES
		('CNGGZ', 'EETLL', '2021-01-01', 100), ('CNGGZ', 'EETLL', '2021-01-01', 200), ('CNGGZ', 'EETLL', '2021-01-02', 300)`)
	run(t, conn, `INSERT INTO daily_rates_next
		SELECT orig, dest, day, total, count
		FROM unnest('{CNGGZ,SOUTH_CHINA,CHINA}'::text[]) AS orig, unnest('{EETLL,ESTONIA,BALTIC,NORTH}'::text[]) AS dest,
			(VALUES (date '2021-01-01', 300, 2), ('2021-01-02', 300, 1)) AS sums (day, total, count)`)
	if weighed {
		run(t, conn, `SELECT weigh_next_prices()`)
	}
	var err error
	if sql != "" {
		_, err = conn.Exec(t.Context(), `SET LOCAL ROLE rates_owner; `+sql+`; RESET ROLE`)
	}
	if err == nil {
		_, err = conn.Exec(t.Context(), `SELECT finish_replacement()`)
	}
	if err != nil {
		run(t, conn, `ROLLBACK`)
		return err
	}
	run(t, conn, `COMMIT`)
	return nil
}

// The database accepts the sums of a loader only if they are those of the prices:
// it refuses wrong, missing and extra sums, even if their totals are right.
func TestWrongSumsAreRefused(t *testing.T) {
	database := newPricedWorld(t)
	conn := database.ConnectQuick(t)
	before := database.Contents(t)
	const wrong = "daily_rates_next does not hold the sums of prices_next"
	for name, sql := range map[string]string{
		"a total is too high":             `UPDATE daily_rates_next SET total = total + 1 WHERE (orig, dest, count) = ('CHINA', 'NORTH', 2)`,
		"a count is too high":             `UPDATE daily_rates_next SET count = count + 1 WHERE (orig, dest, count) = ('CNGGZ', 'EETLL', 1)`,
		"a total is a power of 2 off":     `UPDATE daily_rates_next SET total = total + (1::bigint << 62) WHERE (orig, dest, count) = ('CHINA', 'NORTH', 2)`,
		"a total is a prime off":          `UPDATE daily_rates_next SET total = total + 2147483647 WHERE (orig, dest, count) = ('CHINA', 'NORTH', 2)`,
		"total and count cancel out":      `UPDATE daily_rates_next SET total = total - 1, count = count + 1 WHERE (orig, dest, count) = ('CHINA', 'NORTH', 2)`,
		"two days are swapped":            `UPDATE daily_rates_next SET count = 3 - count WHERE (orig, dest) = ('CHINA', 'NORTH')`,
		"a day is wrong":                  `UPDATE daily_rates_next SET day = day + 7 WHERE (orig, dest, count) = ('CHINA', 'NORTH', 1)`,
		"the direction is reversed":       `UPDATE daily_rates_next SET orig = dest, dest = orig WHERE (orig, dest) = ('CHINA', 'NORTH')`,
		"two pairs cancel out":            `UPDATE daily_rates_next SET total = total + CASE dest WHEN 'NORTH' THEN 5 ELSE -5 END WHERE orig = 'CHINA' AND dest IN ('NORTH', 'BALTIC')`,
		"a row is missing":                `DELETE FROM daily_rates_next WHERE (orig, dest, count) = ('CHINA', 'NORTH', 2)`,
		"all rows are missing":            `DELETE FROM daily_rates_next`,
		"a region does not hold the port": `INSERT INTO daily_rates_next VALUES ('CNGGZ', 'EMPTY', '2021-01-01', 300, 2)`,
		"a place is unknown":              `INSERT INTO daily_rates_next VALUES ('CNGGZ', 'EEXXX', '2021-01-01', 300, 2)`,
		"a row has no prices":             `INSERT INTO daily_rates_next VALUES ('CNGGZ', 'NOOSL', '2021-01-01', 0, 0)`,
		"a row is split in two":           `UPDATE daily_rates_next SET total = 150, count = 1 WHERE (orig, dest, count) = ('CHINA', 'NORTH', 2); INSERT INTO daily_rates_next VALUES ('CHINA', 'NORTH', '2021-01-01', 150, 1)`,
		"a port has moved":                `UPDATE ports SET parent_slug = 'empty' WHERE code = 'EETLL'`,
		"a price has no sum":              `INSERT INTO prices_next VALUES ('EETLL', 'CNGGZ', '2021-01-01', 1)`,
		"a port is unknown":               `INSERT INTO prices_next VALUES ('EETLL', 'CNXXX', '2021-01-01', 0)`,
	} {
		for _, weighed := range []bool{false, true} {
			err := replaceWith(t, conn, weighed, sql)
			pg, ok := errors.AsType[*pgconn.PgError](err)
			message := wrong
			switch {
			case weighed && strings.Contains(sql, "prices_next"):
				message = "prices_next has already been weighed"
			case name == "a row is split in two":
				message = `could not create unique index "daily_rates_next_pkey"`
			case name == "a port is unknown":
				message = "CNXXX is not a port"
			}
			if !ok || pg.Message != message {
				t.Errorf("%s (weighed before: %t): %v, want %s", name, weighed, err, message)
			}
		}
	}
	if after := database.Contents(t); after != before {
		t.Errorf("the refusals changed the data; after:\n%s\nbefore:\n%s", after, before)
	}
}

// A loader may replace all prices with their sums, and weigh the prices first.
func TestRightSumsAreAccepted(t *testing.T) {
	for _, weighed := range []bool{false, true} {
		database := newPricedWorld(t)
		if err := replaceWith(t, connectAs(t, database, dbtest.Loader), weighed, ""); err != nil {
			t.Fatal(err)
		}
		if rows := dbtest.CheckSums(t, database.ConnectQuick(t), "the replacement"); rows != 24 {
			t.Errorf("weighed before: %t: %d sums, want 24", weighed, rows)
		}
	}
}

// A loader cannot read the random weights, or it could adapt wrong sums to them,
// and cannot compute weights outside a replacement.
func TestWeightsAreSecret(t *testing.T) {
	conn := connectAs(t, dbtest.NewWorld(t), dbtest.Loader)
	wantRefused(t, conn, `SELECT weigh_next_prices()`, "55000", "no replacement has begun in this transaction")
	for _, table := range []string{"weights_next", "lanes_next"} {
		run(t, conn, `BEGIN; SELECT begin_replacement(), weigh_next_prices()`)
		wantRefused(t, conn, `SELECT * FROM `+table, "42501", "permission denied for table "+table)
		run(t, conn, `ROLLBACK`)
	}
}

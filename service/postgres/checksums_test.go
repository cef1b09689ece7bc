package postgres_test

import (
	"errors"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"

	"example.com/rates/db/dbtest"
)

// replaceWith replaces all prices by three of the lane from CNGGZ to EETLL, as a loader
// that spoils their sums, or the prices themselves, with sql.
func replaceWith(t *testing.T, conn *pgx.Conn, sql string) error {
	t.Helper()
	run(t, conn, `BEGIN; SELECT lock_data(), begin_replacement()`)
	run(t, conn, `INSERT INTO prices_next VALUES
		('CNGGZ', 'EETLL', '2021-01-01', 100), ('CNGGZ', 'EETLL', '2021-01-01', 200), ('CNGGZ', 'EETLL', '2021-01-02', 300)`)
	run(t, conn, `INSERT INTO daily_rates_next
		SELECT orig, dest, day, total, count
		FROM unnest('{CNGGZ,SOUTH_CHINA,CHINA}'::text[]) AS orig, unnest('{EETLL,ESTONIA,BALTIC,NORTH}'::text[]) AS dest,
			(VALUES (date '2021-01-01', 300, 2), ('2021-01-02', 300, 1)) AS sums (day, total, count)`)
	if sql != "" {
		run(t, conn, `SET LOCAL ROLE rates_owner; `+sql+`; RESET ROLE`)
	}
	_, err := conn.Exec(t.Context(), `SELECT finish_replacement()`)
	if err != nil {
		run(t, conn, `ROLLBACK`)
		return err
	}
	run(t, conn, `COMMIT`)
	return nil
}

// The database takes the sums that a loader hands in only if they are those of
// the prices: it refuses each sum that is wrong, missing or too many, also
// where totals over many rows are right.
func TestWrongSumsAreRefused(t *testing.T) {
	database := newPricedWorld(t)
	conn := connectQuick(t, database)
	before := contents(t, database)
	const wrong = "daily_rates_next does not hold the sums of prices_next"
	for name, sql := range map[string]string{
		"a total is too high":          `UPDATE daily_rates_next SET total = total + 1 WHERE (orig, dest, count) = ('CHINA', 'NORTH', 2)`,
		"a count is too high":          `UPDATE daily_rates_next SET count = count + 1 WHERE (orig, dest, count) = ('CNGGZ', 'EETLL', 1)`,
		"a total is a power of 2 off":  `UPDATE daily_rates_next SET total = total + (1::bigint << 62) WHERE (orig, dest, count) = ('CHINA', 'NORTH', 2)`,
		"a total is a prime off":       `UPDATE daily_rates_next SET total = total + 2147483647 WHERE (orig, dest, count) = ('CHINA', 'NORTH', 2)`,
		"total and count make up":      `UPDATE daily_rates_next SET total = total - 1, count = count + 1 WHERE (orig, dest, count) = ('CHINA', 'NORTH', 2)`,
		"two days are exchanged":       `UPDATE daily_rates_next SET count = 3 - count WHERE (orig, dest) = ('CHINA', 'NORTH')`,
		"a day is another":             `UPDATE daily_rates_next SET day = day + 7 WHERE (orig, dest, count) = ('CHINA', 'NORTH', 1)`,
		"the way is the other":         `UPDATE daily_rates_next SET orig = dest, dest = orig WHERE (orig, dest) = ('CHINA', 'NORTH')`,
		"two pairs make up":            `UPDATE daily_rates_next SET total = total + CASE dest WHEN 'NORTH' THEN 5 ELSE -5 END WHERE orig = 'CHINA' AND dest IN ('NORTH', 'BALTIC')`,
		"a row is missing":             `DELETE FROM daily_rates_next WHERE (orig, dest, count) = ('CHINA', 'NORTH', 2)`,
		"all rows are missing":         `DELETE FROM daily_rates_next`,
		"a region is not above":        `INSERT INTO daily_rates_next VALUES ('CNGGZ', 'EMPTY', '2021-01-01', 300, 2)`,
		"a place is none":              `INSERT INTO daily_rates_next VALUES ('CNGGZ', 'EEXXX', '2021-01-01', 300, 2)`,
		"a row has no prices":          `INSERT INTO daily_rates_next VALUES ('CNGGZ', 'NOOSL', '2021-01-01', 0, 0)`,
		"a row stands there in halves": `UPDATE daily_rates_next SET total = 150, count = 1 WHERE (orig, dest, count) = ('CHINA', 'NORTH', 2); INSERT INTO daily_rates_next VALUES ('CHINA', 'NORTH', '2021-01-01', 150, 1)`,
		"a price has no sum":           `INSERT INTO prices_next VALUES ('EETLL', 'CNGGZ', '2021-01-01', 1)`,
		"a port is unknown":            `INSERT INTO prices_next VALUES ('EETLL', 'CNXXX', '2021-01-01', 0)`,
	} {
		err := replaceWith(t, conn, sql)
		pg, ok := errors.AsType[*pgconn.PgError](err)
		message := wrong
		switch name {
		case "a row stands there in halves":
			message = `could not create unique index "daily_rates_next_pkey"`
		case "a port is unknown":
			message = "CNXXX is not a port"
		}
		if !ok || pg.Message != message {
			t.Errorf("%s: %v, want %s", name, err, message)
		}
	}
	if after := contents(t, database); after != before {
		t.Errorf("after the refusals the tables hold\n%s\nand before\n%s", after, before)
	}
}

// A loader may replace all prices by its own, with their sums.
func TestRightSumsAreTaken(t *testing.T) {
	database := newPricedWorld(t)
	if err := replaceWith(t, connectAs(t, database, dbtest.Loader), ""); err != nil {
		t.Fatal(err)
	}
	if rows := checkRates(t, connectQuick(t, database), "the replacement"); rows != 24 {
		t.Errorf("%d sums, want 24", rows)
	}
}

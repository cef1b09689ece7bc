package migrations_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// change is a random statement of plain SQL.
type change struct {
	name string
	sql  func(r *rand.Rand) string
}

func port(r *rand.Rand) string {
	return fmt.Sprintf("'PX%c%cX'", 'A'+r.IntN(4), 'A'+r.IntN(5))
}

func region(r *rand.Rand) string { return fmt.Sprintf("'region-%d'", r.IntN(12)) }

func date(r *rand.Rand) string { return fmt.Sprintf("'2021-01-0%d'", 1+r.IntN(5)) }

func priceRow(r *rand.Rand) string {
	return fmt.Sprintf("(%s, %s, %s, %d)", port(r), port(r), date(r), r.IntN(1000))
}

func someRows(r *rand.Rand, most int, row func(*rand.Rand) string) string {
	rows := make([]string, 1+r.IntN(most))
	for i := range rows {
		rows[i] = row(r)
	}
	return strings.Join(rows, ", ")
}

// some is a condition that holds for a few prices.
func some(r *rand.Rand) string {
	return []string{
		"orig_code = " + port(r), "dest_code = " + port(r), "day = " + date(r), "price % 7 = 3", "orig_code = dest_code", "false",
	}[r.IntN(6)]
}

var priceChanges = []change{
	{"insert", func(r *rand.Rand) string { return "INSERT INTO prices VALUES " + someRows(r, 30, priceRow) }},
	{"insert", func(r *rand.Rand) string { return "INSERT INTO prices VALUES " + someRows(r, 30, priceRow) }},
	{"copy", func(*rand.Rand) string { return "COPY" }},
	{"insert selected", func(r *rand.Rand) string {
		return "INSERT INTO prices SELECT dest_code, orig_code, day, price + 1 FROM prices WHERE " + some(r)
	}},
	{"update price", func(r *rand.Rand) string { return "UPDATE prices SET price = price * 2 % 999 WHERE " + some(r) }},
	{"update day", func(r *rand.Rand) string { return "UPDATE prices SET day = " + date(r) + " WHERE " + some(r) }},
	{"update lane", func(r *rand.Rand) string {
		return "UPDATE prices SET orig_code = " + port(r) + ", dest_code = orig_code WHERE " + some(r)
	}},
	{"delete", func(r *rand.Rand) string { return "DELETE FROM prices WHERE " + some(r) }},
	{"delete and insert at once", func(r *rand.Rand) string {
		return "WITH gone AS (DELETE FROM prices WHERE " + some(r) + " RETURNING *) INSERT INTO prices " +
			"SELECT orig_code, dest_code, day + 1, price FROM gone WHERE price % 2 = 0"
	}},
}

var placeChanges = []change{
	{"move ports", func(r *rand.Rand) string {
		return "UPDATE ports SET parent_slug = " + region(r) + " WHERE code IN (" + someRows(r, 4, port) + ")"
	}},
	{"move all ports of a region", func(r *rand.Rand) string {
		return "UPDATE ports SET parent_slug = " + region(r) + " WHERE parent_slug = " + region(r)
	}},
	{"scatter ports", func(r *rand.Rand) string {
		return fmt.Sprintf("UPDATE ports SET parent_slug = 'region-' || (ascii(substr(code, 4)) %% 3 + %d)", r.IntN(10))
	}},
	{"move regions", func(r *rand.Rand) string {
		return "UPDATE regions SET parent_slug = " + region(r) + " WHERE slug IN (" + someRows(r, 3, region) + ")"
	}},
	{"make a region topmost", func(r *rand.Rand) string { return "UPDATE regions SET parent_slug = NULL WHERE slug = " + region(r) }},
	{"move all regions of a region", func(r *rand.Rand) string {
		return "UPDATE regions SET parent_slug = " + region(r) + " WHERE parent_slug = " + region(r)
	}},
	{"upsert regions", func(r *rand.Rand) string {
		return "INSERT INTO regions VALUES (" + region(r) + ", 'New', " + region(r) + ") " +
			"ON CONFLICT (slug) DO UPDATE SET parent_slug = excluded.parent_slug"
	}},
	{"upsert ports", func(r *rand.Rand) string {
		return "INSERT INTO ports VALUES (" + port(r) + ", 'New', " + region(r) + ") " +
			"ON CONFLICT (code) DO UPDATE SET parent_slug = excluded.parent_slug"
	}},
	{"delete ports", func(r *rand.Rand) string { return "DELETE FROM ports WHERE code = " + port(r) }},
	{"delete region", func(r *rand.Rand) string { return "DELETE FROM regions WHERE slug = " + region(r) }},
	{"exchange ports", func(r *rand.Rand) string {
		return "UPDATE ports p SET parent_slug = q.parent_slug FROM ports q WHERE p.code < q.code AND q.code = " + port(r)
	}},
	{"rename a region without ports", func(r *rand.Rand) string {
		return fmt.Sprintf(`WITH old AS (
	SELECT slug FROM regions WHERE slug NOT IN (SELECT parent_slug FROM ports) ORDER BY md5(slug || '%d') LIMIT 1)
UPDATE regions SET slug = CASE regions.slug WHEN old.slug THEN %[2]s ELSE regions.slug END,
	parent_slug = CASE parent_slug WHEN old.slug THEN %[2]s ELSE parent_slug END
FROM old WHERE old.slug IN (regions.slug, parent_slug)`, r.IntN(9), region(r))
	}},
}

// mixedChanges change places of several kinds in one statement. The triggers of
// all kinds run at its end.
var mixedChanges = []change{
	{"move the ports of a region and delete it", func(r *rand.Rand) string {
		gone := region(r)
		return "WITH moved AS (UPDATE ports SET parent_slug = " + region(r) + " WHERE parent_slug = " + gone + ") " +
			"DELETE FROM regions WHERE slug = " + gone
	}},
	{"move all that a region holds and delete it", func(r *rand.Rand) string {
		gone, to := region(r), region(r)
		return "WITH ports_moved AS (UPDATE ports SET parent_slug = " + to + " WHERE parent_slug = " + gone + "), " +
			"regions_moved AS (UPDATE regions SET parent_slug = nullif(" + region(r) + ", slug) WHERE parent_slug = " + gone + ") " +
			"DELETE FROM regions WHERE slug = " + gone
	}},
	{"delete a port and insert it elsewhere", func(r *rand.Rand) string {
		return "WITH gone AS (DELETE FROM ports WHERE code = " + port(r) + " RETURNING *) " +
			"INSERT INTO ports SELECT code, name, " + region(r) + " FROM gone"
	}},
	{"delete a region and insert it elsewhere", func(r *rand.Rand) string {
		return "WITH gone AS (DELETE FROM regions WHERE slug = " + region(r) + " RETURNING *) " +
			"INSERT INTO regions SELECT slug, name, " + region(r) + " FROM gone"
	}},
	{"move ports into a new region", func(r *rand.Rand) string {
		return "WITH made AS (INSERT INTO regions VALUES (" + region(r) + ", 'New', " + region(r) + ") RETURNING slug) " +
			"UPDATE ports SET parent_slug = slug FROM made WHERE code IN (" + someRows(r, 4, port) + ")"
	}},
	{"move ports and their region", func(r *rand.Rand) string {
		return "WITH moved AS (UPDATE ports SET parent_slug = " + region(r) + " WHERE parent_slug = " + region(r) + ") " +
			"UPDATE regions SET parent_slug = " + region(r) + " WHERE slug = " + region(r)
	}},
	{"insert prices and move their ports", func(r *rand.Rand) string {
		return "WITH added AS (INSERT INTO prices VALUES " + someRows(r, 9, priceRow) + ") " +
			"UPDATE ports SET parent_slug = " + region(r) + " WHERE code IN (" + someRows(r, 4, port) + ")"
	}},
	{"insert ports with prices", func(r *rand.Rand) string {
		code := port(r)
		return "WITH made AS (INSERT INTO ports VALUES (" + code + ", 'New', " + region(r) + ") RETURNING code) " +
			"INSERT INTO prices SELECT code, code, " + date(r) + ", 7 FROM made"
	}},
	{"delete prices and their port", func(r *rand.Rand) string {
		code := port(r)
		return "WITH gone AS (DELETE FROM prices WHERE " + code + " IN (orig_code, dest_code)) DELETE FROM ports WHERE code = " + code
	}},
}

// apply makes the change. The database may refuse it.
func (c change) apply(t *testing.T, conn *pgx.Conn, r *rand.Rand) string {
	t.Helper()
	sql := c.sql(r)
	var err error
	if sql == "COPY" {
		rows := strings.NewReplacer("(", "", ")", "\n", "'", "", ", ", "\t").Replace(strings.ReplaceAll(someRows(r, 30, priceRow), "), (", ")("))
		sql += " " + strconv.Quote(rows)
		_, err = conn.PgConn().CopyFrom(t.Context(), strings.NewReader(rows), "COPY prices FROM STDIN")
	} else {
		_, err = conn.Exec(t.Context(), sql)
	}
	if pg, ok := errors.AsType[*pgconn.PgError](err); err != nil && (!ok || pg.Code[:2] != "23" && pg.Code != "21000") {
		t.Errorf("%s: %s: %v", c.name, sql, err)
	}
	return fmt.Sprintf("%s (refused: %v): %s", c.name, err != nil, sql)
}

package importer

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/rates/service/rates"
)

// Difference is a row of daily_rates that does not match the prices.
type Difference struct {
	Origin, Destination string
	Day                 rates.Day
	Stored, Expected    Sum
}

// Sum is the total and the number of the prices of a day. Both are 0 if there is
// no row.
type Sum struct{ Total, Count int64 }

// Verify compares daily_rates with the sums of all prices. It returns the first
// few differences and the number of all. With repair it then corrects them in
// the same transaction. Other writers wait for it, readers do not.
func (l *Loader) Verify(ctx context.Context, repair bool) (first []Difference, all int64, err error) {
	tx, err := l.conn.Begin(ctx)
	if err != nil {
		return nil, 0, failed("begin", err)
	}
	defer func() { rollBack(ctx, tx) }()
	if _, err := tx.Exec(ctx, `SELECT lock_data()`); err != nil {
		return nil, 0, failed("wait for other writers", err)
	}
	if err := checkSchema(ctx, tx); err != nil {
		return nil, 0, err
	}
	first, all, err = differences(ctx, tx)
	if err != nil || all == 0 || !repair {
		return first, all, err
	}
	if _, err := tx.Exec(ctx, `SELECT repair_daily_rates()`); err != nil {
		return first, all, failed("repair daily_rates", err)
	}
	return first, all, failed("commit", tx.Commit(ctx))
}

// maxDifferences is how many differences Verify returns.
const maxDifferences = 10

func differences(ctx context.Context, tx pgx.Tx) (first []Difference, all int64, err error) {
	var define string
	if err := tx.QueryRow(ctx, `SELECT sums_of('SELECT *, 1 AS n FROM prices')`).Scan(&define); err != nil {
		return nil, 0, failed("define the sums", err)
	}
	stored, err := gather(ctx, tx)
	if err != nil {
		return nil, 0, err
	}
	// #nosec G901 -- the database made it of a constant
	rows, err := tx.Query(ctx, define+fmt.Sprintf(`
SELECT count(*) OVER (), orig, dest, day,
       coalesce(d.total, 0), coalesce(d.count, 0), coalesce(s.total, 0), coalesce(s.count, 0)
FROM sums AS s FULL JOIN %s AS d USING (orig, dest, day)
WHERE (s.total, s.count) IS DISTINCT FROM (d.total, d.count)
ORDER BY orig, dest, day LIMIT %d`, stored, maxDifferences))
	if err != nil {
		return nil, 0, failed("sum the prices up", err)
	}
	defer rows.Close()
	for rows.Next() {
		var d Difference
		var day time.Time
		if err := rows.Scan(&all, &d.Origin, &d.Destination, &day,
			&d.Stored.Total, &d.Stored.Count, &d.Expected.Total, &d.Expected.Count); err != nil {
			return nil, 0, failed("read a difference", err)
		}
		d.Day = rates.DayOf(day)
		first = append(first, d)
	}
	return first, all, failed("compare the sums", rows.Err())
}

// gather returns the table with the stored sums. Those of a distributed database are
// copied into a temporary one: Citus has no recursive query on the nodes' tables.
func gather(ctx context.Context, tx pgx.Tx) (table string, err error) {
	var distributed bool
	if err := tx.QueryRow(ctx, `SELECT is_distributed()`).Scan(&distributed); err != nil {
		return "", failed("ask whether the database is distributed", err)
	}
	if !distributed {
		return "daily_rates", nil
	}
	_, err = tx.Exec(ctx, `CREATE TEMP TABLE gathered_sums ON COMMIT DROP AS SELECT orig, dest, day, total, count FROM daily_rates`)
	return "gathered_sums", failed("gather the sums of all nodes", err)
}

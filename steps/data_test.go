package steps_test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/cucumber/godog"
	"github.com/jackc/pgx/v5"
)

func (w *world) registerData(sc *godog.ScenarioContext) {
	sc.Step(`^these (regions|ports|prices)(?: are (?:added|changed))?:$`, w.theseAreStored)
	sc.Step(`^these prices are removed:$`, w.thesePricesAreRemoved)
	sc.Step(`^the data hold (\d+) regions?, (\d+) ports? and (\d+) prices?$`, w.theDataHold)
}

// placeKey names the column that identifies a row of a table of places.
var placeKey = map[string]string{"regions": "slug", "ports": "code"}

// theseAreStored adds rows, or changes a place that exists. A place without a name
// gets its code or slug as its name. An empty cell is null.
func (w *world) theseAreStored(ctx context.Context, table string, rows *godog.Table) error {
	columns, values := split(rows)
	key := placeKey[table]
	if key != "" && !slices.Contains(columns, "name") {
		at := slices.Index(columns, key)
		columns = append(columns, "name")
		for i := range values {
			values[i] = append(values[i], values[i][at])
		}
	}
	sql := fmt.Sprintf("INSERT INTO %s (%s) VALUES (%s)", table, strings.Join(columns, ", "), placeholders(len(columns)))
	if key != "" {
		sql += fmt.Sprintf(" ON CONFLICT (%s) DO UPDATE SET name = excluded.name", key)
		if slices.Contains(columns, "parent_slug") {
			sql += ", parent_slug = excluded.parent_slug"
		}
	}
	return w.inOneTransaction(ctx, sql, values)
}

// thesePricesAreRemoved removes one price for each row.
func (w *world) thesePricesAreRemoved(ctx context.Context, rows *godog.Table) error {
	columns, values := split(rows)
	terms := make([]string, len(columns))
	for i, column := range columns {
		terms[i] = fmt.Sprintf("%s = $%d", column, i+1)
	}
	return w.inOneTransaction(ctx,
		"DELETE FROM prices WHERE ctid = (SELECT ctid FROM prices WHERE "+strings.Join(terms, " AND ")+" LIMIT 1)", values)
}

// inOneTransaction runs the statement for each list of values. Each time it must
// change one row.
func (w *world) inOneTransaction(ctx context.Context, sql string, values [][]any) error {
	conn, err := w.connection(ctx)
	if err != nil {
		return err
	}
	return pgx.BeginFunc(ctx, conn, func(tx pgx.Tx) error {
		for _, row := range values {
			tag, err := tx.Exec(ctx, sql, row...)
			if err != nil {
				return fmt.Errorf("%s with %v: %w", sql, row, err)
			}
			if tag.RowsAffected() != 1 {
				return fmt.Errorf("%s with %v changed %d rows, want 1", sql, row, tag.RowsAffected())
			}
		}
		return nil
	})
}

func (w *world) theDataHold(ctx context.Context, regions, ports, prices int) error {
	conn, err := w.connection(ctx)
	if err != nil {
		return err
	}
	var got [3]int
	err = conn.QueryRow(ctx, `SELECT (SELECT count(*) FROM regions), (SELECT count(*) FROM ports), (SELECT count(*) FROM prices)`).
		Scan(&got[0], &got[1], &got[2])
	if err != nil {
		return fmt.Errorf("count the data: %w", err)
	}
	if want := [3]int{regions, ports, prices}; got != want {
		return fmt.Errorf("there are %d regions, %d ports and %d prices, want %v", got[0], got[1], got[2], want)
	}
	return nil
}

// split returns the header and the rows of a table, with nil for an empty cell.
func split(table *godog.Table) (columns []string, rows [][]any) {
	for i, row := range table.Rows {
		values := make([]any, len(row.Cells))
		for j, cell := range row.Cells {
			if i == 0 {
				columns = append(columns, cell.Value)
			}
			if cell.Value != "" {
				values[j] = cell.Value
			}
		}
		if i > 0 {
			rows = append(rows, values)
		}
	}
	return columns, rows
}

func placeholders(n int) string {
	marks := make([]string, n)
	for i := range marks {
		marks[i] = fmt.Sprintf("$%d", i+1)
	}
	return strings.Join(marks, ", ")
}

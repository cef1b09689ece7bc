package postgres

import (
	"context"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/rates/service/rates"
)

// Distributed reports whether Citus keeps the daily sums on several nodes, so that
// each question is planned and sent on. The answers are the same.
func (s *Store) Distributed(ctx context.Context) (distributed bool, err error) {
	err = s.ask(ctx, func(rows pgx.Rows) (err error) {
		distributed, err = pgx.CollectExactlyOneRow(rows, pgx.RowTo[bool])
		return err
	}, `SELECT public.is_distributed()`)
	return distributed, failed("ask whether the database is distributed", err)
}

const (
	placesSQL = `
WITH span AS (SELECT NULL::date AS first, NULL::date AS last)` + namesSQL

	// spanSQL reads all days between topmost regions: Citus does not look up both ends
	// of each pair. Every node tells the version that its rows have.
	spanSQL = `
SELECT min(version), min(day), max(day)
FROM public.daily_rates CROSS JOIN public.data_version
WHERE orig = ANY (array(SELECT upper(slug) FROM public.regions WHERE parent_slug IS NULL))
  AND dest = ANY (array(SELECT upper(slug) FROM public.regions WHERE parent_slug IS NULL))`
)

// gatherOutline is outline for a database that may be distributed. The nodes may be
// of different versions for a moment, so the lowest counts.
func (s *Store) gatherOutline(ctx context.Context, codes, slugs []string) (rates.Outline, error) {
	outline, err := s.outline(ctx, placesSQL, codes, slugs)
	if err != nil {
		return rates.Outline{}, err
	}
	err = s.ask(ctx, func(rows pgx.Rows) error {
		var (
			version     *int64
			first, last *time.Time
		)
		for rows.Next() {
			if err := rows.Scan(&version, &first, &last); err != nil {
				return err
			}
		}
		if version != nil {
			outline.Version = min(outline.Version, *version)
			outline.First, outline.Last = rates.DayOf(*first), rates.DayOf(*last)
		}
		return nil
	}, spanSQL)
	return outline, failed("ask for the first and the last day", err)
}

package postgres

import (
	"context"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/rates/service/rates"
)

// outlineSQL finds the first and the last day by looking up both ends of the days
// of every pair of topmost regions, which hold all prices. So that the lookups stay
// few, it does not look for them if there are more than 30 of these regions.
const outlineSQL = `
WITH top AS (
    SELECT upper(slug) AS place FROM public.regions WHERE parent_slug IS NULL LIMIT 31
), span AS (
    SELECT min(first) AS first, max(last) AS last
    FROM top AS o CROSS JOIN top AS d
    CROSS JOIN LATERAL (SELECT day AS first FROM public.daily_rates
        WHERE orig = o.place AND dest = d.place ORDER BY day LIMIT 1) AS a
    CROSS JOIN LATERAL (SELECT day AS last FROM public.daily_rates
        WHERE orig = o.place AND dest = d.place ORDER BY day DESC LIMIT 1) AS z
    WHERE (SELECT count(*) FROM top) <= 30
)` + namesSQL

// namesSQL names the places asked for.
const namesSQL = `, named AS (
    SELECT code, name FROM public.ports WHERE code = ANY ($1)
    UNION ALL
    SELECT slug, name FROM public.regions WHERE slug = ANY ($2)
)
SELECT version, first, last, code, name
FROM public.data_version CROSS JOIN span LEFT JOIN named ON true`

// Outline implements rates.Store.
func (s *Store) Outline(ctx context.Context, places ...rates.Place) (rates.Outline, error) {
	codes, slugs := make([]string, len(places)), make([]string, len(places))
	for i, place := range places {
		codes[i], slugs[i] = string(place), strings.ToLower(string(place))
	}
	if s.citus.Load() {
		return s.gatherOutline(ctx, codes, slugs)
	}
	return s.outline(ctx, outlineSQL, codes, slugs)
}

func (s *Store) outline(ctx context.Context, sql string, codes, slugs []string) (rates.Outline, error) {
	var outline rates.Outline
	err := s.ask(ctx, func(rows pgx.Rows) error {
		outline = rates.Outline{First: rates.MaxDay, Last: rates.MinDay, Names: map[rates.Place]rates.Named{}}
		for rows.Next() {
			var (
				first, last *time.Time
				code, name  *string
			)
			if err := rows.Scan(&outline.Version, &first, &last, &code, &name); err != nil {
				return err
			}
			if first != nil && last != nil {
				outline.First, outline.Last = rates.DayOf(*first), rates.DayOf(*last)
			}
			if code != nil && name != nil {
				outline.Names[rates.Place(strings.ToUpper(*code))] = rates.Named{Code: *code, Name: *name}
			}
		}
		return nil
	}, sql, codes, slugs)
	if err != nil {
		return rates.Outline{}, failed("ask for the outline of the data", err)
	}
	return outline, nil
}

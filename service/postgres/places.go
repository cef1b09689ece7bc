package postgres

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"example.com/rates/service/rates"
)

// Ports implements rates.Store.
func (s *Store) Ports(ctx context.Context) ([]rates.Port, int64, error) {
	const sql = `SELECT version, code, name, parent_slug FROM public.data_version LEFT JOIN public.ports ON true ORDER BY code`
	return listPlaces(ctx, s, sql, func(code, name, parent string) rates.Port {
		return rates.Port{Code: code, Name: name, Parent: parent}
	})
}

// Regions implements rates.Store.
func (s *Store) Regions(ctx context.Context) ([]rates.Region, int64, error) {
	const sql = `SELECT version, slug, name, parent_slug FROM public.data_version LEFT JOIN public.regions ON true ORDER BY slug`
	return listPlaces(ctx, s, sql, func(slug, name, parent string) rates.Region {
		return rates.Region{Slug: slug, Name: name, Parent: parent}
	})
}

func listPlaces[T any](ctx context.Context, s *Store, sql string, place func(key, name, parent string) T) ([]T, int64, error) {
	var (
		places  []T
		version int64
	)
	err := s.ask(ctx, func(rows pgx.Rows) error {
		places = nil
		for rows.Next() {
			var key, name, parent *string
			if err := rows.Scan(&version, &key, &name, &parent); err != nil {
				return err
			}
			if key == nil {
				continue // the only row of a join with an empty table
			}
			if parent == nil {
				parent = new("")
			}
			places = append(places, place(*key, *name, *parent))
		}
		return nil
	}, sql)
	if err != nil {
		return nil, 0, failed("ask for places", err)
	}
	return places, version, nil
}

// unknownPlace returns the error for a place that is neither a port nor a
// region, with the closest codes.
func (s *Store) unknownPlace(ctx context.Context, end rates.Field, place rates.Place) error {
	const sql = `SELECT code FROM public.ports UNION ALL SELECT slug FROM public.regions`
	var known []string
	err := s.ask(ctx, func(rows pgx.Rows) (err error) {
		known, err = pgx.CollectRows(rows, pgx.RowTo[string])
		return err
	}, sql)
	if err != nil {
		return failed("ask for known places", err)
	}
	return &rates.Error{
		Kind: rates.UnknownPlace, Field: end, Message: "There is no such port or region.",
		Hints: closest(strings.ToLower(string(place)), known),
	}
}

const maxHints = 3

// closest returns the known codes with the smallest edit distance to asked,
// nearest first. It leaves out those further away than half of its length.
func closest(asked string, known []string) []string {
	type candidate struct {
		code     string
		distance int
	}
	var near []candidate
	for _, code := range known {
		if d := editDistance(asked, strings.ToLower(code)); d <= len(asked)/2 {
			near = append(near, candidate{code, d})
		}
	}
	slices.SortFunc(near, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.distance, b.distance), cmp.Compare(a.code, b.code))
	})
	var codes []string
	for _, c := range near[:min(maxHints, len(near))] {
		codes = append(codes, c.code)
	}
	return codes
}

// editDistance returns the Levenshtein distance of two short ASCII strings.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			substitute := diagonal
			if a[i] != b[j] {
				substitute++
			}
			diagonal = row[j+1]
			row[j+1] = min(substitute, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}

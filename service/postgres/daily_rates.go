package postgres

import (
	"context"
	"errors"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/rates/service/rates"
)

// dailyRatesSQL costs one index-only range scan, whatever the places are: the
// database keeps sums for regions as it does for port pairs. Version and rows
// come from one snapshot.
const dailyRatesSQL = `
SELECT (SELECT version FROM public.data_version), day, total, count
FROM public.daily_rates
WHERE orig = $1 AND dest = $2 AND day BETWEEN $3 AND $4
ORDER BY day DESC`

// noRatesSQL repeats a question that had no rows, and says why: a lane without
// prices, or places that do not exist. It reads the rows again so that they, the
// version and the places come from one snapshot. As an aggregate it has one row in any
// case, and Citus still reads the version where the rows are; it knows no empty SELECT.
const noRatesSQL = `
SELECT (SELECT version FROM public.data_version),
       EXISTS (SELECT 1 FROM public.ports WHERE code = $1) OR EXISTS (SELECT 1 FROM public.regions WHERE slug = lower($1)),
       EXISTS (SELECT 1 FROM public.ports WHERE code = $2) OR EXISTS (SELECT 1 FROM public.regions WHERE slug = lower($2)),
       array_agg(day ORDER BY day DESC), array_agg(total ORDER BY day DESC), array_agg(count ORDER BY day DESC)
FROM public.daily_rates
WHERE orig = $1 AND dest = $2 AND day BETWEEN $3 AND $4`

// DailyRates implements rates.Store.
func (s *Store) DailyRates(ctx context.Context, q rates.Query) (rates.Answer, error) {
	var answer rates.Answer
	err := s.ask(ctx, func(rows pgx.Rows) (err error) {
		answer, err = collectRates(rows, q)
		return err
	}, dailyRatesSQL, binaryRows, string(q.Origin), string(q.Destination), q.From.Time(), q.To.Time())
	if err != nil {
		return rates.Answer{}, failed("ask for daily rates", err)
	}
	if len(answer.Rates) == 0 {
		return s.noRates(ctx, q)
	}
	return answer, nil
}

// binaryRows asks for columns in the format that collectRates reads.
var binaryRows = pgx.QueryResultFormats{pgx.BinaryFormatCode}

// collectRates reads the columns without pgx's conversions: this is the hot path,
// and PostgreSQL's binary dates and integers are those of the domain.
func collectRates(rows pgx.Rows, q rates.Query) (rates.Answer, error) {
	answer := rates.Answer{}
	for rows.Next() {
		if answer.Rates == nil {
			answer.Rates = make([]rates.DailyRate, 0, q.Days())
		}
		columns := rows.RawValues()
		if len(columns) != 4 || len(columns[0]) != 8 || len(columns[1]) != 4 || len(columns[2]) != 8 || len(columns[3]) != 8 {
			return rates.Answer{}, errors.New("row does not have the expected types")
		}
		answer.Version = readInt64(columns[0])
		answer.Rates = append(answer.Rates, rates.DailyRate{
			Day:   rates.Day(readInt32(columns[1])),
			Total: readInt64(columns[2]),
			Count: readInt64(columns[3]),
		})
	}
	return answer, nil
}

func (s *Store) noRates(ctx context.Context, q rates.Query) (rates.Answer, error) {
	var (
		answer                 rates.Answer
		knowsOrigin, knowsDest bool
	)
	err := s.ask(ctx, func(rows pgx.Rows) error {
		answer = rates.Answer{}
		var (
			days           []time.Time
			totals, counts []int64
		)
		for rows.Next() {
			if err := rows.Scan(&answer.Version, &knowsOrigin, &knowsDest, &days, &totals, &counts); err != nil {
				return err
			}
		}
		for i, day := range days {
			answer.Rates = append(answer.Rates, rates.DailyRate{Day: rates.DayOf(day), Total: totals[i], Count: counts[i]})
		}
		return nil
	}, noRatesSQL, string(q.Origin), string(q.Destination), q.From.Time(), q.To.Time())
	if err != nil {
		return rates.Answer{}, failed("ask why there are no rates", err)
	}
	switch {
	case !knowsOrigin:
		return rates.Answer{}, s.unknownPlace(ctx, rates.FieldOrigin, q.Origin)
	case !knowsDest:
		return rates.Answer{}, s.unknownPlace(ctx, rates.FieldDestination, q.Destination)
	default:
		return answer, nil
	}
}

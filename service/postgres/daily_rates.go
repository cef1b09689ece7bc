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
// version and the places come from one snapshot.
const noRatesSQL = `
SELECT version,
       EXISTS (SELECT FROM public.ports WHERE code = $1) OR EXISTS (SELECT FROM public.regions WHERE slug = lower($1)),
       EXISTS (SELECT FROM public.ports WHERE code = $2) OR EXISTS (SELECT FROM public.regions WHERE slug = lower($2)),
       day, total, count
FROM public.data_version LEFT JOIN public.daily_rates ON orig = $1 AND dest = $2 AND day BETWEEN $3 AND $4
ORDER BY day DESC`

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
			day          *time.Time
			total, count *int64
		)
		for rows.Next() {
			if err := rows.Scan(&answer.Version, &knowsOrigin, &knowsDest, &day, &total, &count); err != nil {
				return err
			}
			if day != nil {
				answer.Rates = append(answer.Rates, rates.DailyRate{Day: rates.DayOf(*day), Total: *total, Count: *count})
			}
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

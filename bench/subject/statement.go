package subject

import (
	"context"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/rates/bench/load"
	"example.com/rates/service/postgres"
	"example.com/rates/service/rates"
)

// AskStore runs a query on the service's own store, and returns the first statement
// that the store sends and the number of days that it finds.
func AskStore(ctx context.Context, url string, q rates.Query) (load.Statement, int, error) {
	const patience = 10 * time.Second
	seen := &recorder{}
	store, err := postgres.Open(ctx, postgres.Config{URL: url, MaxConns: 1, Timeout: patience, Tracer: seen})
	if err != nil {
		return load.Statement{}, 0, err
	}
	defer store.Close()
	answer, err := store.DailyRates(ctx, q)
	if err != nil {
		return load.Statement{}, 0, fmt.Errorf("ask the store: %w", err)
	}
	return seen.first, len(answer.Rates), nil
}

// recorder keeps the first statement.
type recorder struct{ first load.Statement }

// TraceQueryStart implements pgx.QueryTracer.
func (r *recorder) TraceQueryStart(ctx context.Context, _ *pgx.Conn, data pgx.TraceQueryStartData) context.Context {
	if r.first.SQL != "" {
		return ctx
	}
	r.first.SQL = data.SQL
	for _, arg := range data.Args {
		switch arg := arg.(type) {
		case string:
			r.first.Values = append(r.first.Values, arg)
		case time.Time:
			r.first.Values = append(r.first.Values, arg.Format(time.DateOnly))
		}
	}
	return ctx
}

// TraceQueryEnd implements pgx.QueryTracer.
func (*recorder) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

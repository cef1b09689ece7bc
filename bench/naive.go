package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"

	"example.com/rates/internal/cli"
	"example.com/rates/service/accesslog"
	"example.com/rates/service/admission"
	"example.com/rates/service/httpapi"
	"example.com/rates/service/postgres"
	"example.com/rates/service/rates"
)

type naiveCommand struct {
	Addr        string `required:"" help:"Where to listen."`
	DatabaseURL string `name:"database-url" required:"" help:"The database."`
}

// naiveSQL is the query of the service that this one replaces: it expands both
// places to their ports, and sums up the prices between them.
const naiveSQL = `
WITH RECURSIVE orig_regions AS (
    SELECT slug FROM regions WHERE slug = lower($1)
    UNION ALL
    SELECT r.slug FROM regions r JOIN orig_regions o ON r.parent_slug = o.slug
), dest_regions AS (
    SELECT slug FROM regions WHERE slug = lower($2)
    UNION ALL
    SELECT r.slug FROM regions r JOIN dest_regions d ON r.parent_slug = d.slug
), orig_ports AS (
    SELECT code FROM ports WHERE code = $1 OR parent_slug IN (SELECT slug FROM orig_regions)
), dest_ports AS (
    SELECT code FROM ports WHERE code = $2 OR parent_slug IN (SELECT slug FROM dest_regions)
)
SELECT (SELECT version FROM data_version), day, sum(price), count(*)
FROM prices
WHERE orig_code IN (SELECT code FROM orig_ports) AND dest_code IN (SELECT code FROM dest_ports)
  AND day BETWEEN $3 AND $4
GROUP BY day
ORDER BY day DESC`

// naiveStore is the service's store, except that DailyRates reads raw prices.
type naiveStore struct {
	rates.Store
	pool *pgxpool.Pool
}

// DailyRates implements rates.Store. An unknown place has no prices.
func (s naiveStore) DailyRates(ctx context.Context, q rates.Query) (rates.Answer, error) {
	rows, err := s.pool.Query(ctx, naiveSQL, string(q.Origin), string(q.Destination), q.From.Time(), q.To.Time())
	if err != nil {
		return rates.Answer{}, fmt.Errorf("ask for prices: %w", err)
	}
	defer rows.Close()
	var answer rates.Answer
	for rows.Next() {
		var day time.Time
		var rate rates.DailyRate
		if err := rows.Scan(&answer.Version, &day, &rate.Total, &rate.Count); err != nil {
			return rates.Answer{}, fmt.Errorf("read prices: %w", err)
		}
		rate.Day = rates.DayOf(day)
		answer.Rates = append(answer.Rates, rate)
	}
	if err := rows.Err(); err != nil {
		return rates.Answer{}, fmt.Errorf("read prices: %w", err)
	}
	return answer, nil
}

// Run serves the service's HTTP side on a naiveStore, with metrics and logs.
func (c *naiveCommand) Run(ctx context.Context, std cli.Streams) error {
	const conns, timeout, maxDays, maxQuestions = 16, 5 * time.Second, 3660, 256 // the service's defaults
	store, err := postgres.Open(ctx, postgres.Config{URL: c.DatabaseURL, MaxConns: 1, Timeout: timeout})
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	defer store.Close()
	cfg, err := pgxpool.ParseConfig(c.DatabaseURL)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	cfg.MaxConns = conns
	pool, err := pgxpool.NewWithConfig(ctx, cfg)
	if err != nil {
		return fmt.Errorf("database: %w", err)
	}
	defer pool.Close()
	metrics, err := httpapi.NewMetrics(prometheus.NewRegistry())
	if err != nil {
		return fmt.Errorf("register metrics: %w", err)
	}
	return listen(ctx, c.Addr, httpapi.New(httpapi.Config{
		Store: naiveStore{Store: store, pool: pool}, Log: accesslog.NewJSON(std.Err, slog.LevelInfo), Metrics: metrics,
		Questions: admission.New(admission.Config{Slots: conns, Most: maxQuestions, Patience: timeout}),
		MaxDays:   maxDays, Timeout: timeout,
	}))
}

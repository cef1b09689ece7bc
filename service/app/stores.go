package app

import (
	"context"
	"fmt"
	"strings"
	"time"

	"example.com/rates/service/postgres"
)

// database returns how to reach the database.
func (a *App) database() postgres.Config {
	return postgres.Config{
		URL: a.cfg.DatabaseURL, Primary: a.cfg.WatchURL, Login: a.login, Program: a.cfg.Program,
		MaxConns: a.cfg.DatabaseConns, Tracer: a.tracing.queryTracer(),
		// The deadline of the question comes first; this one is for the case that
		// the cancel request gets lost.
		Timeout: a.cfg.QuestionTimeout + time.Second,
	}
}

// tellDistribution says once that the database is distributed. Answers do not depend
// on it.
func (a *App) tellDistribution(ctx context.Context) {
	switch distributed, err := a.store.Distributed(ctx); {
	case err != nil:
		a.log.Warn("whether the database is distributed is not known", "error", err)
	case distributed:
		a.log.Info("the database is distributed: Citus plans each question, and sends it to the node that has the answer")
	}
}

// openStores prepares the connections for questions.
func (a *App) openStores(ctx context.Context) (err error) {
	if a.store, err = postgres.Open(ctx, a.database()); err != nil {
		return err
	}
	urls := []string{a.cfg.DatabaseURL}
	if a.cfg.WatchURL != "" {
		if a.primary, err = postgres.OpenPrimary(ctx, a.database()); err != nil {
			return fmt.Errorf("RATES_WATCH_URL: %w", err)
		}
		urls = append(urls, a.cfg.WatchURL)
	}
	for _, url := range urls {
		if ignored := postgres.Ignored(url); len(ignored) > 0 {
			a.log.Warn("parameters of the connection string have no effect", "parameters", strings.Join(ignored, ", "))
		}
	}
	return nil
}

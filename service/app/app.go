// Package app configures the service and wires its parts together.
package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"

	"example.com/rates/db/migrations"
	"example.com/rates/service/admission"
	"example.com/rates/service/httpapi"
	"example.com/rates/service/login"
	"example.com/rates/service/postgres"
	"example.com/rates/service/rates"
)

// App is a running service.
type App struct {
	cfg      Config
	logs     *logs
	log      *slog.Logger
	login    login.Source
	store    *postgres.Store
	primary  *postgres.Store // nil if the store is not of standbys
	watch    *postgres.Watch
	tracing  *tracing
	server   *listening
	admin    *listening
	failed   chan error
	draining atomic.Bool
}

// Limits of one connection. A question has a timeout of its own, after which
// there must be time to write the answer.
const (
	readTimeout = 5 * time.Second  // for a whole request, which needs no body
	writeMargin = 25 * time.Second // beyond the question's timeout
	idleTimeout = 2 * time.Minute
	maxHeader   = 16 << 10 // bytes of request line and headers
)

// Start waits for the database, for at most cfg.DatabaseWait, and then listens.
// Logs go to logTo. The error says what to do about it.
func Start(ctx context.Context, cfg Config, logTo io.Writer) (_ *App, err error) {
	logs := newLogs(cfg, logTo)
	a := &App{cfg: cfg, logs: logs, log: logs.log, failed: make(chan error, 2)}
	defer func() {
		if err != nil {
			_ = a.stop(context.WithoutCancel(ctx)) // the first error says more
		}
	}()
	if a.tracing, err = startTracing(ctx); err != nil {
		return nil, err
	}
	if a.login, err = login.New(cfg.DatabaseLogin, os.Getenv, a.log); err != nil {
		return nil, err
	}
	if err := a.openStores(ctx); err != nil {
		return nil, fmt.Errorf("database: %w", err)
	}
	if err := a.waitForDatabase(ctx); err != nil {
		return nil, err
	}
	a.tellDistribution(ctx)
	if err := a.listen(ctx); err != nil {
		return nil, err
	}
	a.log.Info("ready", "url", a.URL(), "admin", a.admin.url())
	return a, nil
}

// newCache returns nil if the cache is turned off.
func (a *App) newCache(registry *prometheus.Registry) (*httpapi.Cache, error) {
	if a.cfg.CacheMB < 1 {
		return nil, nil
	}
	const mebibyte = 1 << 20
	answers, err := httpapi.NewCache(uint64(a.cfg.CacheMB) * mebibyte)
	if err != nil {
		return nil, err
	}
	registry.MustRegister(&cacheCollector{stats: answers.Stats})
	return answers, nil
}

// patience is how long a question may take when others are before it; those that
// would take longer are refused.
const patience = 100 * time.Millisecond

// newQueue returns a queue that lets in as many questions at once as there may be
// connections to the database.
func (a *App) newQueue(registry *prometheus.Registry) *admission.Queue {
	queue := admission.New(admission.Config{
		Slots: int(a.cfg.DatabaseConns), Most: a.cfg.MaxQuestions, Patience: patience,
	})
	registry.MustRegister(&queueCollector{stats: queue.Stats})
	return queue
}

func (a *App) listen(ctx context.Context) (err error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
		&poolCollector{stat: a.store.PoolStat})
	metrics, err := httpapi.NewMetrics(registry)
	if err != nil {
		return fmt.Errorf("register metrics: %w", err)
	}
	answers, err := a.newCache(registry)
	if err != nil {
		return err
	}
	// Without the watch no answer can be kept, and no 304 given without a query.
	if a.watch, err = postgres.NewWatch(ctx, a.database(), a.log); err != nil {
		return fmt.Errorf("database: %w", err)
	}
	origins, err := parseOrigins(allowedOrigins, a.cfg.AllowedOrigins)
	if err != nil {
		return err
	}
	handler := httpapi.New(httpapi.Config{
		Cache: answers, Versions: a.watch,
		Store: drainable{Store: a.answers(registry), draining: &a.draining}, Log: a.logs.access, Metrics: metrics,
		Questions: a.newQueue(registry), MaxDays: a.cfg.MaxDays, Timeout: a.cfg.QuestionTimeout,
		AllowedOrigins: origins, Stopping: a.draining.Load, Wrap: a.tracing.handlerWrapper(),
	})
	a.server, err = a.serve(ctx, a.cfg.Addr, "RATES_ADDR", handler)
	if err != nil {
		return err
	}
	if a.cfg.AdminAddr != adminOff {
		a.admin, err = a.serve(ctx, a.cfg.AdminAddr, "RATES_ADMIN_ADDR", adminHandler(registry))
	}
	return err
}

// answers returns what is asked: the database, or its standbys.
func (a *App) answers(registry *prometheus.Registry) rates.Store {
	if a.primary == nil {
		return a.store
	}
	replicas := postgres.NewReplicas(postgres.ReplicasConfig{
		Standbys: a.store, Primary: a.primary, Watch: a.watch, MaxLag: a.cfg.MaxLag, Log: a.log,
	})
	registry.MustRegister(&replicaCollector{stats: replicas.Stats})
	return replicas
}

// URL returns the address of the service as a client on this machine uses it.
func (a *App) URL() string { return a.server.url() }

// AdminURL returns the address of the metrics, "" if they are not served.
func (a *App) AdminURL() string { return a.admin.url() }

// Failed receives an error when a server stops by itself.
func (a *App) Failed() <-chan error { return a.failed }

// waitForDatabase waits until the database can answer questions. It does not wait
// for one that answers and refuses, for example because it does not exist: whoever
// creates it later starts the service later too, or again.
func (a *App) waitForDatabase(ctx context.Context) error {
	waiting, cancel := context.WithTimeout(ctx, a.cfg.DatabaseWait)
	defer cancel()
	const longest = time.Second
	pause := 20 * time.Millisecond
	for try := 1; ; try++ {
		err := a.readyOnce(ctx)
		if err == nil || errors.Is(err, migrations.ErrSchema) {
			return err
		}
		if refused, ok := errors.AsType[*postgres.RefusedError](err); ok {
			return refused
		}
		if known, ok := errors.AsType[*rates.Error](err); ok && known.Cause != nil {
			err = known.Cause // the message is for those who ask over HTTP
		}
		if _, ok := errors.AsType[login.SettingsError](err); ok {
			return err
		}
		if try == 1 {
			a.log.Warn("waiting for the database", "at_most", a.cfg.DatabaseWait.String(), "error", err)
		}
		select {
		case <-waiting.Done():
			if ctx.Err() != nil {
				return fmt.Errorf("wait for the database: %w", ctx.Err())
			}
			if _, ok := errors.AsType[*postgres.LoginError](err); ok {
				return fmt.Errorf("there was no login for the database within %v: %w", a.cfg.DatabaseWait, err)
			}
			return fmt.Errorf("the database did not answer within %v; check DATABASE_URL and that the database runs: %w",
				a.cfg.DatabaseWait, err)
		case <-time.After(pause):
			pause = min(2*pause, longest)
		}
	}
}

// readyOnce checks once, even if there is no time to wait.
func (a *App) readyOnce(ctx context.Context) error {
	const patience = 5 * time.Second
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	return a.store.Ready(ctx)
}

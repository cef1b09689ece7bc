package steps_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/cucumber/godog"
	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
)

// replicasTag is on features that need standbys, which need pg_basebackup.
const replicasTag = "@replicas"

func (w *world) registerReplicas(sc *godog.ScenarioContext) {
	sc.Step(`^a primary with two standbys$`, w.aPrimaryWithStandbys)
	sc.Step(`^the service runs on the standbys$`, w.runOnStandbys)
	sc.Step(`^the service spreads its questions over the standbys$`, w.spreadOverStandbys)
	sc.Step(`^each standby is asked$`, func(ctx context.Context) error { return w.eachStandby(ctx, w.isAsked) })
	sc.Step(`^the standbys fall behind$`, func(ctx context.Context) error { return w.eachStandby(ctx, w.cluster.Pause) })
	sc.Step(`^the standbys follow again$`, func(ctx context.Context) error { return w.eachStandby(ctx, w.cluster.Resume) })
	sc.Step(`^the metrics soon tell how far the standbys are behind$`, w.theMetricsTellTheLag)
	sc.Step(`^the first standby dies$`, func() error { return w.cluster.StopStandby(0) })
	sc.Step(`^the primary dies$`, func() error { return w.cluster.StopPrimary() })
	sc.Step(`^the first standby takes over$`, w.theFirstStandbyTakesOver)
}

func (w *world) aPrimaryWithStandbys(ctx context.Context) (err error) {
	if w.cluster, err = dbtest.StartCluster(ctx, 2); err != nil {
		return err
	}
	w.atEnd(func(context.Context) error { return w.cluster.Close() })
	w.db = w.cluster.Primary
	return w.own()
}

func (w *world) runOnStandbys(ctx context.Context) error {
	return w.runOn(ctx, readerOf(w.cluster.Standbys...))
}

// spreadOverStandbys replaces the connections every second, so that sooner or later
// each standby has one that is used.
func (w *world) spreadOverStandbys(ctx context.Context) error {
	return w.runOn(ctx, readerOf(w.cluster.Standbys...)+"&load_balance_hosts=random&pool_max_conn_lifetime=1s"+patient)
}

// runOn starts the service on some standbys, once all have all data.
func (w *world) runOn(ctx context.Context, standbys string) error {
	if err := w.cluster.Follow(ctx); err != nil {
		return err
	}
	maps.Copy(w.settings, map[string]string{
		"DATABASE_URL":    standbys,
		"RATES_WATCH_URL": readerOf(append(w.cluster.Standbys, w.cluster.Primary)...),
	})
	return w.startService(ctx)
}

// readerOf returns the URL of the database on several servers, for the service.
func readerOf(servers ...dbtest.Database) string {
	var hosts []string
	for _, server := range servers {
		u, err := url.Parse(server.URL)
		if err != nil {
			panic(err) // package embedded made it
		}
		hosts = append(hosts, u.Query().Get("host"))
	}
	u, err := url.Parse(servers[0].As(dbtest.Reader))
	if err != nil {
		panic(err)
	}
	query := u.Query()
	query.Set("host", strings.Join(hosts, ","))
	u.RawQuery = query.Encode()
	return u.String()
}

// isAsked waits until a standby has been asked for rates.
func (w *world) isAsked(ctx context.Context, standby int) error {
	conn, err := pgx.Connect(ctx, w.cluster.Standbys[standby].URL)
	if err != nil {
		return fmt.Errorf("connect to standby %d: %w", standby, err)
	}
	defer func() { _ = conn.Close(ctx) }() // it is idle
	return testkit.Retry(func() error {
		var asked bool
		const sql = `SELECT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'rates' AND query LIKE '%daily_rates%')`
		if err := conn.QueryRow(ctx, sql).Scan(&asked); err != nil {
			return fmt.Errorf("query who asks standby %d: %w", standby, err)
		}
		if !asked {
			return fmt.Errorf("standby %d was not asked", standby)
		}
		return nil
	})
}

func (w *world) eachStandby(ctx context.Context, do func(context.Context, int) error) error {
	var errs []error
	for number := range w.cluster.Standbys {
		errs = append(errs, do(ctx, number))
	}
	return errors.Join(errs...)
}

func (w *world) theMetricsTellTheLag(ctx context.Context) error {
	return testkit.Retry(func() error {
		if err := w.ask(ctx, w.asked); err != nil {
			return err
		}
		got, err := w.exchange(ctx, w.service.admin, request{method: http.MethodGet, target: "/metrics"})
		if err != nil {
			return err
		}
		_, text, _ := strings.Cut(string(got.body), "\nreplica_behind_seconds ")
		text, _, _ = strings.Cut(text, "\n")
		if behind, err := strconv.ParseFloat(text, 64); err != nil || behind <= 0 {
			return fmt.Errorf("replica_behind_seconds is %q", text)
		}
		return nil
	})
}

func (w *world) theFirstStandbyTakesOver(ctx context.Context) error {
	if err := w.cluster.Promote(ctx, 0); err != nil {
		return err
	}
	w.db, w.admin = w.cluster.Standbys[0], nil
	return nil
}

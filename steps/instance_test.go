package steps_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
)

// seedFile has the project's own data. The path is relative to the repository.
const seedFile = "db/rates.sql"

// instance is a running service.
type instance struct {
	proc  *process
	url   string
	admin string // URL of its metrics
}

// serveSettings returns the default settings of a service in scenarios.
func serveSettings(database string) map[string]string {
	return map[string]string{
		"DATABASE_URL":           database,
		"RATES_ADDR":             "127.0.0.1:0",
		"RATES_ADMIN_ADDR":       "127.0.0.1:0",
		"RATES_DRAIN_DELAY":      "0s",
		"RATES_DATABASE_WAIT":    testkit.Patience.String(),
		"RATES_QUESTION_TIMEOUT": testkit.Patience.String(),
	}
}

// patient is for the connection string of a service that connects again and again: on
// a busy machine a connection may take longer than the service waits for one.
const patient = "&connect_timeout=60"

// serve starts a service and waits until it is ready or has ended; neither is an
// error.
func (p program) serve(dir string, settings map[string]string) (*instance, error) {
	started, err := p.launchService(dir, settings)
	if err != nil {
		return nil, err
	}
	return started, started.await()
}

// launchService starts a service without waiting for it.
func (p program) launchService(dir string, settings map[string]string) (*instance, error) {
	proc, err := p.start(launch{dir: dir, env: settings, args: []string{"serve"}})
	if err != nil {
		return nil, err
	}
	return &instance{proc: proc}, nil
}

// await waits until the service is ready or has ended.
func (i *instance) await() error {
	return testkit.Retry(func() error {
		for line := range strings.Lines(i.proc.stderr.String()) {
			var entry struct{ Msg, URL, Admin string }
			if json.Unmarshal([]byte(line), &entry) == nil && entry.Msg == "ready" {
				i.url, i.admin = entry.URL, entry.Admin
				return nil
			}
		}
		select {
		case <-i.proc.ended:
			return nil
		default:
			return fmt.Errorf("the service is not ready; it wrote:\n%s", i.proc.stderr.String())
		}
	})
}

// running returns the URL of the instance under test.
func (w *world) running(ctx context.Context) (string, error) {
	if w.smoke {
		return w.suite.smoke()
	}
	if w.service == nil {
		if err := w.startService(ctx); err != nil {
			return "", err
		}
	}
	if w.service.url == "" {
		return "", fmt.Errorf("the service did not start; it wrote:\n%s", w.service.proc.stderr.String())
	}
	return w.service.url, nil
}

// startService starts a service on the database of the scenario, and waits
// until it is ready or has ended.
func (w *world) startService(ctx context.Context) error {
	if err := w.launchService(ctx); err != nil {
		return err
	}
	return w.service.await()
}

func (w *world) launchService(ctx context.Context) error {
	db, err := w.database(ctx)
	if err != nil {
		return err
	}
	url := db.As(dbtest.Reader)
	if w.line != nil {
		url = w.line.Through(url)
	}
	if w.parameters != "" {
		url += "&" + w.parameters
	}
	settings := serveSettings(url)
	maps.Copy(settings, w.settings)
	started, err := w.program.launchService(w.dir, settings)
	if err != nil {
		return err
	}
	w.service = started
	w.atEnd(func(context.Context) error { return started.proc.stop() })
	return nil
}

// seededInstance returns a function that returns the URL of an instance with the
// project's own data. The first call starts it.
func (s *suite) seededInstance(t *testing.T) func() (string, error) {
	t.Helper()
	root, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	return sync.OnceValues(func() (string, error) {
		ctx := context.Background()
		db, err := s.databases.take(ctx)
		if err != nil {
			return "", err
		}
		t.Cleanup(func() {
			if err := s.databases.server.Drop(ctx, db.Name); err != nil {
				t.Error(err)
			}
		})
		loading, err := s.program.start(launch{
			dir: dir, env: map[string]string{"DATABASE_URL": db.As(dbtest.Loader)},
			args: []string{"import", filepath.Join(root, seedFile)},
		})
		if err != nil {
			return "", err
		}
		if err := errors.Join(loading.wait(), loading.failure()); err != nil {
			return "", err
		}
		started, err := s.program.serve(dir, serveSettings(db.As(dbtest.Reader)))
		if err != nil {
			return "", err
		}
		t.Cleanup(func() {
			if err := started.proc.stop(); err != nil {
				t.Error(err)
			}
		})
		if started.url == "" {
			return "", fmt.Errorf("the service did not start; it wrote:\n%s", started.proc.stderr.String())
		}
		return started.url, nil
	})
}

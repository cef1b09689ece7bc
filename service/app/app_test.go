package app_test

import (
	"context"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"

	"go.uber.org/goleak"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
	"example.com/rates/service/app"
)

func TestMain(m *testing.M) {
	// The tests must not depend on the tracing of this machine.
	for _, variable := range os.Environ() {
		if name, _, _ := strings.Cut(variable, "="); strings.HasPrefix(name, "OTEL_") {
			os.Unsetenv(name)
		}
	}
	dbtest.Main(m)
}

const world = `
INSERT INTO regions VALUES ('china', 'China', NULL), ('baltic', 'Baltic', NULL);
INSERT INTO ports VALUES ('CNGGZ', 'Guangzhou', 'china'), ('EETLL', 'Tallinn', 'baltic');
INSERT INTO prices SELECT 'CNGGZ', 'EETLL', date '2021-01-01' + n / 3, 1000 + n FROM generate_series(0, 92) AS n`

// newDatabase returns a database with a month of prices.
func newDatabase(t *testing.T) dbtest.Database {
	t.Helper()
	database := dbtest.New(t)
	database.Exec(t, world)
	return database
}

const question = "/rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL"

// newConfig returns a configuration for tests, on free ports.
func newConfig(url string) app.Config {
	return app.Config{
		DatabaseURL: url, Addr: "127.0.0.1:0", AdminAddr: "127.0.0.1:0",
		MaxDays: 3660, MaxQuestions: 64, QuestionTimeout: testkit.Patience, CacheMB: 1,
		DatabaseConns: 32, DatabaseWait: testkit.Patience, DrainTimeout: testkit.Patience,
		LogLevel: "info", LogFormat: "json",
	}
}

// running is an App with its log.
type running struct {
	*app.App
	logs *testkit.Buffer
	once sync.Once
}

// start starts an App and closes it when the test ends; none of its goroutines
// may be left then.
func start(t *testing.T, cfg app.Config) *running {
	t.Helper()
	before := goleak.IgnoreCurrent()
	r := &running{logs: &testkit.Buffer{}}
	var err error
	if r.App, err = app.Start(t.Context(), cfg, r.logs); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		r.once.Do(func() {
			if err := r.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
		http.DefaultClient.CloseIdleConnections()
		wantNoGoroutines(t, before)
	})
	return r
}

// wantNoGoroutines waits until no goroutines are left but those that options ignore.
// Some of a connection that was given up end later than goleak waits on a slow machine.
func wantNoGoroutines(t *testing.T, options ...goleak.Option) {
	t.Helper()
	if err := testkit.Retry(func() error { return goleak.Find(options...) }); err != nil {
		t.Error(err)
	}
}

// closed closes the App before the test ends.
func (r *running) closed(ctx context.Context) (err error) {
	r.once.Do(func() { err = r.Close(ctx) })
	return err
}

// wantStatus sends a request, checks the status and returns the body.
func wantStatus(t *testing.T, url string, want int) string {
	t.Helper()
	status, body, err := testkit.Get(t.Context(), url)
	if err != nil || status != want {
		t.Fatalf("%s: status %d, %v, want %d\n%s", url, status, err, want, body)
	}
	return body
}

// A started App answers from the database, and logs its address.
func TestAnswers(t *testing.T) {
	for _, cacheMB := range []int{0, 1} {
		cfg := newConfig(newDatabase(t).As(dbtest.Reader))
		cfg.CacheMB = cacheMB
		a := start(t, cfg)
		for range 3 {
			body := wantStatus(t, a.URL()+question, http.StatusOK)
			if !strings.HasPrefix(body, `{"rates":[{"count":3,"day":"2021-01-31","price":1091},`) {
				t.Errorf("cache of %d MiB: the answer is %s", cacheMB, body)
			}
		}
		wantStatus(t, a.URL()+"/readyz", http.StatusOK)
		if log := a.logs.String(); !strings.Contains(log, `"msg":"ready","url":"`+a.URL()+`"`) {
			t.Errorf("the log lacks the address:\n%s", log)
		}
	}
}

// Cached answers follow the data.
func TestAnswersFollowTheData(t *testing.T) {
	database := newDatabase(t)
	a := start(t, newConfig(database.As(dbtest.Reader)))
	wantStatus(t, a.URL()+question, http.StatusOK)
	database.Exec(t, `UPDATE prices SET price = 5`)
	testkit.Eventually(t, "the answer has the new prices", func() bool {
		return strings.HasPrefix(wantStatus(t, a.URL()+question, http.StatusOK), `{"rates":[{"count":3,"day":"2021-01-31","price":5},`)
	})
}

// Metrics and profiles are on the admin address, not on the public one.
func TestAdmin(t *testing.T) {
	a := start(t, newConfig(newDatabase(t).As(dbtest.Reader)))
	wantStatus(t, a.URL()+question, http.StatusOK)
	metrics := wantStatus(t, a.AdminURL()+"/metrics", http.StatusOK)
	for _, want := range []string{
		`http_requests_total{method="GET",route="/rates",status="200"} 1`,
		`http_request_duration_seconds_count{route="/rates"} 1`,
		`database_connections{state="idle"} `, `database_connections{state="in_use"} 0`, `database_connections{state="connecting"} `,
		"database_connections_max 32", "database_acquires_total ", "database_acquires_waited_total ", "database_acquire_wait_seconds_total ",
		`questions{state="asked"} 0`, `questions{state="waiting"} 0`, "questions_refused_total 0",
		"cache_hits_total ", "cache_misses_total ", "cache_entries ", "cache_bytes ",
		"go_goroutines ", "process_resident_memory_bytes ",
	} {
		if !strings.Contains(metrics, "\n"+want) {
			t.Errorf("the metrics lack %s", want)
		}
	}
	if profile := wantStatus(t, a.AdminURL()+"/debug/pprof/goroutine?debug=1", http.StatusOK); !strings.HasPrefix(profile, "goroutine profile:") {
		t.Errorf("the profile begins %.40q", profile)
	}
	for _, path := range []string{"/metrics", "/debug/pprof/", "/debug/pprof/goroutine"} {
		wantStatus(t, a.URL()+path, http.StatusNotFound)
	}
	wantStatus(t, a.AdminURL()+"/rates", http.StatusNotFound)
}

// The metrics show the size of the cache and how often it had the answer.
func TestCacheMetrics(t *testing.T) {
	a := start(t, newConfig(newDatabase(t).As(dbtest.Reader)))
	var metrics string
	testkit.Eventually(t, "an answer comes from the cache", func() bool {
		wantStatus(t, a.URL()+question, http.StatusOK)
		metrics = wantStatus(t, a.AdminURL()+"/metrics", http.StatusOK)
		return !strings.Contains(metrics, "\ncache_hits_total 0\n")
	})
	for _, want := range []string{"cache_hits_total 1", "cache_misses_total 1", "cache_entries 1"} {
		if !strings.Contains(metrics, "\n"+want+"\n") {
			t.Errorf("the metrics lack %s:\n%s", want, metrics)
		}
	}
}

// The admin server can be turned off.
func TestAdminOff(t *testing.T) {
	cfg := newConfig(newDatabase(t).As(dbtest.Reader))
	cfg.AdminAddr = "off"
	if a := start(t, cfg); a.AdminURL() != "" {
		t.Errorf("the admin address is %s", a.AdminURL())
	}
}

// The log says once that the database is distributed.
func TestTellsDistribution(t *testing.T) {
	database := newDatabase(t)
	database.PretendCitus(t)
	a := start(t, newConfig(database.As(dbtest.Reader)))
	wantStatus(t, a.URL()+question, http.StatusOK)
	if log := a.logs.String(); strings.Count(log, "the database is distributed") != 1 {
		t.Errorf("the log says\n%s", log)
	}
}

// Log lines have the configured level and format.
func TestLogs(t *testing.T) {
	url := newDatabase(t).As(dbtest.Reader)
	for _, c := range []struct {
		level, format string
		want, not     string
	}{
		{"info", "json", `{"time":"`, "/healthz"},
		{"debug", "text", "level=DEBUG msg=request", `{"time":"`},
		{"warn", "text", "", "level=INFO"},
	} {
		cfg := newConfig(url)
		cfg.LogLevel, cfg.LogFormat = c.level, c.format
		a := start(t, cfg)
		wantStatus(t, a.URL()+question, http.StatusOK)
		wantStatus(t, a.URL()+"/healthz", http.StatusOK)
		if err := a.closed(t.Context()); err != nil {
			t.Error(err)
		}
		if log := a.logs.String(); !strings.Contains(log, c.want) || strings.Contains(log, c.not) ||
			c.level != "warn" && strings.Count(log, "CNGGZ") != 1 {
			t.Errorf("%s as %s:\n%s", c.level, c.format, log)
		}
	}
}

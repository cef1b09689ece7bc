package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"go.uber.org/goleak"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
	"example.com/rates/service/app"
)

// differentQuestion returns a question that differs for each n.
func differentQuestion(n int) string {
	from := time.Date(2021, 1, 1, 0, 0, 0, 0, time.UTC).AddDate(0, 0, -n)
	return fmt.Sprintf("/rates?date_from=%s&date_to=%s&orig_code=CNGGZ&dest_code=EETLL",
		from.Format(time.DateOnly), from.AddDate(0, 0, 30).Format(time.DateOnly))
}

// flood asks the questions first to end-1 over 16 connections, which it closes. If
// hungUp is not 0, every hungUp-th client hangs up at once.
func flood(t *testing.T, url string, first, end, hungUp int) {
	t.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 16}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport}
	questions := make(chan int)
	var clients sync.WaitGroup
	for range 16 {
		clients.Go(func() {
			for n := range questions {
				leaves := hungUp > 0 && n%hungUp == 0
				if err := floodOnce(t.Context(), client, url+differentQuestion(n), leaves); err != nil {
					t.Errorf("question %d: %v", n, err)
				}
			}
		})
	}
	for n := first; n < end; n++ {
		questions <- n
	}
	close(questions)
	clients.Wait()
}

func floodOnce(ctx context.Context, client *http.Client, url string, leaves bool) error {
	ctx, hangUp := context.WithCancel(ctx)
	defer hangUp()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	if leaves {
		go hangUp()
	}
	response, err := client.Do(r)
	if leaves {
		if err == nil {
			response.Body.Close()
		}
		return nil
	}
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return errors.New(response.Status)
	}
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

// connections returns how many connections the service has, and how many of them
// are busy.
func connections(t *testing.T, conn *pgx.Conn) (all, busy int) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), `SELECT count(*), count(*) FILTER (WHERE state <> 'idle') FROM pg_stat_activity
		WHERE datname = current_database() AND application_name LIKE 'rates%'`).Scan(&all, &busy); err != nil {
		t.Fatal(err)
	}
	return all, busy
}

// After heavy load, with clients that hung up, the running service has no more
// goroutines than before, and no more connections to the database than allowed,
// all of them idle. Once stopped it has none.
func TestLoadLeavesNothingBehind(t *testing.T) {
	for _, cacheMB := range []int{0, 1} {
		t.Run(fmt.Sprintf("cache of %d MiB", cacheMB), func(t *testing.T) {
			database := newDatabase(t)
			admin := database.Connect(t)
			cfg := newConfig(database.As(dbtest.Reader))
			cfg.CacheMB, cfg.LogLevel = cacheMB, "warn"
			a := start(t, cfg)
			flood(t, a.URL(), 0, 100, 0) // starts everything that is started once
			quiet := func() bool { return inFlight(t, a.App) == 0 }
			testkit.Eventually(t, "the first questions are over", quiet)
			http.DefaultClient.CloseIdleConnections()
			before := goleak.IgnoreCurrent()

			flood(t, a.URL(), 100, 500, 3)
			testkit.Eventually(t, "no question is running", quiet)
			http.DefaultClient.CloseIdleConnections()
			testkit.Eventually(t, "the connections are idle", func() bool {
				_, busy := connections(t, admin)
				return busy == 0
			})
			const watch = 1
			if all, _ := connections(t, admin); all > int(cfg.DatabaseConns)+watch {
				t.Errorf("%d connections to the database, want at most %d and one that watches", all, cfg.DatabaseConns)
			}
			// pgx reads in the background of a long write, and goes on until the next
			// answer on the connection: one goroutine for each connection.
			const reader = "github.com/jackc/pgx/v5/pgconn/internal/bgreader.(*BGReader).bgRead"
			wantNoGoroutines(t, before, goleak.IgnoreAnyFunction(reader))

			if err := a.closed(t.Context()); err != nil {
				t.Error(err)
			}
			testkit.Eventually(t, "no connection is left", func() bool {
				all, _ := connections(t, admin)
				return all == 0
			})
		})
	}
}

// inFlight returns the number of running requests from the metrics.
func inFlight(t *testing.T, a *app.App) (n int) {
	t.Helper()
	metrics := wantStatus(t, a.AdminURL()+"/metrics", http.StatusOK)
	_, value, found := strings.Cut(metrics, "\nhttp_requests_in_flight ")
	if _, err := fmt.Sscan(value, &n); !found || err != nil {
		t.Fatalf("the metrics lack the requests in flight: %v", err)
	}
	return n
}

// Once the cache is full, new questions take no more memory: after twice as
// many as filled it, the heap has the same size.
func TestNewQuestionsTakeNoMoreMemory(t *testing.T) {
	const fill, more, allowed = 600, 1200, 1 << 20
	cfg := newConfig(newDatabase(t).As(dbtest.Reader))
	cfg.LogLevel = "warn"
	a := start(t, cfg)
	flood(t, a.URL(), 0, fill, 0)
	before := heap()
	flood(t, a.URL(), fill, fill+more, 0)
	if after := heap(); after > before+allowed {
		t.Errorf("the heap grew from %d to %d bytes", before, after)
	}
}

// heap returns the bytes that are in use.
func heap() uint64 {
	var stats runtime.MemStats
	runtime.GC()
	runtime.GC() // the items of a sync.Pool survive the first
	runtime.ReadMemStats(&stats)
	return stats.HeapAlloc
}

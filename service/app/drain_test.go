package app_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"example.com/rates/db/dbtest"
	"example.com/rates/internal/testkit"
)

// waiting returns how many questions wait for the lock.
func waiting(t *testing.T, conn *pgx.Conn) (n int) {
	t.Helper()
	if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM pg_stat_activity
		WHERE datname = current_database() AND application_name = 'rates' AND wait_event_type = 'Lock'`).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

// outcome is the result of a request.
type outcome struct {
	status int
	err    error
}

// askSlowly asks n different questions concurrently, which wait for the lock.
func askSlowly(t *testing.T, a *running, n int) <-chan outcome {
	t.Helper()
	outcomes := make(chan outcome, n)
	for i := range n {
		go func() {
			target := strings.Replace(question, "2021-01-31", fmt.Sprintf("2021-01-%02d", 1+i), 1)
			status, _, err := testkit.Get(context.WithoutCancel(t.Context()), a.URL()+target)
			outcomes <- outcome{status, err}
		}()
	}
	return outcomes
}

// refused reports whether connections are refused.
func refused(url string) bool {
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err == nil {
		conn.Close()
	}
	return err != nil
}

// Nobody sends requests to a service that nobody has connected to, so it stops at once.
func TestCloseWithoutClients(t *testing.T) {
	cfg := newConfig(newDatabase(t).As(dbtest.Reader))
	cfg.DrainDelay = time.Hour
	a := start(t, cfg)
	if err := a.Close(t.Context()); err != nil {
		t.Error(err)
	}
}

// Questions that are running when the service is told to stop are answered,
// however long they take.
func TestCloseWaitsForRunningRequests(t *testing.T) {
	database := newDatabase(t)
	admin := database.Connect(t)
	a := start(t, newConfig(database.As(dbtest.Reader)))
	unlock := database.LockRates(t)
	const questions = 5
	outcomes := askSlowly(t, a, questions)
	testkit.Eventually(t, "the questions wait", func() bool { return waiting(t, admin) == questions })
	closed := make(chan error, 1)
	go func() { closed <- a.closed(context.WithoutCancel(t.Context())) }()
	testkit.Eventually(t, "connections are refused", func() bool { return refused(a.URL()) })
	select {
	case err := <-closed:
		t.Errorf("closed before the questions were answered: %v", err)
	default:
	}
	unlock()
	for range questions {
		if got := <-outcomes; got.status != http.StatusOK {
			t.Errorf("a running question got %+v", got)
		}
	}
	if err := <-closed; err != nil {
		t.Errorf("Close: %v", err)
	}
}

// While it drains, the service says that it is not ready but still answers. A
// client that heeds this loses no request, whether or not it reuses connections.
func TestNothingIsLostWhileDraining(t *testing.T) {
	cfg := newConfig(newDatabase(t).As(dbtest.Reader))
	cfg.DrainDelay = 500 * time.Millisecond
	a := start(t, cfg)
	wantStatus(t, a.URL()+question, http.StatusOK) // the delay is for services that have clients
	http.DefaultClient.CloseIdleConnections()
	var wg sync.WaitGroup
	for worker := range 6 {
		client := &http.Client{Transport: &http.Transport{DisableKeepAlives: worker%2 == 0}}
		wg.Go(func() {
			defer client.CloseIdleConnections()
			for asked := 0; ; asked++ {
				if !checkAnswered(t, client, a.URL(), asked) {
					return
				}
			}
		})
	}
	if err := a.closed(t.Context()); err != nil {
		t.Errorf("Close: %v", err)
	}
	wg.Wait()
}

// checkAnswered asks a question if the service is ready, and reports whether it is.
func checkAnswered(t *testing.T, client *http.Client, url string, asked int) (ready bool) {
	t.Helper()
	for path, allowed := range map[string]int{"/readyz": http.StatusServiceUnavailable, question: http.StatusOK} {
		request, err := http.NewRequestWithContext(context.WithoutCancel(t.Context()), http.MethodGet, url+path, nil)
		if err != nil {
			t.Error(err)
			return false
		}
		response, err := client.Do(request)
		if err != nil {
			t.Errorf("request %d, %s: %v", asked, path, err)
			return false
		}
		response.Body.Close()
		switch {
		case path == "/readyz" && response.StatusCode == allowed:
			return false
		case response.StatusCode != http.StatusOK:
			t.Errorf("request %d, %s: status %d", asked, path, response.StatusCode)
			return false
		}
	}
	return true
}

// While it drains, the service closes connections, so that clients turn to another
// instance.
func TestDrainingClosesConnections(t *testing.T) {
	cfg := newConfig(newDatabase(t).As(dbtest.Reader))
	cfg.DrainDelay = time.Hour // ended by the context
	a := start(t, cfg)
	ctx, stop := context.WithCancel(t.Context())
	closed := make(chan error, 1)
	closes := func() bool {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, a.URL()+question, nil)
		if err != nil {
			t.Fatal(err)
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response.Close
	}
	if closes() {
		t.Error("a connection is closed before the service stops")
	}
	go func() { closed <- a.closed(ctx) }()
	testkit.Eventually(t, "answers close their connections", closes)
	body := wantStatus(t, a.URL()+"/readyz", http.StatusServiceUnavailable)
	if !strings.Contains(body, "The service is stopping. Ask another instance.") {
		t.Errorf("/readyz says %s", body)
	}
	wantStatus(t, a.URL()+"/healthz", http.StatusOK)
	stop()
	if err := <-closed; err != nil {
		t.Logf("no time was left: %v", err)
	}
}

// A question that never ends does not keep the service from ending.
func TestCloseIsBounded(t *testing.T) {
	database := newDatabase(t)
	admin := database.Connect(t)
	cfg := newConfig(database.As(dbtest.Reader))
	cfg.DrainTimeout = 50 * time.Millisecond
	a := start(t, cfg)
	unlock := database.LockRates(t)
	defer unlock()
	outcomes := askSlowly(t, a, 1)
	testkit.Eventually(t, "the question waits", func() bool { return waiting(t, admin) == 1 })
	closed := make(chan error, 1)
	go func() { closed <- a.closed(context.WithoutCancel(t.Context())) }()
	select {
	case err := <-closed:
		if err == nil || !strings.Contains(a.logs.String(), "stopped before every request was answered") {
			t.Errorf("Close: %v\n%s", err, a.logs)
		}
	case <-time.After(testkit.Patience):
		t.Fatalf("Close takes more than %v", testkit.Patience)
	}
	if got := <-outcomes; got.err == nil {
		t.Errorf("the question got status %d", got.status)
	}
	testkit.Eventually(t, "the question ends in the database too", func() bool { return waiting(t, admin) == 0 })
}

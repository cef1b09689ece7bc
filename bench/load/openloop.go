package load

import (
	"context"
	"fmt"
	"net/http"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"
)

// OpenLoop sends requests at a fixed rate, without waiting for earlier answers,
// and returns how long each answer took. A missing answer, or one with an
// unexpected status, is an error.
func OpenLoop(ctx context.Context, r Request, perSecond int, d time.Duration) ([]time.Duration, error) {
	header := http.Header{}
	if r.Tag != "" {
		header.Set("If-None-Match", r.Tag)
	}
	target := vegeta.NewStaticTargeter(vegeta.Target{Method: http.MethodGet, URL: r.URL, Header: header})
	client := newClient()
	defer client.CloseIdleConnections()
	attacker := vegeta.NewAttacker(vegeta.Client(client))
	defer context.AfterFunc(ctx, func() { attacker.Stop() })()

	var took []time.Duration
	var failed error
	rate := vegeta.Rate{Freq: perSecond, Per: time.Second}
	for result := range attacker.Attack(target, rate, d, "") {
		took = append(took, result.Latency)
		if int(result.Code) != r.Status && failed == nil {
			failed = fmt.Errorf("the answer had status %d (%s), not %d", result.Code, result.Error, r.Status)
			attacker.Stop()
		}
	}
	if err := context.Cause(ctx); err != nil {
		return nil, err
	}
	return took, failed
}

// newClient returns a client with connections of its own, which uses no proxy and
// never waits for a free connection.
func newClient() *http.Client {
	const idle, timeout = 1000, 30 * time.Second
	return &http.Client{
		Timeout:   timeout,
		Transport: &http.Transport{MaxIdleConnsPerHost: idle, DisableCompression: true},
	}
}

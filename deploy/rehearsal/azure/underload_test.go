//go:build linux

package azure

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// question has an answer in the sample.
const question = "/rates?date_from=2021-01-01&date_to=2021-01-31&orig_code=CNGGZ&dest_code=EETLL"

// client trusts the authority of the world and finds the app.
func (w *world) client(t *testing.T, host string) *http.Client {
	t.Helper()
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(w.ca.PEM())
	ip, err := w.machines.hosts.address(host)
	check(t, err)
	return &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, network, ip+":443")
		},
	}}
}

// underLoad does something while the app is asked all the time, and fails if one
// request did.
func (w *world) underLoad(t *testing.T, host string, do func()) {
	t.Helper()
	var asked, failed atomic.Int64
	var first atomic.Value
	client := w.client(t, host)
	ctx, stop := context.WithCancel(t.Context())
	var workers sync.WaitGroup
	const workersAtOnce, pause = 4, 50 * time.Millisecond
	for range workersAtOnce {
		workers.Go(func() {
			for tick := time.Tick(pause); ctx.Err() == nil; <-tick {
				asked.Add(1)
				if err := get(client, "https://"+host+question); err != nil {
					failed.Add(1)
					first.CompareAndSwap(nil, err.Error())
				}
			}
		})
	}
	func() {
		defer workers.Wait()
		defer stop()
		do()
	}()
	t.Logf("under load: %d requests, %d failed", asked.Load(), failed.Load())
	if failed.Load() > 0 || asked.Load() == 0 {
		t.Errorf("%d of %d requests failed, first: %v", failed.Load(), asked.Load(), first.Load())
	}
}

func get(client *http.Client, url string) error {
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		return fmt.Errorf("read %s: %w", url, err)
	}
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", url, response.Status)
	}
	return nil
}

// send asks the cloud directly, as somebody beside Terraform, and returns the headers of
// an answer that must be good.
func (w *world) send(t *testing.T, method, address string, header http.Header) http.Header {
	t.Helper()
	answer := w.administrator(t).send(method, address, header, "")
	if answer.Code >= http.StatusBadRequest {
		t.Fatalf("%s %s: %d %s", method, address, answer.Code, answer.Body)
	}
	return answer.Header()
}

// locked fails unless a lock forbids to delete a document.
func (w *world) locked(t *testing.T, id string) {
	t.Helper()
	if status, said := w.administrator(t).arm(http.MethodDelete, id, ""); status != http.StatusConflict || said.text("error", "code") != "ScopeLocked" {
		t.Errorf("%s is not locked: %d %v", id, status, said)
	}
}

func (w *world) administrator(t *testing.T) *caller {
	t.Helper()
	return signIn(t, w.cloud)
}

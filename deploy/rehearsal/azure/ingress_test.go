//go:build linux

package azure

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httputil"
	"net/url"
	"reflect"
	"sync"
	"sync/atomic"
	"time"
)

// ingress is the address of an app, in front of the replicas of its revision.
type ingress struct {
	server   *http.Server
	revision atomic.Pointer[revision]
	turn     atomic.Uint64
	changes  sync.Mutex // one release at a time
}

// revision is what a template runs as.
type revision struct {
	document  document
	replicas  []*container
	addresses []string
	grace     time.Duration
}

// release starts the replicas of a new template, and lets them take over when they are
// ready. The old ones serve until then, and for good if they never are.
func (m *machines) release(ctx context.Context, d document) error {
	in, err := m.ingressOf(d)
	if err != nil {
		return err
	}
	in.changes.Lock()
	defer in.changes.Unlock()
	old := in.revision.Load()
	if old != nil && sameProgram(old.document, d) {
		return nil
	}
	next, err := m.startRevision(ctx, d)
	if err != nil {
		err = errors.Join(err, next.stop())
		return fmt.Errorf("the revision %s failed: %w\n%s", d.text("properties", "latestRevisionName"), err, next.said())
	}
	in.revision.Store(next)
	return old.stop()
}

// sameProgram reports whether two documents run the same: Azure then makes no revision.
func sameProgram(a, b document) bool {
	return reflect.DeepEqual(a.at("properties", "template"), b.at("properties", "template")) && reflect.DeepEqual(a.at("identity"), b.at("identity"))
}

func (m *machines) startRevision(ctx context.Context, d document) (*revision, error) {
	const seconds = 30 // Azure's default
	r := &revision{document: d, grace: time.Duration(d.number(seconds, "properties", "template", "terminationGracePeriodSeconds")) * time.Second}
	port := d.number(0, "properties", "configuration", "ingress", "targetPort")
	name := d.text("properties", "latestRevisionFqdn") // apps of two stories may have revisions of the same name
	for i := range max(1, d.number(0, "properties", "template", "scale", "minReplicas")) {
		ip, err := m.hosts.address(fmt.Sprintf("%d.%s", i, name))
		if err != nil {
			return r, err
		}
		replica, err := m.run(d, "RATES_ADDR="+ip+":3000", "RATES_ADMIN_ADDR=off")
		if err != nil {
			return r, err
		}
		r.replicas = append(r.replicas, replica)
		r.addresses = append(r.addresses, fmt.Sprintf("%s:%d", ip, port))
		for _, kind := range []string{"Startup", "Readiness"} {
			if err := replica.probe(ctx, ip, probeOf(d, kind)); err != nil {
				return r, err
			}
		}
	}
	return r, nil
}

func (r *revision) stop() error {
	if r == nil {
		return nil
	}
	ended := make(chan error)
	for _, replica := range r.replicas {
		go func() { ended <- replica.stop(r.grace) }()
	}
	var errs []error
	for range r.replicas {
		errs = append(errs, <-ended)
	}
	return errors.Join(errs...)
}

// said returns what the replicas wrote before they ended.
func (r *revision) said() string {
	text := ""
	for _, replica := range r.replicas {
		text += replica.said()
	}
	return text
}

func probeOf(d document, kind string) document {
	for _, probe := range containerOf(d).objects("probes") {
		if probe.text("type") == kind {
			return probe
		}
	}
	return document{}
}

// probe asks the path of a probe until it is answered well, or failed too often.
func (c *container) probe(ctx context.Context, ip string, p document) error {
	const failures, seconds = 3, 1
	address := fmt.Sprintf("http://%s:%d%s", ip, p.number(0, "httpGet", "port"), p.text("httpGet", "path"))
	client := http.Client{Timeout: time.Duration(p.number(seconds, "timeoutSeconds")) * time.Second}
	var last string
	for range p.number(failures, "failureThreshold") {
		response, err := client.Get(address)
		if err == nil {
			_ = response.Body.Close() // the status says it all
			if response.StatusCode < http.StatusBadRequest {
				return nil
			}
			err = errors.New(response.Status)
		}
		last = err.Error()
		select {
		case <-c.done:
			return fmt.Errorf("it ended: %w", c.err)
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(p.number(seconds, "periodSeconds")) * time.Second / speedUp):
		}
	}
	return fmt.Errorf("the probe %s %s failed: %s", p.text("type"), address, last)
}

// speedUp is how much sooner than on Azure a probe is repeated.
const speedUp = 4

// ingressOf returns the address of an app, which it makes with the first release.
func (m *machines) ingressOf(d document) (*ingress, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	key := parse(d.text("id")).key()
	if in := m.apps[key]; in != nil {
		return in, nil
	}
	ip, err := m.hosts.address(d.text("properties", "configuration", "ingress", "fqdn"))
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", ip+":443")
	if err != nil {
		return nil, fmt.Errorf("listen as the ingress: %w", err)
	}
	in := &ingress{}
	in.server = &http.Server{Handler: forward(in.next), ReadHeaderTimeout: time.Minute, TLSConfig: m.ca.Config()}
	go func() { _ = in.server.ServeTLS(listener, "", "") }() // until close
	m.apps[key] = in
	return in, nil
}

// forward sends each request to the host that next returns. Azure's ingress judges
// neither the name nor the query, and compresses nothing on its own account.
func forward(next func() string) http.Handler {
	return &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetXForwarded()
			r.SetURL(&url.URL{Scheme: "http", Host: next()})
			r.Out.Host, r.Out.URL.RawQuery = r.In.Host, r.In.URL.RawQuery
		},
		Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: 100},
	}
}

// next returns the replica whose turn it is, "" if there is none yet.
func (in *ingress) next() string {
	r := in.revision.Load()
	if r == nil || len(r.addresses) == 0 {
		return ""
	}
	return r.addresses[in.turn.Add(1)%uint64(len(r.addresses))]
}

// end is the removal of an app.
func (m *machines) end(d document) error {
	m.mu.Lock()
	key := parse(d.text("id")).key()
	in := m.apps[key]
	delete(m.apps, key)
	m.mu.Unlock()
	if in == nil {
		return nil
	}
	return in.close()
}

func (in *ingress) close() error {
	return errors.Join(in.server.Close(), in.revision.Load().stop())
}

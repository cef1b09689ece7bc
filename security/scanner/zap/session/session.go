// Package session lets ZAP examine a running service, and reports what ZAP did and
// found. It judges nothing: the gate zap does. A session runs in a process of its
// own, so that all that it starts ends with it.
package session

import (
	"context"
	"errors"
	"net/http"
	"time"

	"example.com/rates/security/scanner"
)

// Config configures a session.
type Config struct {
	// Program is the service, built from the tree; Project is the root of that
	// tree. Without a program, Target is the URL of a service that runs already.
	Program, Project string
	Target           string

	// ZAP is the program that starts a daemon, as the toolbox makes it. Without
	// it, URL is that of a daemon that runs already, and Key its API key.
	ZAP      string
	URL, Key string

	// Active is the most time that the active scan may take; 0 leaves it out.
	Active time.Duration
}

// Report is what a session did and saw.
type Report struct {
	Failure  *Failure  `json:"failure,omitempty"` // why it stopped early; nil if it did not
	Version  string    `json:"version"`           // of ZAP
	AddOns   []AddOn   `json:"addons"`
	Passive  []string  `json:"passive_rules"` // ids of the rules that were on
	Active   []string  `json:"active_rules"`
	Base     string    `json:"base"`     // URL of the service
	Contract string    `json:"contract"` // the OpenAPI document, as the service serves it
	Warnings []string  `json:"warnings"` // about its import
	Requests int       `json:"requests"` // that were answered before the active scan
	Logged   int       `json:"logged"`   // requests in the service's own log; -1 if it cannot be read
	Messages []Message `json:"messages"`
	Alerts   []Alert   `json:"alerts"`
}

// Failure is why a session proves nothing.
type Failure struct {
	Kind   scanner.Kind `json:"kind"`
	Detail string       `json:"detail"`
}

// AddOn is an add-on that ZAP has installed.
type AddOn struct {
	ID      string `json:"id"`
	Version string `json:"version"`
}

// Message is a request of ZAP and the status of its answer.
type Message struct {
	Method string `json:"method"`
	URL    string `json:"url"`
	Status int    `json:"status"`
}

// Alert is what ZAP found in one answer, in its own words.
type Alert struct {
	Ref       string `json:"alertRef"`
	Plugin    string `json:"pluginId"`
	Name      string `json:"name"`
	Risk      string `json:"risk"`
	CWE       string `json:"cweid"`
	Method    string `json:"method"`
	URL       string `json:"url"`
	Param     string `json:"param"`
	Evidence  string `json:"evidence"`
	Solution  string `json:"solution"`
	Reference string `json:"reference"`
}

// Run runs a session. Failures are in the report.
func Run(ctx context.Context, cfg Config) Report {
	r := Report{Logged: -1}
	if err := r.run(ctx, cfg); err != nil {
		e := scanner.AsError(err)
		r.Failure = &Failure{e.Kind, e.Detail}
	}
	return r
}

func (r *Report) run(ctx context.Context, cfg Config) (err error) {
	r.Base = cfg.Target
	var log *requestLog
	if cfg.Program != "" {
		service, err := startService(ctx, cfg.Program, cfg.Project)
		if err != nil {
			return err
		}
		defer service.stop()
		front, err := startFront(service.url)
		if err != nil {
			return err
		}
		defer front.close()
		r.Base, log = front.url, service.log
	}
	if r.Contract, err = contractOf(ctx, r.Base); err != nil {
		return err
	}
	if cfg.ZAP != "" {
		daemon, err := startDaemon(ctx, cfg.ZAP)
		if err != nil {
			return err
		}
		defer daemon.stop()
		cfg.URL, cfg.Key = daemon.url, daemon.key
	}
	zap, err := connect(cfg.URL, cfg.Key)
	if err != nil {
		return err
	}
	if err := r.examine(ctx, zap, cfg.Active); err != nil {
		return err
	}
	if log != nil {
		r.Logged = log.await(ctx, r.Requests)
	}
	return nil
}

// examine is the work of ZAP, step by step.
func (r *Report) examine(ctx context.Context, zap *client, active time.Duration) (err error) {
	if r.Version, err = zap.version(ctx); err != nil {
		return err
	}
	if err := zap.prepare(ctx); err != nil {
		return err
	}
	if r.AddOns, err = zap.addOns(ctx); err != nil {
		return err
	}
	if r.Passive, err = zap.passiveRules(ctx); err != nil {
		return err
	}
	if r.Warnings, err = zap.importContract(ctx, r.Base); err != nil {
		return err
	}
	if err := errors.Join(zap.spider(ctx, r.Base), zap.awaitPassive(ctx)); err != nil {
		return err
	}
	if r.Messages, err = zap.messages(ctx, r.Base); err != nil {
		return err
	}
	r.Requests = answered(r.Messages)
	if active > 0 {
		if r.Active, err = zap.activeRules(ctx); err != nil {
			return err
		}
		if err := errors.Join(zap.attack(ctx, r.Base, active), zap.awaitPassive(ctx)); err != nil {
			return err
		}
		if r.Messages, err = zap.messages(ctx, r.Base); err != nil {
			return err
		}
	}
	r.Alerts, err = zap.alerts(ctx, r.Base)
	return err
}

// answered counts the requests that got an answer.
func answered(messages []Message) int {
	n := 0
	for _, m := range messages {
		if m.Status >= http.StatusContinue {
			n++
		}
	}
	return n
}

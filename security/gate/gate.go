// Package gate runs scanners by a policy and judges their results. Its one rule:
// a gate is green only on positive evidence.
package gate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/waiver"
)

// Config configures one run.
type Config struct {
	Scanners []scanner.Scanner // in the order in which they start
	Policy   Policy
	Profile  string
	Only     []string // gates to run; all if it is empty
	Waivers  waiver.List
	Aliases  finding.Aliases
	Job      scanner.Job // the input of each scan; Run sets Scratch
	Scratch  string      // an empty folder
	Cores    int         // how many gates run at once
	Now      time.Time

	// Progress, if not nil, is called when a gate begins and ends, by one
	// goroutine at a time.
	Progress func(Event)
}

// Event is a gate that began, or ended with a result.
type Event struct {
	Gate   string
	Result *Result // nil when the gate begins
}

// Run runs the gates and judges them. It returns an error only for a
// invalid configuration; a failure in a gate is its result.
func Run(ctx context.Context, cfg Config) (Report, error) {
	profile, ok := cfg.Policy.Profiles[cfg.Profile]
	if !ok {
		return Report{}, fmt.Errorf("there is no profile %q; the policy has %s", cfg.Profile,
			strings.Join(slices.Sorted(maps.Keys(cfg.Policy.Profiles)), ", "))
	}
	selected, err := scanner.Select(cfg.Scanners, cfg.Only)
	if err != nil {
		return Report{}, err
	}
	cfg.Job.Accepted, cfg.Job.WarnUnread = cfg.Policy.Accepted, profile.UnreadFiles == Warn
	cfg.Job.Image.Pack, cfg.Job.Image.Prove = profile.PackedImage == Warn, profile.PackedImage == Fail
	cfg.Job.Rules.NeedBase = profile.UnknownBase == Fail
	cfg.Job.ZAP.Active = cfg.Job.ZAP.Active || profile.ActiveScan
	r := &run{Config: cfg, profile: profile, results: make([]Result, len(selected))}
	r.all(ctx, selected)
	return r.judge(), nil
}

type run struct {
	Config
	profile Profile
	results []Result
	telling sync.Mutex
}

// all runs the scanners, as many at once as there are cores.
func (r *run) all(ctx context.Context, scanners []scanner.Scanner) {
	var wait sync.WaitGroup
	turns := make(chan struct{}, max(r.Cores, 1))
	for i, s := range scanners {
		turns <- struct{}{}
		wait.Go(func() {
			defer func() { <-turns }()
			r.report(Event{Gate: s.Name()})
			r.results[i] = r.one(ctx, s)
			r.report(Event{Gate: s.Name(), Result: &r.results[i]})
		})
	}
	wait.Wait()
}

func (r *run) report(e Event) {
	if r.Progress == nil {
		return
	}
	r.telling.Lock()
	defer r.telling.Unlock()
	r.Progress(e)
}

// one runs one gate.
func (r *run) one(ctx context.Context, s scanner.Scanner) Result {
	rules := r.Policy.Gates[s.Name()]
	result := Result{
		Gate: s.Name(), Subject: s.Subject(),
		Rules: Threshold{Severity: rules.Threshold, AtLeast: rules.AtLeast},
	}
	if reason, ok := r.skip(s.Name(), rules); ok {
		result.Status, result.Reason = Skipped, reason
		return result
	}
	start := time.Now()
	outcome, err := r.scan(ctx, s, rules.Timeout.Duration)
	result.Took = time.Since(start)
	if err == nil {
		err = r.evidence(s.Name(), rules, &outcome)
	}
	if err != nil {
		e := scanner.AsError(err)
		if reason, ok := r.profile.MissingTools[s.Name()]; ok && e.Kind == scanner.ToolMissing {
			result.Status, result.Reason = Skipped, fmt.Sprintf("%s (%s)", reason, e.Detail)
			return result
		}
		result.Status, result.Kind, result.Reason = Errored, e.Kind, e.Error()
		return result
	}
	if r.Job.Rules.Policy != "" {
		outcome.Findings = append(outcome.Findings, plain(s.Name(), rules, outcome.Examined)...)
	}
	result.Outcome = &outcome
	result.Found = outcome.Findings
	for i := range result.Found {
		r.Aliases.Apply(&result.Found[i])
	}
	finding.Identify(result.Found, r.Job.Tree.Line)
	return result
}

// skip reports whether a gate need not run, and why.
func (r *run) skip(name string, rules Rules) (reason string, ok bool) {
	if name == PolicyGate {
		return "", false
	}
	if reason, ok := r.profile.Skip[name]; ok {
		return reason, true
	}
	if r.profile.AbsentSubjects == Fail || len(rules.Needs) == 0 || slices.ContainsFunc(rules.Needs, r.has) {
		return "", false
	}
	return "the repository holds no " + strings.Join(rules.Needs, " or "), true
}

func (r *run) has(need string) bool {
	return r.Job.Tree.Has(need) || !strings.Contains(need, "/") && len(r.Job.Tree.Matching(need)) > 0
}

func (r *run) scan(ctx context.Context, s scanner.Scanner, timeout time.Duration) (_ scanner.Outcome, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = scanner.Errorf(scanner.ToolFailed, "the harness itself failed: %v", cause)
		}
	}()
	job := r.Job
	job.Scratch = filepath.Join(r.Scratch, s.Name())
	if err := os.MkdirAll(job.Scratch, 0o750); err != nil {
		return scanner.Outcome{}, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(job.Scratch)) }()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	outcome, err := s.Scan(ctx, job)
	switch {
	case err == nil, scanner.AsError(err).Kind == scanner.TimedOut, ctx.Err() == nil:
		return outcome, err
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		// Whatever the error is, the timeout caused it.
		return outcome, scanner.Errorf(scanner.TimedOut, "it had not ended after %s: %w", timeout, err)
	default:
		return outcome, scanner.Errorf(scanner.Killed, "it was interrupted: %w", err)
	}
}

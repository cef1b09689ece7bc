package selftest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"example.com/rates/security/finding"
	"example.com/rates/security/gate"
	"example.com/rates/security/scanner"
)

// trial tests one gate.
type trial struct {
	cfg     *Config
	scanner scanner.Scanner
	dir     string // to work in
	about   canary // what is planted
	made    atomic.Int64
}

// ran is a finished scan.
type ran struct {
	name      string // of its case
	subject   subject
	result    gate.Result
	recording *recording
	err       error // of the self-test itself
}

// all runs all cases of the gate.
func (t *trial) all(ctx context.Context) Result {
	result := Result{Gate: t.scanner.Name()}
	dir := filepath.Join(t.cfg.Canaries, t.scanner.Name())
	canary, err := readCanary(dir)
	if err != nil {
		result.Cases = []Case{broken("canary", err)}
		return result
	}
	t.about = canary
	result.Cases, result.Untested = t.cases(ctx, canary, dir)
	if result.Untested == "" {
		result.BlindSpots = judged(canary.BlindSpots, result.Cases)
	}
	return result
}

// cases runs the cases of the canary, then the sabotage. untested says why the
// gate cannot run on this machine, "" if it can.
func (t *trial) cases(ctx context.Context, c canary, dir string) (cases []Case, untested string) {
	runs := t.canaries(ctx, c, dir)
	for i, one := range c.Cases {
		if one.StandIn == "" && one.Error == "" && unavailable(runs[i].result) {
			if !t.mayLackTool(runs[i].result) {
				return cases, runs[i].result.Reason
			}
			cases = append(cases, Case{Name: one.Name, OK: true, NotRun: runs[i].result.Reason})
			continue
		}
		cases = append(cases, t.judge(one, runs[i]))
	}
	defect, clean := c.first(func(c canaryCase) bool { return len(c.Finds) > 0 }), c.first(func(c canaryCase) bool { return c.Passes })
	if !cases[defect].OK || !cases[clean].OK {
		return append(cases, Case{
			Name: "sabotage", Want: "the first case with a finding and the first without succeed", Got: "they do not, so no sabotage was tried",
		}), ""
	}
	return append(cases, t.sabotage(ctx, runs[defect], runs[clean])...), ""
}

// canaries runs the cases of a canary concurrently.
func (t *trial) canaries(ctx context.Context, c canary, dir string) []ran {
	runs := make([]ran, len(c.Cases))
	var wait sync.WaitGroup
	for i, one := range c.Cases {
		wait.Go(func() { runs[i] = t.canary(ctx, one, dir) })
	}
	wait.Wait()
	return runs
}

func (t *trial) canary(ctx context.Context, c canaryCase, dir string) ran {
	var folders []string
	for _, folder := range c.Folders {
		folders = append(folders, filepath.Join(dir, folder))
	}
	imageOf := ""
	if c.ImageOf != "" {
		imageOf = filepath.Join(dir, c.ImageOf)
	}
	r := ran{name: c.Name}
	if r.subject, r.err = t.repository(ctx, plan{folders: folders, edits: c.Edits, shallow: c.Shallow, as: c.As, keep: c.Keep, imageOf: imageOf}); r.err != nil {
		return r
	}
	r.subject.standIn, r.subject.active, r.subject.release, r.subject.accepted = c.StandIn, c.Active, c.Release, c.Accepted
	r.result, r.recording = t.record(ctx, r.subject)
	return r
}

func (t *trial) judge(c canaryCase, r ran) Case {
	if r.err != nil {
		return broken(c.Name, r.err)
	}
	for _, f := range r.result.Found {
		if f.Help == "" {
			return Case{Name: c.Name, Want: "every finding says what to do", Got: f.Rule + " at " + f.Place() + " does not"}
		}
	}
	return Case{Name: c.Name, OK: c.met(r.result, t.cfg.Aliases.Same), Want: c.want(), Got: ended(r.result)}
}

// unavailable reports whether a gate could not run because its tool or its
// database is not on this machine.
func unavailable(r gate.Result) bool {
	return r.Kind == scanner.ToolMissing || r.Kind == scanner.WrongVersion || r.Kind == scanner.ToolChanged || r.Kind == scanner.DatabaseMissing || r.Kind == scanner.DatabaseIncomplete
}

// folder creates an empty folder to work in.
func (t *trial) folder(name string) (string, error) {
	dir := filepath.Join(t.dir, name+"-"+strconv.FormatInt(t.made.Add(1), 10))
	return dir, os.MkdirAll(dir, 0o750)
}

func (t *trial) repository(ctx context.Context, p plan) (subject, error) {
	dir, err := t.folder("case")
	if err != nil {
		return subject{}, err
	}
	return repository(ctx, dir, p, t.about.Image)
}

// mayLackTool reports whether the policy lets the machine lack the tool of the gate.
func (t *trial) mayLackTool(r gate.Result) bool {
	_, may := t.cfg.MissingTools[t.scanner.Name()]
	return may && r.Kind == scanner.ToolMissing
}

// mayLack is mayLackTool for the error of a search.
func (t *trial) mayLack(err error) bool {
	missing, ok := errors.AsType[*scanner.Error](err)
	return ok && t.mayLackTool(gate.Result{Kind: missing.Kind})
}

// record runs the gate and records its commands.
func (t *trial) record(ctx context.Context, at subject) (gate.Result, *recording) {
	r := &recording{scratch: scratchOf(at)}
	result := t.run(ctx, at, func(cfg *gate.Config) {
		cfg.Job.Tool, cfg.Job.Run = r.tool(cfg.Job.Tool), r.run
	})
	return result, r
}

// scratchOf returns where a scan works. It is the same folder in every run of
// a subject, so that the commands match the recording.
func scratchOf(at subject) string { return filepath.Join(filepath.Dir(at.tree.Dir), "scratch") }

// enough is a timeout that no gate reaches.
const enough = 5 * time.Minute

// run runs the gate alone, under a policy that every gate can meet. change may
// change the configuration.
func (t *trial) run(ctx context.Context, at subject, change func(*gate.Config)) gate.Result {
	const name, old = "selftest", 100 * 366
	rules := gate.Rules{Threshold: max(t.about.Threshold, finding.Info), AtLeast: 1, Rules: t.about.Rules}
	rules.Timeout.Duration = enough
	cfg := gate.Config{
		Scanners: []scanner.Scanner{t.scanner},
		Policy: gate.Policy{
			Profiles: map[string]gate.Profile{name: {DatabaseDays: old, UnusedWaivers: gate.Fail, AbsentSubjects: gate.Fail, UnknownBase: gate.Fail}},
			Gates:    map[string]gate.Rules{t.scanner.Name(): rules},
			Accepted: at.accepted,
		},
		Profile: name,
		Aliases: t.cfg.Aliases,
		Job:     scanner.Job{Tree: at.tree, Image: at.image, Tool: t.finder(at), Run: scanner.Run, Databases: t.cfg.Databases, ZAP: scanner.ZAP{Active: at.active}},
		Scratch: scratchOf(at),
		Cores:   1,
		Now:     t.cfg.Now,
	}
	if at.release {
		profile := cfg.Policy.Profiles[name]
		profile.PackedImage = gate.Fail
		cfg.Policy.Profiles[name] = profile
	}
	change(&cfg)
	t.cfg.turns <- struct{}{}
	defer func() { <-t.cfg.turns }()
	report, err := gate.Run(ctx, cfg)
	if err != nil {
		return gate.Result{Gate: t.scanner.Name(), Status: gate.Errored, Reason: fmt.Sprintf("the self-test: %v", err)}
	}
	return report.Gates[0]
}

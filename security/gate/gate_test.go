package gate

import (
	"context"
	"errors"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/tree"
)

// fake is a scanner with the result that a test wants.
type fake struct {
	name string
	scan func(ctx context.Context, job scanner.Job) (scanner.Outcome, error)
}

func (f fake) Name() string    { return f.name }
func (f fake) Subject() string { return "things" }
func (f fake) Scan(ctx context.Context, job scanner.Job) (scanner.Outcome, error) {
	return f.scan(ctx, job)
}

// now is the time in the tests.
var now = time.Date(2026, 5, 20, 12, 0, 0, 0, time.UTC)

func looked(findings ...finding.Finding) scanner.Outcome {
	return scanner.Outcome{Tool: "t", Version: "v1", Examined: scanner.Examined{Count: 5, Unit: "files"}, Findings: findings}
}

// returns is a gate that always returns this.
func returns(name string, outcome scanner.Outcome, err error) fake {
	return fake{name, func(context.Context, scanner.Job) (scanner.Outcome, error) { return outcome, err }}
}

// config runs the gates under a profile called test.
func config(t *testing.T, scanners ...fake) Config {
	t.Helper()
	cfg := Config{
		Policy: Policy{
			Profiles: map[string]Profile{"test": {DatabaseDays: 7, UnusedWaivers: Fail, AbsentSubjects: Warn}},
			Gates:    map[string]Rules{},
		},
		Profile: "test", Scratch: t.TempDir(), Cores: 2, Now: now,
		Job: scanner.Job{Tree: tree.Tree{Dir: t.TempDir(), Files: []string{"a.go", "app/main.tf"}}},
	}
	for _, s := range scanners {
		cfg.Scanners = append(cfg.Scanners, s)
		cfg.Policy.Gates[s.name] = Rules{Threshold: finding.Medium, Timeout: Duration{time.Minute}, AtLeast: 2}
	}
	return cfg
}

// demand changes the requirements on a gate.
func demand(cfg Config, gate string, change func(*Rules)) {
	rules := cfg.Policy.Gates[gate]
	change(&rules)
	cfg.Policy.Gates[gate] = rules
}

// allow changes the profile.
func allow(cfg Config, change func(*Profile)) {
	profile := cfg.Policy.Profiles["test"]
	change(&profile)
	cfg.Policy.Profiles["test"] = profile
}

func run1(t *testing.T, cfg Config) Report {
	t.Helper()
	report, err := Run(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	return report
}

// wantResult fails the test unless the first gate ended like this.
func wantResult(t *testing.T, r Report, status Status, kind scanner.Kind, reason string) {
	t.Helper()
	got := r.Gates[0]
	if got.Status != status || got.Kind != kind || !strings.Contains(got.Reason, reason) {
		t.Errorf("it ended as %s, %q, %q; want %s, %q, %q", got.Status, got.Kind, got.Reason, status, kind, reason)
	}
	if (got.Outcome != nil) != (status == Passed || status == Waived || status == Findings) {
		t.Errorf("as %s it has the evidence %v", status, got.Outcome)
	}
}

// A failure of a scan is an error of its gate, and of no other.
func TestScanErrors(t *testing.T) {
	for _, test := range []struct {
		name   string
		scan   func(ctx context.Context, job scanner.Job) (scanner.Outcome, error)
		kind   scanner.Kind
		reason string
	}{
		{"an error of a kind", func(context.Context, scanner.Job) (scanner.Outcome, error) {
			return looked(), scanner.Errorf(scanner.BadInput, "a.go")
		}, scanner.BadInput, "input not parsed: a.go"},
		{"an error of no kind", func(context.Context, scanner.Job) (scanner.Outcome, error) { return looked(), errors.New("x") }, scanner.ToolFailed, "x"},
		{"a panic", func(context.Context, scanner.Job) (scanner.Outcome, error) { panic("index out of range") }, scanner.ToolFailed, "the harness itself failed: index out of range"},
		{"time up", func(ctx context.Context, _ scanner.Job) (scanner.Outcome, error) {
			<-ctx.Done()
			return looked(), scanner.Errorf(scanner.WrongVersion, "it does not say its version")
		}, scanner.TimedOut, "had not ended after 10ms"},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := config(t, fake{"a", test.scan}, returns("b", looked(), nil))
			demand(cfg, "a", func(r *Rules) {
				if test.kind == scanner.TimedOut {
					r.Timeout.Duration = 10 * time.Millisecond
				}
			})
			r := run1(t, cfg)
			wantResult(t, r, Errored, test.kind, test.reason)
			if r.Gates[1].Status != Passed {
				t.Errorf("the other gate ended as %s", r.Gates[1].Status)
			}
		})
	}
}

// Each scan has an empty folder of its own, which is removed afterwards.
func TestScratch(t *testing.T) {
	var seen []string
	scan := func(_ context.Context, job scanner.Job) (scanner.Outcome, error) {
		entries, err := os.ReadDir(job.Scratch)
		if err != nil || len(entries) > 0 {
			t.Errorf("the folder %s holds %v, error %v", job.Scratch, entries, err)
		}
		seen = append(seen, job.Scratch)
		return looked(), os.WriteFile(job.Scratch+"/report", nil, 0o600)
	}
	cfg := config(t, fake{"a", scan}, fake{"b", scan})
	cfg.Cores = 1
	run1(t, cfg)
	if len(seen) != 2 || seen[0] == seen[1] {
		t.Errorf("folders %q, want two", seen)
	}
	if left, err := os.ReadDir(cfg.Scratch); err != nil || len(left) > 0 {
		t.Errorf("left are %v, error %v", left, err)
	}
}

// At most as many gates run at once as there are cores, with two events each.
func TestSideBySide(t *testing.T) {
	var running, most atomic.Int64
	scan := func(context.Context, scanner.Job) (scanner.Outcome, error) {
		n := running.Add(1)
		for seen := most.Load(); n > seen && !most.CompareAndSwap(seen, n); seen = most.Load() {
		}
		defer running.Add(-1)
		return looked(), nil
	}
	cfg := config(t, fake{"a", scan}, fake{"b", scan}, fake{"c", scan}, fake{"d", scan})
	events := map[string]int{}
	cfg.Progress = func(e Event) { events[e.Gate]++ }
	run1(t, cfg)
	if most.Load() > int64(cfg.Cores) {
		t.Errorf("%d gates ran at a time on %d cores", most.Load(), cfg.Cores)
	}
	if diff := cmp.Diff(map[string]int{"a": 2, "b": 2, "c": 2, "d": 2}, events); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
}

// An interrupted run is not green.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cfg := config(t, fake{"a", func(ctx context.Context, _ scanner.Job) (scanner.Outcome, error) {
		cancel()
		return scanner.Outcome{}, ctx.Err()
	}})
	r, err := Run(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	wantResult(t, r, Errored, scanner.Killed, "interrupted")
	if r.Verdict.Green {
		t.Error("it is green")
	}
}

// The policy says how many files no gate needs to read, and the profile whether more
// are a remark.
func TestUnreadFilesReachTheGate(t *testing.T) {
	var got scanner.Job
	cfg := config(t, fake{"g", func(_ context.Context, job scanner.Job) (scanner.Outcome, error) {
		got = job
		return looked(), nil
	}})
	cfg.Policy.Accepted = []scanner.Accepted{{Kinds: []string{".py"}, Reason: "for the tests"}}
	if run1(t, cfg); len(got.Accepted) != 1 || got.WarnUnread {
		t.Errorf("the gate accepts %v, and warns: %t", got.Accepted, got.WarnUnread)
	}
	allow(cfg, func(p *Profile) { p.UnreadFiles = Warn })
	if run1(t, cfg); !got.WarnUnread {
		t.Error("with unread_files: warn the gate does not warn")
	}
}

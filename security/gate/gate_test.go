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

// A gate whose tool is missing is skipped where the profile names it, with both
// reasons, and is an error elsewhere. No other error is skipped.
func TestMissingTools(t *testing.T) {
	const reason = "not on this network"
	missing := scanner.Errorf(scanner.ToolMissing, "zap 2.17.0 is not installed")
	for name, test := range map[string]struct {
		err    error
		named  string
		status Status
		kind   scanner.Kind
		reason string
		exit   int
	}{
		"it is named":     {missing, "zap", Skipped, "", reason + " (zap 2.17.0 is not installed)", ExitGreen},
		"another is":      {missing, "trivy", Errored, scanner.ToolMissing, "not installed", ExitCouldNotRun},
		"another version": {scanner.Errorf(scanner.WrongVersion, "2.16.1"), "zap", Errored, scanner.WrongVersion, "2.16.1", ExitCouldNotRun},
		"nothing to see":  {scanner.Errorf(scanner.NothingExamined, "no rules"), "zap", Errored, scanner.NothingExamined, "no rules", ExitNothingExamined},
		"it is there":     {nil, "zap", Passed, "", "", ExitGreen},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := config(t, returns("zap", looked(), test.err), returns("trivy", looked(), nil))
			allow(cfg, func(p *Profile) { p.MissingTools = map[string]string{test.named: reason} })
			r := run1(t, cfg)
			wantResult(t, r, test.status, test.kind, test.reason)
			if r.Verdict.Exit != test.exit || test.status == Skipped && len(r.Verdict.Unseen) == 0 {
				t.Errorf("verdict %+v", r.Verdict)
			}
		})
	}
}

// A gate that is skipped for its missing tool is not passed: alone, it proves nothing.
func TestMissingToolIsNoPass(t *testing.T) {
	cfg := config(t, returns("zap", looked(), scanner.Errorf(scanner.ToolMissing, "not here")))
	allow(cfg, func(p *Profile) { p.MissingTools = map[string]string{"zap": "not on this network"} })
	if r := run1(t, cfg); r.Verdict.Exit != ExitNothingExamined {
		t.Errorf("verdict %+v", r.Verdict)
	}
}

// The rules that the policy names must have been applied, those of an active scan
// only in one. The profile can ask for that.
func TestRules(t *testing.T) {
	for name, test := range map[string]struct {
		applied []string
		active  bool
		status  Status
		reason  string
	}{
		"all":                       {[]string{"10021", "10049", "40012"}, true, Passed, ""},
		"none":                      {nil, false, Errored, "the rules 10021, 10049"},
		"only those of the release": {[]string{"10021"}, false, Errored, "the rules 10049"},
		"passive":                   {[]string{"10021", "10049"}, false, Passed, ""},
		"active without its rules":  {[]string{"10021", "10049"}, true, Errored, "the rules 40012"},
	} {
		t.Run(name, func(t *testing.T) {
			outcome := looked()
			outcome.Rules = test.applied
			cfg := config(t, fake{"zap", func(_ context.Context, job scanner.Job) (scanner.Outcome, error) {
				if job.ZAP.Active != test.active {
					t.Errorf("the scan is active: %t", job.ZAP.Active)
				}
				return outcome, nil
			}})
			allow(cfg, func(p *Profile) { p.ActiveScan = test.active })
			demand(cfg, "zap", func(r *Rules) { r.Rules, r.ActiveRules = []string{"10021", "10049"}, []string{"40012"} })
			kind := scanner.Kind("")
			if test.status == Errored {
				kind = scanner.TooFewExamined
			}
			wantResult(t, run1(t, cfg), test.status, kind, test.reason)
		})
	}
}

// A gate passes only if it names a tool and a version that examined enough.
func TestEvidence(t *testing.T) {
	with := func(change func(*scanner.Outcome)) scanner.Outcome {
		outcome := looked()
		change(&outcome)
		return outcome
	}
	database := func(age time.Duration) scanner.Outcome {
		return with(func(o *scanner.Outcome) { o.Database = &scanner.Database{Date: now.Add(-age)} })
	}
	const day = 24 * time.Hour
	for _, test := range []struct {
		name    string
		outcome scanner.Outcome
		status  Status
		kind    scanner.Kind
		reason  string
	}{
		{"all of it", looked(), Passed, "", ""},
		{"no tool", with(func(o *scanner.Outcome) { o.Tool = "" }), Errored, scanner.BadOutput, "does not name the tool"},
		{"no version", with(func(o *scanner.Outcome) { o.Version = "" }), Errored, scanner.BadOutput, "does not name the tool"},
		{"nothing examined", with(func(o *scanner.Outcome) { o.Examined.Count = 0 }), Errored, scanner.NothingExamined, "there were no files"},
		{"too little", with(func(o *scanner.Outcome) { o.Examined.Count = 1 }), Errored, scanner.TooFewExamined, "1 files; the policy requires at least 2"},
		{"less than nothing", with(func(o *scanner.Outcome) { o.Examined.Count = -1 }), Errored, scanner.TooFewExamined, ""},
		{"just enough", with(func(o *scanner.Outcome) { o.Examined.Count = 2 }), Passed, "", ""},
		{"no outcome at all", scanner.Outcome{}, Errored, scanner.BadOutput, ""},
		{"a database of today", database(0), Passed, "", ""},
		{"a database of 7 days", database(8*day - time.Second), Passed, "", ""},
		{"a database of 8 days", database(8 * day), Errored, scanner.DatabaseTooOld, "8 days ago; profile test allows 7"},
		{"a database of no day", with(func(o *scanner.Outcome) { o.Database = &scanner.Database{} }), Errored, scanner.DatabaseMissing, "does not date"},
		{"a database of tomorrow", database(-2 * day), Errored, scanner.BadOutput, "in the future"},
		{"a database of another time zone", database(-12 * time.Hour), Passed, "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			wantResult(t, run1(t, config(t, returns("a", test.outcome, nil))), test.status, test.kind, test.reason)
		})
	}
}

// An old database is allowed only where the profile names the gate, with a note.
func TestOldDatabaseByName(t *testing.T) {
	outcome := looked()
	outcome.Database = &scanner.Database{Date: now.AddDate(0, 0, -30)}
	cfg := config(t, returns("a", outcome, nil))
	allow(cfg, func(p *Profile) { p.OldDatabases = []string{"a"} })
	r := run1(t, cfg)
	wantResult(t, r, Passed, "", "")
	if diff := cmp.Diff([]string{"the database is 30 days old, which profile test allows for this gate; newer vulnerabilities were not seen"}, r.Gates[0].Outcome.Unseen); diff != "" {
		t.Errorf("notes (-want +got):\n%s", diff)
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

// A gate is skipped only for a reason in the profile or the repository, and
// reports it.
func TestSkip(t *testing.T) {
	for _, test := range []struct {
		name     string
		needs    []string
		reaction Reaction
		skip     map[string]string
		status   Status
		reason   string
	}{
		{"by name", nil, Warn, map[string]string{"a": "no licence"}, Skipped, "no licence"},
		{"another by name", nil, Warn, map[string]string{"b": "no licence"}, Passed, ""},
		{"nothing is needed", nil, Warn, nil, Passed, ""},
		{"the file is there", []string{"a.go"}, Warn, nil, Passed, ""},
		{"the folder is there", []string{"app"}, Warn, nil, Passed, ""},
		{"a pattern finds one", []string{"*.tf"}, Warn, nil, Passed, ""},
		{"one of several is there", []string{"Dockerfile", "*.tf"}, Warn, nil, Passed, ""},
		{"none is there", []string{"Dockerfile", "*.py"}, Warn, nil, Skipped, "the repository holds no Dockerfile or *.py"},
		{"none is there and that must not be", []string{"Dockerfile"}, Fail, nil, Passed, ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := config(t, returns("a", looked(), nil))
			demand(cfg, "a", func(r *Rules) { r.Needs = test.needs })
			allow(cfg, func(p *Profile) { p.AbsentSubjects, p.Skip = test.reaction, test.skip })
			wantResult(t, run1(t, cfg), test.status, "", test.reason)
		})
	}
}

// Only selected gates run, and an unknown name is refused.
func TestOnly(t *testing.T) {
	cfg := config(t, returns("a", looked(), nil), returns("b", looked(), nil))
	cfg.Only = []string{"b"}
	if r := run1(t, cfg); len(r.Gates) != 1 || r.Gates[0].Gate != "b" {
		t.Errorf("gates %v, want b", r.Gates)
	}
	cfg.Only = []string{"b", "c"}
	if _, err := Run(t.Context(), cfg); err == nil || !strings.HasPrefix(err.Error(), `there is no gate "c"; `) {
		t.Errorf("error %v", err)
	}
	cfg.Only, cfg.Profile = nil, "other"
	if _, err := Run(t.Context(), cfg); err == nil || !strings.HasPrefix(err.Error(), `there is no profile "other"; `) {
		t.Errorf("error %v", err)
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

// A database needs as many advisories as the policy requires. Where an old copy is
// allowed, it may be without a whole ecosystem, and that is said.
func TestAdvisories(t *testing.T) {
	for name, test := range map[string]struct {
		has     map[string]int
		allowed bool
		kind    scanner.Kind
		note    bool
	}{
		"enough":                        {map[string]int{"go": 10, "pip": 10}, false, "", false},
		"cannot be counted":             {nil, false, "", false},
		"too few":                       {map[string]int{"go": 9, "pip": 10}, true, scanner.DatabaseIncomplete, false},
		"nothing of one":                {map[string]int{"go": 10}, false, scanner.DatabaseIncomplete, false},
		"nothing of one, as a copy may": {map[string]int{"go": 10}, true, "", true},
	} {
		t.Run(name, func(t *testing.T) {
			outcome := looked()
			outcome.Database = &scanner.Database{Source: "copy", Date: now, Advisories: test.has}
			cfg := config(t, returns("a", outcome, nil))
			demand(cfg, "a", func(r *Rules) { r.Advisories = map[string]int{"go": 10, "pip": 10} })
			if test.allowed {
				allow(cfg, func(p *Profile) { p.OldDatabases = []string{"a"} })
			}
			r := run1(t, cfg)
			if got := r.Gates[0]; got.Kind != test.kind || (got.Outcome != nil && strings.Contains(strings.Join(got.Outcome.Unseen, " "), "knows nothing of pip")) != test.note {
				t.Errorf("it ended as %+v", got)
			}
		})
	}
}

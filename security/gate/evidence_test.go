package gate

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner"
)

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

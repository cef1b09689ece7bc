package gate

import (
	"slices"
	"strings"
	"testing"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
)

// Each requirement that is less than before is found with its line; one that is more
// is not.
func TestWeaker(t *testing.T) {
	for name, test := range map[string]struct {
		old, with string
		want      string // the key, "" if it is not weaker
		line      int
	}{
		"nothing":                          {"gates:", "gates:", "", 0},
		"a higher threshold":               {"threshold: low", "threshold: critical", "gates.a.threshold", 13},
		"a lower one":                      {"threshold: critical", "threshold: high", "", 0},
		"a longer timeout":                 {"1m30s", "1h", "gates.a.timeout", 13},
		"a shorter one":                    {"1m30s", "1m", "", 0},
		"less to examine":                  {"at_least: 3", "at_least: 1", "gates.a.at_least", 13},
		"more":                             {"at_least: 3", "at_least: 4", "", 0},
		"another need":                     {"needs: [terraform/app, '*.tf', Dockerfile]", "needs: [no-such-file]", "gates.a.needs", 13},
		"a need less":                      {", Dockerfile]", "]", "gates.a.needs", 13},
		"a need more":                      {", Dockerfile]", ", Dockerfile, Makefile]", "", 0},
		"no needs, so it always runs":      {"needs: [terraform/app, '*.tf', Dockerfile], ", "", "", 0},
		"the first need":                   {"timeout: 5s,", "timeout: 5s, needs: [x],", "gates.b.needs", 14},
		"a rule less":                      {`rules: ["1"], `, "", "gates.a.rules", 13},
		"a rule more":                      {`rules: ["1"]`, `rules: ["1", "3"]`, "", 0},
		"an active rule less":              {`, active_rules: ["2"]`, "", "gates.a.active_rules", 13},
		"no gate":                          {"  b: {threshold: critical, timeout: 5s, at_least: 1}\n", "", "gates", 12},
		"a gate more":                      {"  b: {", "  c: {threshold: critical}\n  b: {", "", 0},
		"a profile more":                   {"  ci:\n", "  lax: {database_days: 1}\n  ci:\n", "profiles.lax", 2},
		"no profile":                       {"  ci:\n", "  other:\n", "profiles.other", 2},
		"an older database":                {"database_days: 7", "database_days: 8", "profiles.ci.database_days", 3},
		"a newer one":                      {"database_days: 7", "database_days: 1", "", 0},
		"an old database of another gate":  {"old_databases: [b]", "old_databases: [b, a]", "profiles.ci.old_databases", 4},
		"no old database":                  {"    old_databases: [b]\n", "", "", 0},
		"unused waivers":                   {"unused_waivers: fail", "unused_waivers: warn", "profiles.ci.unused_waivers", 5},
		"absent subjects, strictly":        {"absent_subjects: warn", "absent_subjects: fail", "", 0},
		"an unknown base":                  {"unknown_base: fail", "unknown_base: warn", "profiles.ci.unknown_base", 8},
		"a skipped gate":                   {"skip: {a: not here}", "skip: {a: not here, b: slow}", "profiles.ci.skip", 9},
		"another reason":                   {"not here", "nowhere", "", 0},
		"a tool that may be missing":       {"missing_tools: {b:", "missing_tools: {a: x, b:", "profiles.ci.missing_tools", 10},
		"no tool may":                      {"    missing_tools: {b: not on this network}\n", "", "", 0},
		"no active scan":                   {"active_scan: true", "active_scan: false", "profiles.ci.active_scan", 11},
		"a key that there is not any more": {"active_scan: true", "active_scan: true\n    gone: 1", "", 0},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(policyText, test.old, test.with, 1)
			if text == policyText && name != "nothing" {
				t.Fatalf("there is no %q", test.old)
			}
			before, err := ReadPolicy([]byte(policyText))
			if err != nil {
				t.Fatal(err)
			}
			now, err := ReadPolicy([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			found := now.Weaker(before)
			if test.want == "" {
				if len(found) > 0 {
					t.Errorf("found %+v", found)
				}
				return
			}
			at := slices.IndexFunc(found, func(w Weakening) bool { return strings.Join(w.Key, ".") == test.want && w.What != "" })
			if at < 0 {
				t.Fatalf("found %+v, want %s", found, test.want)
			}
			if line := LineOf([]byte(text), found[at].Key); line != test.line {
				t.Errorf("line %d, want %d", line, test.line)
			}
		})
	}
}

// The gate of the policy cannot be told to look away.
func TestPolicyGateAlwaysRuns(t *testing.T) {
	text := strings.Replace(policyText, "  b: {", "  policy: {threshold: low, timeout: 5s, at_least: 1}\n  b: {", 1)
	for old, with := range map[string]string{
		"policy: {threshold: low":     "policy: {threshold: critical",
		"policy: {":                   "policy: {needs: [no-such-file], ",
		"skip: {a: not here}":         "skip: {policy: not here}",
		"policy: {threshold: low, ti": "policy: {ti",
	} {
		if _, err := ParsePolicy(strings.NewReader(strings.Replace(text, old, with, 1)), []string{"a", "b", PolicyGate}); err == nil || !strings.Contains(err.Error(), PolicyGate) {
			t.Errorf("%s: error %v", with, err)
		}
	}
	if _, err := ParsePolicy(strings.NewReader(text), []string{"a", "b", PolicyGate}); err != nil {
		t.Error(err)
	}
}

// A gate that examines far more than the policy requires is a finding, because it
// would pass with next to nothing.
func TestPlainlyTooLittleRequired(t *testing.T) {
	for _, test := range []struct {
		count int
		unit  string
		want  bool
	}{{9, "files", true}, {8, "files", false}, {1000, "commits", false}} {
		cfg := config(t, returns("a", scanner.Outcome{Tool: "t", Version: "v1", Examined: scanner.Examined{Count: test.count, Unit: test.unit}}, nil))
		cfg.Job.Rules.Policy = "policy.yaml"
		r := run1(t, cfg)
		if got := r.Gates[0].Status == Findings && r.Findings[0].Rule == WeakerPolicy && r.Findings[0].Severity == finding.Critical; got != test.want {
			t.Errorf("%d %s: %s, findings %+v", test.count, test.unit, r.Gates[0].Status, r.Findings)
		}
	}
}

// A run in which only the policy was examined examined nothing of the project, unless
// that was all that was asked for.
func TestOnlyThePolicyRan(t *testing.T) {
	cfg := config(t, returns(PolicyGate, looked(), nil), returns("a", looked(), nil))
	allow(cfg, func(p *Profile) { p.Skip = map[string]string{"a": "slow", PolicyGate: "slow"} })
	if r := run1(t, cfg); r.Verdict.Exit != ExitNothingExamined || r.Gates[0].Status != Passed {
		t.Errorf("the gate ended as %s, the verdict is %+v", r.Gates[0].Status, r.Verdict)
	}
	cfg.Only = []string{PolicyGate}
	if r := run1(t, cfg); !r.Verdict.Green {
		t.Errorf("the verdict is %+v", r.Verdict)
	}
}

func FuzzLineOf(f *testing.F) {
	f.Add([]byte(policyText), "a", "threshold")
	f.Add([]byte("gates: [a, {b: c}]\n"), "b", "")
	f.Add([]byte("gates: [a]\n"), "a", "b")
	f.Fuzz(func(t *testing.T, text []byte, gate, key string) {
		if line := LineOf(text, []string{"gates", gate, key}); line < 0 || line > strings.Count(string(text), "\n")+strings.Count(string(text), "\r")+2 {
			t.Errorf("line %d", line)
		}
	})
}

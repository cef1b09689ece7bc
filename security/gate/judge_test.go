package gate

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
	"example.com/rates/security/waiver"
)

func waivers(t *testing.T, entries ...string) waiver.List {
	t.Helper()
	list, err := waiver.Parse(strings.NewReader("waivers: [" + strings.Join(entries, ",") + "]"))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func exception(rule, expires string) string {
	return "{rule: " + rule + ", path: a.go, reason: r, owner: o, created: 2026-05-01, expires: " + expires + "}"
}

func found(rule string, severity finding.Severity) finding.Finding {
	return finding.Finding{Rule: rule, Severity: severity, File: "a.go", Witnesses: []finding.Witness{{Gate: "a", Rule: rule}}}
}

// The findings of a gate, its threshold and the waivers decide its status.
func TestStatus(t *testing.T) {
	list := waivers(t, exception("W", "2026-06-30"))
	for _, test := range []struct {
		name     string
		findings []finding.Finding
		want     Status
		waived   int
	}{
		{"nothing", nil, Passed, 0},
		{"below the threshold", []finding.Finding{found("F", finding.Low)}, Passed, 0},
		{"at the threshold", []finding.Finding{found("F", finding.Medium)}, Findings, 0},
		{"of unknown severity", []finding.Finding{found("F", finding.Unknown)}, Findings, 0},
		{"waived", []finding.Finding{found("W", finding.Critical)}, Waived, 1},
		{"waived and below the threshold", []finding.Finding{found("W", finding.Low)}, Passed, 1},
		{"waived and another below", []finding.Finding{found("F", finding.Low), found("W", finding.High)}, Waived, 1},
		{"waived and another", []finding.Finding{found("W", finding.High), found("F", finding.High)}, Findings, 1},
		{"another and waived", []finding.Finding{found("F", finding.High), found("W", finding.High)}, Findings, 1},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := config(t, returns("a", looked(test.findings...), nil))
			cfg.Waivers = list
			r := run1(t, cfg)
			wantResult(t, r, test.want, "", "")
			if got := r.Gates[0].Counts.Waived; got != test.waived {
				t.Errorf("%d are waived, want %d", got, test.waived)
			}
			if len(r.Findings) != len(test.findings) {
				t.Errorf("the report shows %d findings, want %d", len(r.Findings), len(test.findings))
			}
		})
	}
}

// A gate that could not run weighs most, then one that examined nothing, then
// findings.
func TestVerdict(t *testing.T) {
	failed := scanner.Errorf(scanner.Killed, "x")
	empty := scanner.Errorf(scanner.NothingExamined, "x")
	few := looked()
	few.Examined.Count = 1
	passes, finds := returns("passes", looked(), nil), returns("finds", looked(found("F", finding.High)), nil)
	breaks, looksAtNothing := returns("breaks", looked(), failed), returns("looksAtNothing", looked(), empty)
	for _, test := range []struct {
		name  string
		gates []fake
		want  int
	}{
		{"all green", []fake{passes, returns("b", looked(), nil)}, ExitGreen},
		{"findings", []fake{passes, finds}, ExitFindings},
		{"one could not run", []fake{passes, breaks}, ExitCouldNotRun},
		{"one examined nothing", []fake{passes, looksAtNothing}, ExitNothingExamined},
		{"one examined too little", []fake{returns("few", few, nil)}, ExitCouldNotRun},
		{"findings, and one examined nothing", []fake{finds, looksAtNothing}, ExitNothingExamined},
		{"all of it", []fake{finds, looksAtNothing, breaks}, ExitCouldNotRun},
		{"no gate", nil, ExitNothingExamined},
	} {
		t.Run(test.name, func(t *testing.T) {
			v := run1(t, config(t, test.gates...)).Verdict
			if v.Exit != test.want || v.Green != (test.want == ExitGreen) || v.Green != (len(v.Reasons) == 0) {
				t.Errorf("verdict %+v, want exit code %d", v, test.want)
			}
		})
	}
}

// A run that skipped every gate proves nothing.
func TestVerdictOfSkippedGates(t *testing.T) {
	cfg := config(t, returns("a", looked(), nil))
	allow(cfg, func(p *Profile) { p.Skip = map[string]string{"a": "no licence"} })
	v := run1(t, cfg).Verdict
	want := Verdict{Exit: ExitNothingExamined, Reasons: []string{"no gate ran"}, Unseen: []string{"a was skipped: no licence"}}
	if diff := cmp.Diff(want, v); diff != "" {
		t.Errorf("verdict (-want +got):\n%s", diff)
	}
}

// A verdict on some of the gates says that the others did not run.
func TestVerdictOfSomeGates(t *testing.T) {
	cfg := config(t, returns("a", looked(), nil), returns("b", looked(), nil))
	cfg.Only = []string{"a"}
	want := Verdict{Green: true, Unseen: []string{"only 1 of 2 gates were selected; the others did not run"}}
	if diff := cmp.Diff(want, run1(t, cfg).Verdict); diff != "" {
		t.Errorf("verdict (-want +got):\n%s", diff)
	}
}

// Invalid waivers make a run red, each by its name.
func TestVerdictOfWaivers(t *testing.T) {
	for _, test := range []struct {
		name     string
		waivers  []string
		reaction Reaction
		exit     int
		reason   string
		warning  string
	}{
		{"in order", []string{exception("W", "2026-06-30")}, Fail, ExitGreen, "", ""},
		{"ends in 15 days", []string{exception("W", "2026-06-04")}, Fail, ExitGreen, "", ""},
		{"ends in 14 days", []string{exception("W", "2026-06-03")}, Fail, ExitGreen, "", "the waiver of W in a.go (line 1), owned by o, ends on 2026-06-03"},
		{"ends today", []string{exception("W", "2026-05-20")}, Fail, ExitGreen, "", "ends on 2026-05-20"},
		{"ended yesterday", []string{exception("W", "2026-05-19")}, Fail, ExitFindings, "the waiver of W in a.go (line 1), owned by o, expired on 2026-05-19", ""},
		{"matches nothing", []string{exception("W", "2026-06-30"), exception("X", "2026-06-30")}, Fail, ExitFindings, "the waiver of X in a.go (line 1) matches nothing; remove it", ""},
		{"matches nothing, which may be", []string{exception("W", "2026-06-30"), exception("X", "2026-06-30")}, Warn, ExitGreen, "", "the waiver of X in a.go (line 1) matches nothing; remove it"},
		{"malformed", []string{exception("W", "2026-06-30"), "{rule: X}"}, Fail, ExitFindings, "waivers.yaml, line 1, X: reason is missing", ""},
		{"too long", []string{exception("W", "2026-08-30")}, Fail, ExitFindings, "waivers.yaml, line 1, W: it holds for 121 days; 90 are allowed", ""},
		{"created in the future", []string{exception("W", "2026-06-30"), strings.Replace(exception("X", "2026-06-30"), "2026-05-01", "2026-06-01", 1)}, Fail, ExitFindings, "X: it was created on 2026-06-01, in the future", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := config(t, returns("a", looked(found("W", finding.High)), nil))
			cfg.Waivers = waivers(t, test.waivers...)
			allow(cfg, func(p *Profile) { p.UnusedWaivers = test.reaction })
			v := run1(t, cfg).Verdict
			if v.Exit != test.exit || !strings.Contains(strings.Join(v.Reasons, "\n"), test.reason) || !strings.Contains(strings.Join(v.Warnings, "\n"), test.warning) {
				t.Errorf("verdict %+v, want exit code %d, reason %q, warning %q", v, test.exit, test.reason, test.warning)
			}
			if test.warning == "" && len(v.Warnings) > 0 {
				t.Errorf("warnings %q, want none", v.Warnings)
			}
		})
	}
}

// A waiver is reported as unused only when every gate ran; otherwise a warning
// says that unused waivers were not looked for.
func TestUnusedWaiversNeedEveryGate(t *testing.T) {
	for _, test := range []struct {
		name   string
		change func(*Config)
		judged bool
	}{
		{"all looked", func(*Config) {}, true},
		{"one was not selected", func(c *Config) { c.Only = []string{"a"} }, false},
		{"one failed", func(c *Config) { c.Scanners[1] = returns("b", looked(), scanner.Errorf(scanner.Killed, "x")) }, false},
		{"one was left out by name", func(c *Config) { allow(*c, func(p *Profile) { p.Skip = map[string]string{"b": "r"} }) }, false},
		{"one has nothing to look at", func(c *Config) { demand(*c, "b", func(r *Rules) { r.Needs = []string{"Dockerfile"} }) }, true},
	} {
		t.Run(test.name, func(t *testing.T) {
			cfg := config(t, returns("a", looked(), nil), returns("b", looked(), nil))
			cfg.Waivers = waivers(t, exception("X", "2026-06-30"))
			test.change(&cfg)
			r := run1(t, cfg)
			if got := len(r.Waivers.Unused) == 1; got != test.judged {
				t.Errorf("unused %v, want that it was judged: %t", r.Waivers.Unused, test.judged)
			}
			said := strings.Contains(strings.Join(r.Verdict.Warnings, "\n"), "were not looked for: not every gate ran")
			if said == test.judged {
				t.Errorf("warnings %q", r.Verdict.Warnings)
			}
		})
	}
}

// The same defect, found by two gates, is one finding of the report, and can be
// waived by any name of its rule.
func TestGatesAgree(t *testing.T) {
	aliases, err := finding.ParseAliases(strings.NewReader("- [DS-0002, DL3002]\n"))
	if err != nil {
		t.Fatal(err)
	}
	other := found("DS-0002", finding.High)
	other.Witnesses = []finding.Witness{{Gate: "b", Rule: "DS-0002"}}
	cfg := config(t, returns("a", looked(found("DL3002", finding.Low)), nil), returns("b", looked(other), nil))
	cfg.Aliases = aliases
	if r := run1(t, cfg); len(r.Findings) != 1 || len(r.Findings[0].Witnesses) != 2 || r.Findings[0].Severity != finding.High {
		t.Errorf("findings %+v, want one with two witnesses", r.Findings)
	}
	cfg.Waivers = waivers(t, exception("DL3002", "2026-06-30"))
	r := run1(t, cfg)
	if !r.Verdict.Green || r.Findings[0].Waiver == nil || r.Gates[1].Status != Waived {
		t.Errorf("verdict %+v, finding %+v", r.Verdict, r.Findings[0])
	}
}

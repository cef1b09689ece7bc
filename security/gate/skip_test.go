package gate

import (
	"strings"
	"testing"

	"example.com/rates/security/scanner"
)

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

package gate

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/finding"
	"example.com/rates/security/scanner"
)

const policyText = `profiles:
  ci:
    database_days: 7
    old_databases: [b]
    unused_waivers: fail
    absent_subjects: warn
    packed_image: warn
    unknown_base: fail
    skip: {a: not here}
    missing_tools: {b: not on this network}
    active_scan: true
gates:
  a: {threshold: low, timeout: 1m30s, at_least: 3, needs: [terraform/app, '*.tf', Dockerfile], rules: ["1"], active_rules: ["2"]}
  b: {threshold: critical, timeout: 5s, at_least: 1}
accepted:
  - {kinds: [.py], in: [tools/, a.py], reason: for the tests}
`

// Every key of a policy is read.
func TestParsePolicy(t *testing.T) {
	got, err := ParsePolicy(strings.NewReader(policyText), []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	want := Policy{
		Profiles: map[string]Profile{"ci": {
			DatabaseDays: 7, OldDatabases: []string{"b"}, UnusedWaivers: Fail, AbsentSubjects: Warn, PackedImage: Warn, UnknownBase: Fail, Skip: map[string]string{"a": "not here"},
			MissingTools: map[string]string{"b": "not on this network"}, ActiveScan: true,
		}},
		Gates: map[string]Rules{
			"a": {Threshold: finding.Low, Timeout: Duration{90 * time.Second}, AtLeast: 3, Needs: []string{"terraform/app", "*.tf", "Dockerfile"}, Rules: []string{"1"}, ActiveRules: []string{"2"}},
			"b": {Threshold: finding.Critical, Timeout: Duration{5 * time.Second}, AtLeast: 1},
		},
		Accepted: []scanner.Accepted{{Kinds: []string{".py"}, In: []string{"tools/", "a.py"}, Reason: "for the tests"}},
		Order:    []string{"a", "b"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("policy (-want +got):\n%s", diff)
	}
}

// A missing or wrong value is refused by its name.
func TestParsePolicyRefusals(t *testing.T) {
	for _, test := range []struct{ name, old, with, want string }{
		{"an unknown key", "at_least: 3", "atleast: 3", "line 13: unknown key atleast"},
		{"an unknown key of a profile", "skip:", "skipped:", "line 9: unknown key skipped"},
		{"an unknown key at the top", "profiles:", "profile:", "line 1: unknown key profile"},
		{"a tool of a gate that there is not", "missing_tools: {b:", "missing_tools: {c:", "there is no gate c"},
		{"a missing tool without a reason", "not on this network", "''", "missing_tools: gate b has no reason"},
		{"a gate that there is not", "  b: {", "  c: {at_least: 1}\n  b: {", "there is no gate c"},
		{"a gate without entry", "  a: {", "  c: {", "gate a has no entry"},
		{"a key twice", "gates:\n", "gates:\n  a: {at_least: 1}\n", `mapping key "a" already defined`},
		{"a severity that there is not", "threshold: low", "threshold: bad", `severity "bad" is not one of critical, high`},
		{"no threshold", "threshold: low, ", "", "gate a: threshold must be info, low, medium, high or critical"},
		{"an unknown threshold", "threshold: low", "threshold: unknown", "gate a: threshold must be info"},
		{"no time", "timeout: 1m30s, ", "", "gate a: timeout must be more than 0s"},
		{"a time that is none", "1m30s", "90", `"90" is no duration; write it as 90s or 5m`},
		{"a time in the past", "1m30s", "-1s", "gate a: timeout must be more than 0s"},
		{"nothing to examine", "at_least: 3", "at_least: 0", "gate a: at_least must be 1 or more"},
		{"a need with a slash at its end", "terraform/app", "terraform/", `gate a: needs: "terraform/" is neither a path`},
		{"a need with a pattern of folders", "'*.tf'", "'app/*.tf'", `gate a: needs: "app/*.tf" is neither a path`},
		{"a need that is no pattern", "'*.tf'", "'[.tf'", `gate a: needs: "[.tf" is neither a path`},
		{"an empty need", "'*.tf'", "''", `gate a: needs: "" is neither a path`},
		{"a need outside", "terraform/app", "../app", `gate a: needs: "../app" is neither a path`},
		{"an absolute need", "terraform/app", "/app", `gate a: needs: "/app" is neither a path`},
		{"no days", "database_days: 7", "database_days: 0", "profile ci: database_days must be 1 or more"},
		{"a reaction that there is not", "unused_waivers: fail", "unused_waivers: ignore", `profile ci: unused_waivers must be warn or fail, not "ignore"`},
		{"no reaction", "    absent_subjects: warn\n", "", `profile ci: absent_subjects must be warn or fail, not ""`},
		{"a skip without reason", "not here", "' '", "profile ci: skip: gate a has no reason"},
		{"a skip of no gate", "skip: {a:", "skip: {c:", "profile ci: there is no gate c"},
		{"an old database of no gate", "[b]", "[c]", "profile ci: there is no gate c"},
		{"a reaction to unread files that there is not", "    absent_subjects: warn\n", "    absent_subjects: warn\n    unread_files: ignore\n", `profile ci: unread_files must be warn or fail, not "ignore"`},
		{"unread files of no kind", "kinds: [.py]", "kinds: []", "entry 1 of accepted: it must name the kinds"},
		{"unread files of an empty kind", "kinds: [.py]", "kinds: [.py, '']", "entry 1 of accepted: it must name the kinds"},
		{"unread files without a reason", "reason: for the tests", "reason: ' '", "entry 1 of accepted: it has no reason"},
		{"unread files in an empty place", "in: [tools/", "in: ['', tools/", `entry 1 of accepted: "" is neither a file, nor a folder`},
		{"unread files in all places", "in: [tools/", "in: [./, tools/", `entry 1 of accepted: "./" is neither`},
		{"unread files below the root", "in: [tools/", "in: [/, tools/", `entry 1 of accepted: "/" is neither`},
		{"unread files outside", "in: [tools/", "in: [../tools/", `entry 1 of accepted: "../tools/" is neither`},
		{"unread files by a pattern", "in: [tools/", "in: ['tools/*', tools/", `entry 1 of accepted: "tools/*" is neither`},
		{"an unknown key of unread files", "in: [tools/", "at: [tools/", "unknown key at"},
		{"a second document", "gates:\n", "---\ngates:\n", "there is more than one document"},
	} {
		t.Run(test.name, func(t *testing.T) {
			text := strings.Replace(policyText, test.old, test.with, 1)
			if text == policyText {
				t.Fatalf("the policy does not hold %q", test.old)
			}
			_, err := ParsePolicy(strings.NewReader(text), []string{"a", "b"})
			if err == nil || !strings.HasPrefix(err.Error(), "policy: ") || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
	if _, err := ParsePolicy(strings.NewReader(""), nil); err == nil || err.Error() != "policy: the file is empty" {
		t.Errorf("an empty policy: error %v", err)
	}
	if _, err := ParsePolicy(strings.NewReader("gates: {}"), nil); err == nil || err.Error() != "policy: there is no profile" {
		t.Errorf("a policy without profile: error %v", err)
	}
}

// A policy that loads requires something of every gate.
func FuzzParsePolicy(f *testing.F) {
	f.Add(policyText)
	f.Add("profiles: {ci: {database_days: 1, unused_waivers: warn, absent_subjects: warn, packed_image: warn, unknown_base: warn}}\ngates: {a: &a {threshold: info, timeout: 1ns, at_least: 1}, b: *a}\n")
	gates := []string{"a", "b"}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParsePolicy(strings.NewReader(text), gates)
		if err != nil {
			return
		}
		for _, name := range gates {
			if r := p.Gates[name]; r.AtLeast < 1 || r.Timeout.Duration <= 0 || r.Threshold == finding.Unknown {
				t.Errorf("nothing is required of gate %s: %+v", name, r)
			}
		}
		for name, profile := range p.Profiles {
			for gate, reason := range profile.Skip {
				if strings.TrimSpace(reason) == "" {
					t.Errorf("profile %s skips %s for no reason", name, gate)
				}
			}
		}
	})
}

package waiver

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/finding"
)

func entry(lines ...string) string {
	return "waivers:\n- " + strings.Join(lines, "\n  ") + "\n"
}

func parse(t *testing.T, text string) List {
	t.Helper()
	list, err := Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func day(t *testing.T, text string) Day {
	t.Helper()
	var d Day
	if err := d.UnmarshalText([]byte(text)); err != nil {
		t.Fatal(err)
	}
	return d
}

// Every key of an entry is read, and its line.
func TestParse(t *testing.T) {
	list := parse(t, `# exceptions
waivers:
- rule: G304
  path: db/dump/
  resource: main
  package: golang.org/x/text
  version: v0.3.5
  reason: the path is the user's own
  owner: '@data'
  created: 2026-01-01
  expires: 2026-04-01
`)
	want := List{Waivers: []Waiver{{
		Rule: "G304", Path: "db/dump/", Resource: "main", Package: "golang.org/x/text", Version: "v0.3.5",
		Reason: "the path is the user's own", Owner: "@data",
		Created: day(t, "2026-01-01"), Expires: day(t, "2026-04-01"), Line: 3,
	}}}
	if diff := cmp.Diff(want, list); diff != "" {
		t.Errorf("list (-want +got):\n%s", diff)
	}
}

// A malformed entry is reported with its line, its rule and the mistake.
func TestParseProblems(t *testing.T) {
	whole := []string{"rule: G304", "path: a.go", "reason: r", "owner: o", "created: 2026-01-01", "expires: 2026-01-31"}
	with := func(key, value string) string {
		lines := []string{}
		for _, line := range whole {
			if name, _, _ := strings.Cut(line, ":"); name != key {
				lines = append(lines, line)
			}
		}
		if value != "" {
			lines = append(lines, key+": "+value)
		}
		return entry(lines...)
	}
	for _, test := range []struct{ name, text, want string }{
		{"nothing is wrong", entry(whole...), ""},
		{"no rule", with("rule", ""), "line 2, entry: rule is missing"},
		{"a rule of blanks", with("rule", `"  "`), "line 2, entry: rule is missing"},
		{"no reason", with("reason", ""), "line 2, G304: reason is missing"},
		{"an empty reason", with("reason", `" "`), "line 2, G304: reason is missing"},
		{"no owner", with("owner", ""), "line 2, G304: owner is missing"},
		{"no scope", with("path", ""), "line 2, G304: it names no place: a path, a resource or a package"},
		{"a package without version", with("package", "x"), "line 2, G304: package and version belong together: another version is another decision"},
		{"a version without package", with("version", "v1"), "line 2, G304: package and version belong together: another version is another decision"},
		{"the whole repository", with("path", "."), `line 2, G304: path "." is not a clean path within the repository`},
		{"the whole repository as a folder", with("path", "./"), `line 2, G304: path "./" is not a clean path within the repository`},
		{"an absolute path", with("path", "/etc/passwd"), `line 2, G304: path "/etc/passwd" is not a clean path within the repository`},
		{"the root of the disk", with("path", "/"), `line 2, G304: path "/" is not a clean path within the repository`},
		{"a path that leads out", with("path", "../a.go"), `line 2, G304: path "../a.go" is not a clean path within the repository`},
		{"a path with detours", with("path", "a/../b.go"), `line 2, G304: path "a/../b.go" is not a clean path within the repository`},
		{"a path with two slashes", with("path", "a//b.go"), `line 2, G304: path "a//b.go" is not a clean path within the repository`},
		{"a folder with two slashes", with("path", "a//"), `line 2, G304: path "a//" is not a clean path within the repository`},
		{"a pattern", with("path", "'a/*'"), `line 2, G304: path "a/*" is a pattern; name a file, or a folder with a slash at its end`},
		{"no day of creation", with("created", ""), "line 2, G304: created is missing; write a day as 2026-01-31"},
		{"no end", with("expires", ""), "line 2, G304: expires is missing; write a day as 2026-01-31"},
		{"no real day", with("expires", "2026-02-30"), `line 2, G304: line 7: "2026-02-30" is not a day; write it as 2026-01-31`},
		{"an end before the beginning", with("expires", "2025-12-31"), "line 2, G304: it expires on 2025-12-31, before it was created on 2026-01-01"},
		{"the day of creation alone", with("expires", "2026-01-01"), ""},
		{"90 days", with("expires", "2026-04-01"), ""},
		{"91 days", with("expires", "2026-04-02"), "line 2, G304: it holds for 91 days; 90 are allowed"},
		{"an unknown key", with("expire", "2026-01-31"), "line 2, G304: line 8: unknown key expire"},
		{"a key twice", entry(append(whole, "owner: p")...), `line 2, G304: line 8: mapping key "owner" already defined at line 5`},
		{"no mapping", "waivers:\n- G304\n", "line 2, entry: line 2: cannot use the text `G304` here"},
	} {
		t.Run(test.name, func(t *testing.T) {
			list := parse(t, test.text)
			var problems []string
			for _, p := range list.Problems {
				problems = append(problems, p.String())
			}
			if got := strings.Join(problems, "\n"); got != test.want {
				t.Errorf("problems:\n%s\nwant:\n%s", got, test.want)
			}
			if len(list.Waivers)+len(list.Problems) != 1 {
				t.Errorf("one entry became %d waivers and %d problems", len(list.Waivers), len(list.Problems))
			}
		})
	}
}

// A malformed entry voids no other.
func TestParseKeepsTheOthers(t *testing.T) {
	list := parse(t, `waivers:
- {rule: A, path: a, reason: r, owner: o, created: 2026-01-01, expires: 2026-01-31}
- {rule: B, path: a, reason: r, owner: o, created: soon, expires: 2026-01-31}
- {rule: C, path: a, reason: r, owner: o, created: 2026-01-01, expires: 2026-01-31}
`)
	var rules []string
	for _, w := range list.Waivers {
		rules = append(rules, w.Rule)
	}
	if diff := cmp.Diff([]string{"A", "C"}, rules); diff != "" {
		t.Errorf("valid (-want +got):\n%s", diff)
	}
	if len(list.Problems) != 1 || list.Problems[0].Rule != "B" {
		t.Errorf("problems %v, want the one of B", list.Problems)
	}
}

// A file without a list of waivers is refused.
func TestParseRefusals(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"another key", "exceptions: []\n", "waivers: line 1: unknown key exceptions"},
		{"no list", "waivers: {a: b}\n", "waivers: line 1: cannot use a mapping here"},
		{"a second document", "waivers: []\n---\nwaivers: []\n", "waivers: there is more than one document in the file"},
		{"no YAML", "waivers: [", "waivers: line 2: did not find expected node content"},
		{"nothing", "", ""},
		{"an empty list", "waivers: []\n", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := Parse(strings.NewReader(test.text))
			got := ""
			if err != nil {
				got = err.Error()
			}
			if got != test.want {
				t.Errorf("error %q, want %q", got, test.want)
			}
		})
	}
}

// A waiver holds to the end of its last day in UTC.
func TestExpired(t *testing.T) {
	w := Waiver{Created: day(t, "2026-01-01"), Expires: day(t, "2026-01-31")}
	for _, test := range []struct {
		now  string
		left int
	}{
		{"2026-01-01T00:00:00Z", 30},
		{"2026-01-30T23:59:59Z", 1},
		{"2026-01-31T00:00:00Z", 0},
		{"2026-01-31T23:59:59.999Z", 0},
		{"2026-02-01T00:00:00Z", -1},
		{"2026-02-01T01:00:00+02:00", 0},
		{"2026-01-31T23:00:00-02:00", -1},
	} {
		now, err := time.Parse(time.RFC3339, test.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := w.DaysLeft(now); got != test.left {
			t.Errorf("at %s %d days are left, want %d", test.now, got, test.left)
		}
		if got := w.Expired(now); got != (test.left < 0) {
			t.Errorf("at %s expired is %t", test.now, got)
		}
	}
}

// A waiver covers only the place that it names.
func TestCovers(t *testing.T) {
	same := func(a, b string) bool { return a == b || a == "CKV_DOCKER_3" && b == "DS-0002" }
	f := finding.Finding{
		Rule: "DS-0002", Aliases: []string{"DL3002"}, File: "deploy/Dockerfile", Resource: "stage 1",
		Package: "golang.org/x/text", Version: "v0.3.5",
	}
	for _, test := range []struct {
		name string
		w    Waiver
		want bool
	}{
		{"the file", Waiver{Rule: "DS-0002", Path: "deploy/Dockerfile"}, true},
		{"another file", Waiver{Rule: "DS-0002", Path: "Dockerfile"}, false},
		{"the beginning of the file's name", Waiver{Rule: "DS-0002", Path: "deploy/Docker"}, false},
		{"the folder", Waiver{Rule: "DS-0002", Path: "deploy/"}, true},
		{"the folder without its slash", Waiver{Rule: "DS-0002", Path: "deploy"}, false},
		{"the beginning of the folder's name", Waiver{Rule: "DS-0002", Path: "dep/"}, false},
		{"an alias of the finding", Waiver{Rule: "DL3002", Path: "deploy/"}, true},
		{"a name that means the same", Waiver{Rule: "CKV_DOCKER_3", Path: "deploy/"}, true},
		{"another rule", Waiver{Rule: "DS-0001", Path: "deploy/"}, false},
		{"the resource", Waiver{Rule: "DS-0002", Resource: "stage 1"}, true},
		{"another resource", Waiver{Rule: "DS-0002", Resource: "stage"}, false},
		{"the resource in another file", Waiver{Rule: "DS-0002", Resource: "stage 1", Path: "x"}, false},
		{"the version of the package", Waiver{Rule: "DS-0002", Package: "golang.org/x/text", Version: "v0.3.5"}, true},
		{"another version", Waiver{Rule: "DS-0002", Package: "golang.org/x/text", Version: "v0.3.6"}, false},
		{"another package", Waiver{Rule: "DS-0002", Package: "golang.org/x/net", Version: "v0.3.5"}, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := test.w.Covers(f, same); got != test.want {
				t.Errorf("covers is %t, want %t", got, test.want)
			}
		})
	}
}

// After a run the effect of each waiver is known.
func TestLedger(t *testing.T) {
	list := parse(t, `waivers:
- {rule: USED, path: a, reason: old, owner: o, created: 2026-01-01, expires: 2026-01-31}
- {rule: USED, path: a, reason: the second for the same, owner: o, created: 2026-01-01, expires: 2026-01-31}
- {rule: GONE, path: a, reason: r, owner: o, created: 2026-01-01, expires: 2026-01-30}
- {rule: TOMORROW, path: a, reason: begun where the day began, owner: o, created: 2026-02-01, expires: 2026-02-02}
- {rule: AHEAD, path: a, reason: r, owner: o, created: 2027-01-01, expires: 2027-02-01}
`)
	now := day(t, "2026-01-31").Add(12 * time.Hour)
	ledger := NewLedger(list, func(a, b string) bool { return a == b }, now)
	findings := []finding.Finding{
		{Rule: "USED", File: "a"}, {Rule: "GONE", File: "a"}, {Rule: "TOMORROW", File: "a"}, {Rule: "AHEAD", File: "a"}, {Rule: "USED", File: "b"},
	}
	ledger.Apply(findings[:2])
	ledger.Apply(findings[2:])
	waived := map[string]bool{"USED a": true, "TOMORROW a": true}
	for _, f := range findings {
		if name := f.Rule + " " + f.File; (f.Waiver != nil) != waived[name] {
			t.Errorf("%s: waiver %v", name, f.Waiver)
		}
	}
	if want := (&finding.Waiver{Reason: "old", Owner: "o", Expires: "2026-01-31"}); !cmp.Equal(want, findings[0].Waiver) {
		t.Errorf("the waiver on the finding is %v, want %v", findings[0].Waiver, want)
	}
	use := ledger.Use()
	want := Use{
		Used:    []Waiver{list.Waivers[0], list.Waivers[3]},
		Unused:  []Waiver{list.Waivers[1]},
		Expired: []Waiver{list.Waivers[2]},
		Early:   []Problem{{Line: 6, Rule: "AHEAD", What: "it was created on 2027-01-01, in the future"}},
	}
	if diff := cmp.Diff(want, use); diff != "" {
		t.Errorf("use (-want +got):\n%s", diff)
	}
}

// Whatever the file holds, each entry becomes a waiver or a problem, and no
// waiver holds for longer than MaxDays.
func FuzzParse(f *testing.F) {
	f.Add(entry("rule: G304", "path: a.go", "reason: r", "owner: o", "created: 2026-01-01", "expires: 2026-01-31"))
	f.Add(entry("rule: G304", "package: p", "version: v1", "reason: r", "owner: o", "created: 2026-01-01", "expires: 2026-05-01"))
	f.Add("waivers:\n- &a {rule: x, path: ../..}\n- *a\n- <<: *a\n")
	f.Add("waivers: [1, [2], ~]")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := Parse(strings.NewReader(text))
		if err != nil {
			return
		}
		for _, w := range list.Waivers {
			if held := w.Expires.Sub(w.Created.Time); held < 0 || held > MaxDays*24*time.Hour {
				t.Errorf("%s holds for %v", w, held)
			}
			if strings.TrimSpace(w.Reason) == "" || strings.TrimSpace(w.Owner) == "" || strings.TrimSpace(w.Rule) == "" {
				t.Errorf("%+v lacks what a waiver must say", w)
			}
			if w.coversPath("") && w.Path != "" || w.Path == "" && w.Resource == "" && w.Package == "" {
				t.Errorf("%s covers anything", w)
			}
		}
	})
}

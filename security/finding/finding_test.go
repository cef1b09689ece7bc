package finding

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func aliases(t *testing.T, text string) Aliases {
	t.Helper()
	a, err := ParseAliases(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// An unknown severity counts as a high one, and only as that.
func TestAtLeast(t *testing.T) {
	order := []Severity{Info, Low, Medium, High, Critical}
	for i, s := range order {
		for j, threshold := range order {
			if got := s.AtLeast(threshold); got != (i >= j) {
				t.Errorf("%s at least %s is %t", s, threshold, got)
			}
		}
	}
	for threshold, want := range map[Severity]bool{Info: true, Medium: true, High: true, Critical: false} {
		if got := Unknown.AtLeast(threshold); got != want {
			t.Errorf("unknown at least %s is %t", threshold, got)
		}
	}
}

// Every severity can be written and read back.
func TestSeverityText(t *testing.T) {
	if len(Severities()) != len(severityNames) {
		t.Errorf("there are %d severities, and names for %d", len(Severities()), len(severityNames))
	}
	for _, s := range Severities() {
		text, err := s.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var read Severity
		if err := read.UnmarshalText([]byte(strings.ToUpper(string(text)))); err != nil || read != s {
			t.Errorf("%s is read as %s, error %v", text, read, err)
		}
	}
	if _, err := ParseSeverity("bad"); err == nil {
		t.Error("an unknown severity was read")
	}
}

// Several names of a rule become one name; the others are kept as aliases.
func TestAliases(t *testing.T) {
	a := aliases(t, "- [DS-0002, CKV_DOCKER_3, DL3002]\n- [GO-1, CVE-1]\n")
	for _, test := range []struct {
		name  string
		found Finding
		want  Finding
	}{
		{"the preferred name", Finding{Rule: "DS-0002"}, Finding{Rule: "DS-0002", Aliases: []string{"CKV_DOCKER_3", "DL3002"}}},
		{"another name", Finding{Rule: "DL3002"}, Finding{Rule: "DS-0002", Aliases: []string{"CKV_DOCKER_3", "DL3002"}}},
		{"a name as an alias", Finding{Rule: "root", Aliases: []string{"DL3002"}}, Finding{Rule: "DS-0002", Aliases: []string{"CKV_DOCKER_3", "DL3002", "root"}}},
		{"no name of the table", Finding{Rule: "G304", Aliases: []string{"z", "a", "a", "G304"}}, Finding{Rule: "G304", Aliases: []string{"a", "z"}}},
	} {
		t.Run(test.name, func(t *testing.T) {
			a.Apply(&test.found)
			if diff := cmp.Diff(test.want, test.found, cmp.Comparer(func(x, y []string) bool { return strings.Join(x, " ") == strings.Join(y, " ") })); diff != "" {
				t.Errorf("finding (-want +got):\n%s", diff)
			}
		})
	}
	for _, pair := range []struct {
		x, y string
		want bool
	}{{"DL3002", "CKV_DOCKER_3", true}, {"DL3002", "DL3002", true}, {"x", "x", true}, {"DL3002", "GO-1", false}, {"x", "y", false}} {
		if got := a.Same(pair.x, pair.y); got != pair.want {
			t.Errorf("%s and %s are the same: %t", pair.x, pair.y, got)
		}
	}
}

// A table that gives one name two meanings is refused, and ours is valid.
func TestParseAliases(t *testing.T) {
	for _, text := range []string{"- [a, b]\n- [c, a]\n", "- [a, a]\n", "a: b\n"} {
		if _, err := ParseAliases(strings.NewReader(text)); err == nil {
			t.Errorf("%q was accepted", text)
		}
	}
	if _, err := KnownAliases(); err != nil {
		t.Error(err)
	}
}

func fingerprints(findings []Finding, file string) []string {
	lines := strings.Split(file, "\n")
	Identify(findings, func(_ string, line int) string { return lines[line-1] })
	prints := make([]string, len(findings))
	for i, f := range findings {
		prints[i] = f.Fingerprint
	}
	return prints
}

// A finding keeps its fingerprint while lines around it move or are indented
// again, and gets another when it is about something else.
func TestIdentify(t *testing.T) {
	before := fingerprints([]Finding{{Rule: "G1", File: "a.go", Line: 2}}, "x\n  y = 1\n")
	base := before[0]
	for _, test := range []struct {
		name string
		f    Finding
		file string
		same bool
	}{
		{"lines above it", Finding{Rule: "G1", File: "a.go", Line: 4}, "x\n\n\n  y = 1\n", true},
		{"another indentation", Finding{Rule: "G1", File: "a.go", Line: 2}, "x\n\ty  =  1\n", true},
		{"another severity and text", Finding{Rule: "G1", File: "a.go", Line: 2, Severity: High, Message: "m"}, "x\n  y = 1\n", true},
		{"another line", Finding{Rule: "G1", File: "a.go", Line: 1}, "x\n  y = 1\n", false},
		{"another rule", Finding{Rule: "G2", File: "a.go", Line: 2}, "x\n  y = 1\n", false},
		{"another file", Finding{Rule: "G1", File: "b.go", Line: 2}, "x\n  y = 1\n", false},
		{"a resource", Finding{Rule: "G1", File: "a.go", Line: 2, Resource: "r"}, "x\n  y = 1\n", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := fingerprints([]Finding{test.f}, test.file)[0]; (got == base) != test.same {
				t.Errorf("fingerprint %s, before it was %s", got, base)
			}
		})
	}
}

// Findings on equal lines of a file are distinguished by their order.
func TestIdentifyEqualLines(t *testing.T) {
	const file = "y\nx\ny\n"
	first, second := Finding{Rule: "G1", File: "a", Line: 1}, Finding{Rule: "G1", File: "a", Line: 3}
	a, b := fingerprints([]Finding{first, second}, file), fingerprints([]Finding{second, first}, file)
	if a[0] == a[1] {
		t.Error("two findings have one fingerprint")
	}
	if a[0] != b[1] || a[1] != b[0] {
		t.Error("the order of the tool changed a fingerprint")
	}
}

// A resource or a package identifies the place; the line does not matter.
func TestIdentifyResource(t *testing.T) {
	for _, f := range []Finding{{Rule: "G1", File: "a", Resource: "r"}, {Rule: "G1", File: "a", Package: "p"}} {
		moved := f
		f.Line, moved.Line = 1, 2
		if a, b := fingerprints([]Finding{f}, "x\ny\n"), fingerprints([]Finding{moved}, "x\ny\n"); a[0] != b[0] {
			t.Errorf("%s changed its fingerprint when it moved", f.Place())
		}
	}
}

// The fingerprint of a secret does not depend on its text, which could be
// guessed from it.
func TestIdentifySecret(t *testing.T) {
	f := Finding{Rule: "key", File: "a", Line: 1, Secret: true}
	if a, b := fingerprints([]Finding{f}, "hunter2"), fingerprints([]Finding{f}, "hunter3"); a[0] != b[0] {
		t.Error("the fingerprint depends on the secret")
	}
}

func seen(gate, rule string, line int) Finding {
	return Finding{Rule: rule, File: "Dockerfile", Line: line, Severity: Low, Witnesses: []Witness{{Gate: gate, Rule: rule}}}
}

// One defect that several tools found is one finding; two defects are two.
func TestMerge(t *testing.T) {
	with := func(f Finding, change func(*Finding)) Finding { change(&f); return f }
	trivy := seen("trivy", "DS-0002", 3)
	for _, test := range []struct {
		name string
		a, b Finding
		want int
	}{
		{"the same line", trivy, seen("hadolint", "DS-0002", 3), 1},
		{"by an alias", trivy, with(seen("hadolint", "DL3002", 3), func(f *Finding) { f.Aliases = []string{"DS-0002"} }), 1},
		{"the whole file", trivy, seen("checkov", "DS-0002", 0), 1},
		{"lines that overlap", with(trivy, func(f *Finding) { f.EndLine = 7 }), seen("checkov", "DS-0002", 7), 1},
		{"lines apart", with(trivy, func(f *Finding) { f.EndLine = 7 }), seen("checkov", "DS-0002", 8), 2},
		{"another rule", trivy, seen("hadolint", "DS-0001", 3), 2},
		{"another file", trivy, with(seen("hadolint", "DS-0002", 3), func(f *Finding) { f.File = "other" }), 2},
		{"the same resource", with(trivy, func(f *Finding) { f.Resource = "r" }), with(seen("tfsec", "DS-0002", 99), func(f *Finding) { f.Resource = "r" }), 1},
		{"another resource", with(trivy, func(f *Finding) { f.Resource = "r" }), with(seen("tfsec", "DS-0002", 3), func(f *Finding) { f.Resource = "q" }), 2},
		{"one tool, two places of one line", with(trivy, func(f *Finding) { f.Fingerprint = "1" }), with(seen("trivy", "DS-0002", 3), func(f *Finding) { f.Fingerprint = "2" }), 2},
		{
			"a package", with(trivy, func(f *Finding) { f.Package, f.Version = "p", "v1" }),
			with(seen("govulncheck", "DS-0002", 30), func(f *Finding) { f.Package, f.Version = "p", "v1" }), 1,
		},
		{
			"another version", with(trivy, func(f *Finding) { f.Package, f.Version = "p", "v1" }),
			with(seen("govulncheck", "DS-0002", 3), func(f *Finding) { f.Package, f.Version = "p", "v2" }), 2,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			for _, order := range [][]Finding{{test.a, test.b}, {test.b, test.a}} {
				if got := Merge(order); len(got) != test.want {
					t.Errorf("%d findings, want %d: %+v", len(got), test.want, got)
				}
			}
		})
	}
}

// A merged finding keeps the worst severity and all that its witnesses know,
// and is waived only if all of them are.
func TestMergeJoins(t *testing.T) {
	waived := &Waiver{Reason: "r"}
	a, b := seen("hadolint", "DL3002", 0), seen("trivy", "DS-0002", 3)
	a.Aliases, a.Waiver, a.Message = []string{"DS-0002"}, waived, "first"
	b.Severity, b.Help, b.URL, b.Secret, b.EndLine, b.Message, b.Waiver = Unknown, "help", "url", true, 4, "second", waived
	got := Merge([]Finding{a, b})
	want := []Finding{{
		Rule: "DL3002", Aliases: []string{"DS-0002"}, Severity: Unknown, Message: "first", Help: "help", URL: "url",
		File: "Dockerfile", Line: 3, EndLine: 4, Secret: true, Waiver: waived,
		Witnesses: []Witness{{Gate: "hadolint", Rule: "DL3002"}, {Gate: "trivy", Rule: "DS-0002"}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("merged (-want +got):\n%s", diff)
	}
	b.Waiver = nil
	for _, order := range [][]Finding{{a, b}, {b, a}} {
		if got := Merge(order); got[0].Waiver != nil {
			t.Error("it is waived, although only one of its findings is")
		}
	}
}

// The worst comes first, an unknown severity among the high ones.
func TestSort(t *testing.T) {
	findings := []Finding{
		{Rule: "4", Severity: Low, File: "a"},
		{Rule: "3", Severity: Unknown, File: "b"},
		{Rule: "2", Severity: High, File: "a", Line: 9},
		{Rule: "1", Severity: Critical, File: "z"},
	}
	Sort(findings)
	order := ""
	for _, f := range findings {
		order += f.Rule
	}
	if order != "1234" {
		t.Errorf("order %s, want 1234", order)
	}
}

// A place has the file, the line, and the resource or package.
func TestPlace(t *testing.T) {
	for _, test := range []struct {
		f    Finding
		want string
	}{
		{Finding{File: "a.go", Line: 3}, "a.go:3"},
		{Finding{File: "a.go"}, "a.go"},
		{Finding{File: "main.tf", Line: 1, Resource: "azurerm_x.y"}, "main.tf:1 (azurerm_x.y)"},
		{Finding{File: "go.mod", Package: "p", Version: "v1"}, "go.mod (p@v1)"},
		{Finding{Package: "p"}, "p"},
		{Finding{Resource: "r"}, "r"},
	} {
		if got := test.f.Place(); got != test.want {
			t.Errorf("place %q, want %q", got, test.want)
		}
	}
}

// A severity that only one of two tools knows is kept, unless the other counts for more.
func TestMergeKeepsTheKnownSeverity(t *testing.T) {
	for _, test := range []struct{ a, b, want Severity }{
		{Unknown, High, High}, {High, Unknown, High}, {Unknown, Critical, Critical}, {Critical, Unknown, Critical}, {Unknown, Low, Unknown}, {Low, Unknown, Unknown},
	} {
		merged := Merge([]Finding{
			{Rule: "CVE-1", Severity: test.a, File: "go.mod", Package: "p", Witnesses: []Witness{{Gate: "a"}}},
			{Rule: "CVE-1", Severity: test.b, File: "go.mod", Package: "p", Witnesses: []Witness{{Gate: "b"}}},
		})
		if len(merged) != 1 || merged[0].Severity != test.want {
			t.Errorf("%s and %s make %+v, want %s", test.a, test.b, merged, test.want)
		}
	}
}

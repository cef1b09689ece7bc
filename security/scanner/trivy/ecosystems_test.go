package trivy

import (
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/planted"
	"example.com/rates/security/scanner/scannertest"
	"example.com/rates/security/tree"
)

// A copy of the database may be for one ecosystem alone; the live one may not.
func TestUnknownLists(t *testing.T) {
	at := tree.Tree{Files: []string{"a/go.mod", "b/requirements-dev.txt"}}
	copied := cache{advisories: advisories{counts: map[string]int{"go": 1}}}
	_, err := unknownLists(at, copied)
	scannertest.WantKind(t, err, scanner.DatabaseIncomplete)
	copied.offline = true
	unknown, err := unknownLists(at, copied)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"b/requirements-dev.txt"}, unknown); diff != "" {
		t.Errorf("lists of unknown packages (-want +got):\n%s", diff)
	}
}

// A database is believed if it knows everything that is planted in the ecosystems that
// it knows at all, and is as old as its newest entry.
func TestBelievedDatabases(t *testing.T) {
	day := time.Date(2026, 8, 21, 0, 0, 0, 0, time.UTC)
	without := func(cves ...string) []planted.Vulnerability {
		return slices.DeleteFunc(planted.All(), func(v planted.Vulnerability) bool { return slices.Contains(cves, v.CVE) })
	}
	damaged := func(content string) func(string) error {
		return func(dir string) error {
			return os.WriteFile(filepath.Join(dir, "db", "trivy.db"), []byte(content), 0o600)
		}
	}
	for name, test := range map[string]struct {
		known  []planted.Vulnerability
		date   time.Time
		damage func(dir string) error
		kind   scanner.Kind // "" if it is believed
	}{
		"whole":                        {planted.All(), day, nil, ""},
		"of Go alone":                  {planted.In("go"), day, nil, ""},
		"some days newer":              {planted.All(), day.AddDate(0, 0, 7), nil, ""},
		"an edited date":               {planted.All(), day.AddDate(0, 0, 8), nil, scanner.DatabaseIncomplete},
		"empty":                        {nil, day, nil, scanner.DatabaseIncomplete},
		"what a canary has":            {planted.In("go")[6:7], day, nil, scanner.DatabaseIncomplete},
		"without the newest of Go":     {without("CVE-2026-41889"), day, nil, scanner.DatabaseIncomplete},
		"without the standard library": {without("CVE-2022-24921", "CVE-2022-41717", "CVE-2023-39326", "CVE-2024-34156", "CVE-2025-61729", "CVE-2026-56860"), day, nil, scanner.DatabaseIncomplete},
		"without one of Python":        {without("CVE-2025-47273"), day, nil, scanner.DatabaseIncomplete},
		"of no size":                   {planted.All(), day, damaged(""), scanner.DatabaseMissing},
		"no database":                  {planted.All(), day, damaged("go::The Go Vulnerability Database"), scanner.DatabaseMissing},
		"gone":                         {planted.All(), day, func(dir string) error { return os.Remove(filepath.Join(dir, "db", "trivy.db")) }, scanner.DatabaseMissing},
		"cut off": {planted.All(), day, func(dir string) error {
			return os.Truncate(filepath.Join(dir, "db", "trivy.db"), 2*4096+100)
		}, scanner.DatabaseMissing},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if err := planted.WriteTrivy(dir, day, test.known); err != nil {
				t.Fatal(err)
			}
			if test.damage != nil {
				if err := test.damage(dir); err != nil {
					t.Fatal(err)
				}
			}
			a, err := believed(dir, test.date)
			if test.kind != "" {
				scannertest.WantKind(t, err, test.kind)
				return
			}
			if err != nil || a.counts["go"] != len(planted.In("go")) || !a.newest.Equal(day) {
				t.Errorf("read %+v, error %v", a, err)
			}
		})
	}
}

func TestDependencyLists(t *testing.T) {
	got := dependencyLists(tree.Tree{Files: []string{
		"build.txt", "docs/requirements.md", "go.mod", "requirements-dev.txt", "security/tools/a/build.txt", "ui/yarn.lock",
	}})
	want := []string{"go.mod", "requirements-dev.txt", "ui/yarn.lock", "security/tools/a/build.txt"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lists (-want +got):\n%s", diff)
	}
}

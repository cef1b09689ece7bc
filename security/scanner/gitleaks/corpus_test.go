package gitleaks

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func numbered(from, to int) string {
	var b strings.Builder
	for i := from; i <= to; i++ {
		fmt.Fprintf(&b, "line %d\n", i)
	}
	return b.String()
}

// Of a later version, what changed is left, with its neighbours, in its place.
func TestFresh(t *testing.T) {
	old := numbered(1, 20)
	for name, test := range map[string]struct{ text, want string }{
		"the same":           {old, ""},
		"the beginning":      {numbered(1, 9), ""},
		"a changed line":     {strings.Replace(old, "line 10\n", "changed\n", 1), strings.Repeat("\n", 6) + numbered(7, 9) + "changed\n" + numbered(11, 13) + strings.Repeat("\n", 7)},
		"a line at the end":  {old + "more", strings.Repeat("\n", 17) + numbered(18, 20) + "more"},
		"a line in front":    {"more\n" + old, "more\n" + numbered(1, 3) + strings.Repeat("\n", 17)},
		"lines were removed": {numbered(1, 5) + numbered(9, 20), "\n\n" + numbered(3, 5) + numbered(9, 11) + strings.Repeat("\n", 9)},
		"nothing":            {"", ""},
	} {
		w := newWindows()
		w.fresh("a.txt", []byte(old))
		w.fresh("a.txt", nil)
		if got := string(w.fresh("a.txt", []byte(test.text))); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	w := newWindows()
	w.fresh("a.txt", []byte(old))
	if got := string(w.fresh("b.txt", []byte(old))); got != old {
		t.Errorf("of another file, %q is left", got)
	}
}

// gitleaks sees no name that it would leave out, and those that its rules need.
func TestNamesOfTexts(t *testing.T) {
	c, err := newCorpus(filepath.Join(t.TempDir(), "texts"), newWindows(), true)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go.mod", "a.png", "vendor/modules.txt", "main.tf", "a.YML", "x/NuGet.Config", "key.p12", "gitleaks.toml", "empty"} {
		content := "text of " + name
		if name == "empty" {
			content = " \n"
		}
		if _, err := c.add(origin{path: name}, []byte(content)); err != nil {
			t.Fatal(err)
		}
	}
	written, err := os.ReadDir(c.dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, file := range written {
		names = append(names, file.Name())
	}
	want := "000000.txt 000001.txt 000002.txt 000003-.tf 000004-.yml 000005-nuget.config 000006-.p12 000007.txt"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("names %s, want %s", got, want)
	}
}

// A checksum of a lock file is no secret. Nothing else of the file is left out.
func TestChecksums(t *testing.T) {
	sum := strings.Repeat("Ab3", 14) + "x"
	for _, test := range []struct{ name, line, want string }{
		{"go.sum", "example.com/a v1.0.0 h1:" + sum + "=", "example.com/a v1.0.0 "},
		{"go.sum", "example.com/a v1.0.0/go.mod h1:" + sum + "= token", "example.com/a v1.0.0/go.mod  token"},
		{"go.sum", "h1:" + sum[1:] + "=", "h1:" + sum[1:] + "="},
		{"package-lock.json", `"integrity": "sha512-` + sum + sum + `==",`, `"integrity": "",`},
		{"requirements.txt", "a==1 --hash=sha256:" + strings.Repeat("0a", 32), "a==1 --hash="},
		{"a.txt", "h1:" + sum + "=", "h1:" + sum + "="},
	} {
		c, err := newCorpus(filepath.Join(t.TempDir(), "texts"), newWindows(), true)
		if err != nil {
			t.Fatal(err)
		}
		texts, err := c.add(origin{path: test.name}, []byte(test.line))
		if err != nil {
			t.Fatal(err)
		}
		if got := string(texts[0].Content); got != " "+test.want {
			t.Errorf("%s: %q is left of %q, want %q", test.name, got, test.line, test.want)
		}
	}
}

// Two elements of a list are no name and value.
func TestElementsOfAList(t *testing.T) {
	for text, want := range map[string]bool{
		"\"IDENTITY_HEADER=secret\",\n\t\t\"CERTIFICATES=none\"": true,
		"api_key:\n  value": false,
		"api_key = value":   false,
	} {
		if got := (hit{rule: "generic-api-key", text: text}).listed(); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
	if (hit{rule: "private-key", text: "a\",\nb"}).listed() {
		t.Error("a key is left out")
	}
}

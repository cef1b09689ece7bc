package govulncheck

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"example.com/rates/security/scanner"
	"example.com/rates/security/scanner/planted"
	"example.com/rates/security/scanner/scannertest"
)

var day = time.Date(2026, 8, 21, 20, 38, 0, 0, time.UTC)

// copyOf writes a database and returns its folder.
func copyOf(t *testing.T, known []planted.Vulnerability) string {
	t.Helper()
	dir := t.TempDir()
	if err := planted.WriteGo(dir, day, known); err != nil {
		t.Fatal(err)
	}
	return dir
}

// A copy is read whole: what its index lists is there, and no more, and it is as old
// as its newest entry.
func TestCopies(t *testing.T) {
	replace := func(name, old, with string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			t.Helper()
			at := filepath.Join(dir, name)
			content, err := os.ReadFile(at)
			if err != nil || !bytes.Contains(content, []byte(old)) {
				t.Fatalf("there is no %s in %s: %v", old, content, err)
			}
			if err := os.WriteFile(at, bytes.ReplaceAll(content, []byte(old), []byte(with)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	remove := func(name string) func(t *testing.T, dir string) {
		return func(t *testing.T, dir string) {
			t.Helper()
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	const entry = "ID/GO-2021-0113.json"
	for name, test := range map[string]struct {
		change func(t *testing.T, dir string)
		want   string // "" if it is whole
	}{
		"whole":                      {func(*testing.T, string) {}, ""},
		"an edited date":             {replace("index/db.json", "2026-08-21", "2026-11-26"), "calls itself of 2026-11-26, and its newest entry is of 2026-08-21"},
		"no date":                    {remove("index/db.json"), "no such file"},
		"no index":                   {remove("index/modules.json"), "no such file"},
		"an index that lists less":   {replace("index/modules.json", `"id":"GO-2021-0113"`, `"id":"GO-2022-1059"`), "its index lists"},
		"an entry less":              {remove(entry), "its index lists"},
		"an empty entry":             {replace(entry, `"affected":[{`, `"other":[{`), "is about []"},
		"an entry on something else": {replace(entry, "golang.org/x/text", "example.com/x"), "and the index lists it for"},
		"an entry of another id":     {replace(entry, `"id":"GO-2021-0113"`, `"id":"GO-1"`), `is about "GO-1"`},
		"an entry without versions":  {replace(entry, `"events":[{"introduced":"0"}]`, `"events":[]`), "does not say which versions"},
		"an entry that is no JSON":   {replace(entry, "{", ""), "read " + entry},
	} {
		t.Run(name, func(t *testing.T) {
			dir := copyOf(t, planted.All())
			test.change(t, dir)
			n, err := readCopy(os.DirFS(dir))
			switch {
			case test.want == "" && (err != nil || n != len(planted.In("go"))):
				t.Errorf("%d advisories, error %v", n, err)
			case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
				t.Errorf("error %v, want %q", err, test.want)
			}
		})
	}
}

// A database that does not know what is planted is not believed, live or copied.
func TestDatabaseMustKnowWhatIsPlanted(t *testing.T) {
	known := scannertest.Read(t, "govulncheck/query.stdout")
	for _, v := range planted.In("go") {
		job := scannertest.Replay(t, "govulncheck/clean")
		var less []byte
		for line := range bytes.Lines(known) {
			if !bytes.Contains(line, []byte(v.Go)) {
				less = append(less, line...)
			}
		}
		_, err := New().Scan(t.Context(), scannertest.Saying(job, scanner.Output{Stdout: less}))
		scannertest.WantKind(t, err, scanner.DatabaseIncomplete)
	}
	job := scannertest.Replay(t, "govulncheck/clean")
	_, err := New().Scan(t.Context(), scannertest.Saying(job, scanner.Output{Stdout: bytes.Replace(known, []byte(`"scan_mode":"query"`), []byte(`"scan_mode":"source"`), 1)}))
	scannertest.WantKind(t, err, scanner.BadOutput)
}

// A copy is counted, and one that is damaged is not asked.
func TestCopyOfTheJob(t *testing.T) {
	job := scannertest.Replay(t, "govulncheck/clean")
	dir := copyOf(t, planted.All())
	job.Databases.Go = "file://" + dir
	outcome, err := New().Scan(t.Context(), job)
	if err != nil || outcome.Database.Advisories["go"] != len(planted.In("go")) {
		t.Errorf("database %+v, error %v", outcome.Database, err)
	}
	if err := os.Remove(filepath.Join(dir, "ID", "GO-2021-0113.json")); err != nil {
		t.Fatal(err)
	}
	_, err = New().Scan(t.Context(), job)
	scannertest.WantKind(t, err, scanner.DatabaseIncomplete)
	job.Databases.Go = "file://" + t.TempDir()
	_, err = New().Scan(t.Context(), job)
	scannertest.WantKind(t, err, scanner.DatabaseMissing)
}

func FuzzReadCopy(f *testing.F) {
	dir := f.TempDir()
	if err := planted.WriteGo(dir, day, planted.In("go")[:2]); err != nil {
		f.Fatal(err)
	}
	for _, name := range []string{"index/modules.json", "index/db.json", "ID/GO-2021-0347.json"} {
		content, err := fs.ReadFile(os.DirFS(dir), name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(name, content)
	}
	f.Fuzz(func(t *testing.T, name string, content []byte) {
		dir := copyOf(t, planted.In("go")[:2])
		if !fs.ValidPath(name) || os.WriteFile(filepath.Join(dir, name), content, 0o600) != nil {
			return
		}
		if n, err := readCopy(os.DirFS(dir)); err == nil && n != 2 && !strings.Contains(name, "modules.json") {
			t.Errorf("%d advisories after a change of %s", n, name)
		}
	})
}

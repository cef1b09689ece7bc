package repository_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

const module = "example.com/rates"

// rule forbids imports between folders. A folder stands for all below it, and
// "" for the whole tree.
type rule struct {
	from, to []string
	except   []string // folders in to that from may import
	tests    bool     // whether it holds for _test.go files too
	why      string
}

// Imports point inward: cmd to app to httpapi, postgres and importer to rates.
var rules = []rule{
	{
		from: []string{"service/rates"}, to: []string{""}, except: []string{"service/rates", "internal"}, tests: true,
		why: "the domain knows neither HTTP nor SQL",
	},
	{
		from: []string{"service/httpapi", "service/cache", "service/accesslog", "service/page", "service/chart"},
		to:   []string{"service/postgres", "service/importer", "service/app", "db"}, tests: true,
		why: "HTTP gets its answers from a rates.Store, whatever is behind it",
	},
	{
		from:  []string{"service/postgres"},
		to:    []string{"service/httpapi", "service/importer", "service/app", "service/cache", "service/accesslog"},
		tests: true,
		why:   "answering does not depend on importing, HTTP or configuration",
	},
	{
		from: []string{"service/importer"},
		to:   []string{"service/httpapi", "service/postgres", "service/app", "service/cache", "service/accesslog"},
		why:  "importing does not depend on answering (its tests ask the store)",
	},
	{
		from: []string{"db"}, to: []string{"service", "security", "terraform"}, tests: true,
		why: "the database does not depend on the programs that use it",
	},
	{
		from: []string{"service"}, to: []string{"security", "terraform"}, tests: true,
		why: "the service does not depend on the harness",
	},
	{
		from: []string{"security"}, to: []string{"service", "db"}, tests: true,
		why: "the harness does not depend on the service",
	},
	{
		from: []string{"internal"}, to: []string{""}, except: []string{"internal"}, tests: true,
		why: "every program uses it",
	},
	{
		from: []string{"steps"}, to: []string{"security", "terraform"}, tests: true,
		why: "the specification knows only the service",
	},
	{from: []string{""}, to: []string{"internal/testkit"}, why: "testkit is for tests"},
	{from: []string{""}, to: []string{"steps"}, tests: true, why: "steps are tests of the whole service"},
	{from: []string{""}, to: []string{"bench"}, tests: true, why: "the benchmarks are a module of their own"},
}

// violations returns a line for each rule that an import of a file breaks. Both
// are paths below the root of the repository.
func violations(file, imported string) []string {
	var lines []string
	for _, r := range rules {
		if !r.tests && strings.HasSuffix(file, "_test.go") || !in(r.from, file) || !in(r.to, imported) || in(r.except, imported) {
			continue
		}
		// A folder that nothing imports may import itself.
		if slices.Contains(r.from, "") && in(r.to, file) {
			continue
		}
		lines = append(lines, fmt.Sprintf("%s imports %s: %s", file, imported, r.why))
	}
	return lines
}

func in(folders []string, name string) bool {
	return slices.ContainsFunc(folders, func(folder string) bool {
		return folder == "" || name == folder || strings.HasPrefix(name, folder+"/")
	})
}

// All Go files of the repository, those of bench included, keep the rules.
func TestImportsPointInward(t *testing.T) {
	files, broken, err := check(os.DirFS("."))
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range broken {
		t.Error(line)
	}
	if files < 100 {
		t.Errorf("only %d Go files were found", files)
	}
}

func TestCheckNamesFileAndRule(t *testing.T) {
	source := func(imports string) *fstest.MapFile {
		return &fstest.MapFile{Data: []byte("package p\n\nimport (\n" + imports + ")\n")}
	}
	files, broken, err := check(fstest.MapFS{
		"service/app/app.go":                  source(`"fmt"; "` + module + `/service/rates"` + "\n"),
		"service/rates/rates.go":              source(`_ "` + module + `/db/migrations"` + "\n"),
		"security/canaries/gosec/clean/p.go":  source(`"` + module + `/service/rates"` + "\n"),
		"service/importer/testdata/broken.go": {Data: []byte("not Go")},
	})
	want := []string{"service/rates/rates.go imports db/migrations: the domain knows neither HTTP nor SQL"}
	if files != 2 || !slices.Equal(broken, want) || err != nil {
		t.Errorf("%d files, %q, %v; want 2 and %q", files, broken, err, want)
	}
}

// check returns how many Go files root has, and the violations in them.
func check(root fs.FS) (files int, broken []string, err error) {
	err = fs.WalkDir(root, ".", func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != "." && skipped(name):
			return fs.SkipDir
		case entry.IsDir() || path.Ext(name) != ".go":
			return nil
		}
		files++
		imports, err := importsOf(root, name)
		for _, imported := range imports {
			broken = append(broken, violations(name, imported)...)
		}
		return err
	})
	return files, broken, err
}

// skipped reports whether a folder holds no Go files of ours.
func skipped(folder string) bool {
	base := path.Base(folder)
	return strings.HasPrefix(base, ".") || base == "testdata" || folder == "security/canaries" || folder == "bin" || folder == "reports"
}

// importsOf returns the packages of ours that a file imports, as folders.
func importsOf(root fs.FS, name string) ([]string, error) {
	source, err := fs.ReadFile(root, name)
	if err != nil {
		return nil, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), name, source, parser.ImportsOnly)
	if err != nil {
		return nil, err
	}
	var folders []string
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return nil, err
		}
		if folder, ours := strings.CutPrefix(imported, module+"/"); ours {
			folders = append(folders, folder)
		}
	}
	return folders, nil
}

func TestRules(t *testing.T) {
	for _, c := range []struct {
		file, imported string
		allowed        bool
	}{
		{"service/cmd/rates/serve.go", "service/app", true},
		{"service/app/app.go", "service/postgres", true},
		{"service/postgres/store.go", "db/migrations", true},
		{"service/importer/load.go", "service/importer/dump", true},
		{"service/importer/import_test.go", "service/postgres", true},
		{"service/rates/rates_test.go", "service/rates", true},
		{"security/cmd/gates/main.go", "internal/cli", true},
		{"steps/world_test.go", "service/app", true},
		{"steps/world_test.go", "steps/http", true},
		{"bench/main.go", "bench/load", true},
		{"service/app/app_test.go", "internal/testkit", true},
		{"db/embedded/server_test.go", "internal/testkit", true},
		{"internal/testkit/testkit_test.go", "internal/testkit", true},

		{"service/rates/rates.go", "service/postgres", false},
		{"service/rates/rates_test.go", "db/dbtest", false},
		{"service/httpapi/server.go", "service/postgres", false},
		{"service/page/page.go", "service/postgres", false},
		{"service/cache/cache_test.go", "db/dbtest", false},
		{"service/postgres/store.go", "service/importer", false},
		{"service/postgres/store_test.go", "service/importer/dump", false},
		{"service/importer/load.go", "service/postgres", false},
		{"service/app/app.go", "security/git", false},
		{"db/dbtest/dbtest.go", "service/postgres", false},
		{"db/seed/dump_test.go", "service/importer/dump", false},
		{"security/gate/gate.go", "service/rates", false},
		{"security/gate/gate_test.go", "db/dbtest", false},
		{"internal/cli/cli.go", "service/rates", false},
		{"service/httpapi/server_test.go", "steps", false},
		{"security/features/steps_test.go", "steps", false},
		{"deploy/smoke/smoke_test.go", "steps", false},
		{"service/app/app.go", "bench/load", false},
		{"service/app/app.go", "internal/testkit", false},
		{"internal/cli/cli.go", "internal/testkit", false},
		{"steps/world_test.go", "security/report", false},
		{"steps/http/client.go", "terraform/azure", false},
	} {
		if got := violations(c.file, c.imported); len(got) == 0 != c.allowed {
			t.Errorf("%s imports %s: %q; want allowed: %t", c.file, c.imported, got, c.allowed)
		}
	}
}

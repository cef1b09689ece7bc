package migrations_test

import (
	"database/sql"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/stdlib"

	"example.com/rates/db/dbtest"
	"example.com/rates/db/migrations"
)

func TestMain(m *testing.M) { dbtest.Main(m) }

// recorded is a Migrator that notes the files that it runs.
type recorded struct {
	*migrations.Migrator
	names []string
}

// open returns a migrator and its pool for the database at url.
func open(t *testing.T, url string) (*recorded, *sql.DB) {
	t.Helper()
	return openWith(t, url, migrations.Config{})
}

func openWith(t *testing.T, url string, use migrations.Config) (*recorded, *sql.DB) {
	t.Helper()
	cfg, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	db := stdlib.OpenDB(*cfg)
	t.Cleanup(func() { _ = db.Close() }) // the database is dropped next
	migrator := &recorded{}
	use.Applied = func(name string) { migrator.names = append(migrator.names, name) }
	if migrator.Migrator, err = migrations.New(db, use); err != nil {
		t.Fatal(err)
	}
	return migrator, db
}

// to migrates and returns the files that were run.
func to(t *testing.T, migrator *recorded, version int64) []string {
	t.Helper()
	migrator.names = nil
	if reached, err := migrator.To(t.Context(), version); err != nil || reached != version {
		t.Fatalf("to version %d: reached %d, %v", version, reached, err)
	}
	ran := len(migrator.names)
	if reached, err := migrator.To(t.Context(), version); err != nil || reached != version || len(migrator.names) > ran {
		t.Fatalf("to version %d again: reached %d with %v, %v", version, reached, migrator.names, err)
	}
	return migrator.names
}

// files returns the names of the migrations in this folder, sorted.
func files(t *testing.T) []string {
	t.Helper()
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		if strings.HasSuffix(entry.Name(), ".sql") {
			names = append(names, entry.Name())
		}
	}
	slices.Sort(names)
	return names
}

// The files are numbered from 1 to Latest without a gap, and each has a way up and
// a way down.
func TestFiles(t *testing.T) {
	names := files(t)
	if int64(len(names)) != migrations.Latest {
		t.Errorf("there are %d files, and Latest is %d", len(names), migrations.Latest)
	}
	form := regexp.MustCompile(`^(\d{5})_[a-z0-9]+(_[a-z0-9]+)*\.sql$`)
	for i, name := range names {
		match := form.FindStringSubmatch(name)
		if match == nil || strings.TrimLeft(match[1], "0") != itoa(i+1) {
			t.Errorf("%s is file %d", name, i+1)
		}
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		up, down, ok := strings.Cut(string(text), "\n-- +goose Down\n")
		if !ok || !strings.Contains("\n"+up, "\n-- +goose Up\n") || !strings.Contains(down, ";") {
			t.Errorf("%s lacks a way up or a way down", name)
		}
	}
}

// Each function of the database is defined once in the files.
func TestEachFunctionIsDefinedOnce(t *testing.T) {
	definition := regexp.MustCompile(`(?i)CREATE\s+(?:OR\s+REPLACE\s+)?FUNCTION\s+(\w+)`)
	var defined []string
	for _, name := range files(t) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, match := range definition.FindAllStringSubmatch(string(text), -1) {
			defined = append(defined, match[1])
		}
	}
	slices.Sort(defined)
	_, db := open(t, dbtest.New(t).URL)
	stored := query(t, db, `SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace ORDER BY proname COLLATE "C"`)
	if diff := cmp.Diff(stored, defined); diff != "" {
		t.Errorf("functions (-in the database +in the files):\n%s", diff)
	}
}

// Applied, reverted one by one and applied again, the migrations give the same
// schema at each version, with comments, owners and grants; at version 0 nothing
// is left.
func TestUpDownUp(t *testing.T) {
	migrator, db := open(t, dbtest.NewBare(t).URL)
	names := files(t)
	schemas := []string{schema(t, db)}
	for version := int64(1); version <= migrations.Latest; version++ {
		if got := to(t, migrator, version); !slices.Equal(got, names[version-1:version]) {
			t.Errorf("to version %d ran %v, want %v", version, got, names[version-1:version])
		}
		schemas = append(schemas, schema(t, db))
	}
	for version := migrations.Latest - 1; version >= 0; version-- {
		if got := to(t, migrator, version); !slices.Equal(got, names[version:version+1]) {
			t.Errorf("back to version %d ran %v, want %v", version, got, names[version:version+1])
		}
		if version == 0 {
			break // the grants on the schema differ: roles belong to the server
		}
		if diff := cmp.Diff(lines(schemas[version]), lines(schema(t, db))); diff != "" {
			t.Errorf("back at version %d (-first +now):\n%s", version, diff)
		}
	}
	if left := objects(schema(t, db)); len(left) > 0 {
		t.Errorf("reverted to version 0, these are left:\n%s", strings.Join(left, "\n"))
	}
	if got := to(t, migrator, migrations.Latest); !slices.Equal(got, names) {
		t.Errorf("up again ran %v, want %v", got, names)
	}
	if diff := cmp.Diff(lines(schemas[migrations.Latest]), lines(schema(t, db))); diff != "" {
		t.Errorf("applied again (-first +now):\n%s", diff)
	}
}

// With nothing to do, To does nothing and returns no error.
func TestNothingToDo(t *testing.T) {
	for database, version := range map[dbtest.Database]int64{dbtest.New(t): migrations.Latest, dbtest.NewBare(t): 0} {
		migrator, _ := open(t, database.URL)
		if got := to(t, migrator, version); len(got) > 0 {
			t.Errorf("at version %d it ran %v", version, got)
		}
	}
}

// Running all files at once gives the same schema as one by one.
func TestUpAtOnce(t *testing.T) {
	stepwise, stepped := open(t, dbtest.NewBare(t).URL)
	for version := int64(1); version <= migrations.Latest; version++ {
		to(t, stepwise, version)
	}
	atOnce, whole := open(t, dbtest.NewBare(t).URL)
	to(t, atOnce, migrations.Latest)
	if diff := cmp.Diff(lines(schema(t, stepped)), lines(schema(t, whole))); diff != "" {
		t.Errorf("(-one by one +at once):\n%s", diff)
	}
	to(t, atOnce, 0)
	if left := objects(schema(t, whole)); len(left) > 0 {
		t.Errorf("reverted at once, these are left:\n%s", strings.Join(left, "\n"))
	}
}

// A database of a newer program is refused, up and down, and unchanged.
func TestNewerDatabaseIsLeftAlone(t *testing.T) {
	database := dbtest.New(t)
	migrator, db := open(t, database.URL)
	database.Exec(t, `INSERT INTO goose_db_version (version_id, is_applied) VALUES ($1, true)`, migrations.Latest+3)
	before := schema(t, db)
	want := "the schema of the database has version " + itoa(int(migrations.Latest)+3) + ", and this program knows only " +
		itoa(int(migrations.Latest)) + "; use a newer program"
	for _, version := range []int64{migrations.Latest, 1, 0} {
		_, err := migrator.To(t.Context(), version)
		if err == nil || err.Error() != want || len(migrator.names) > 0 {
			t.Errorf("To(%d) ran %v: %v\nwant %s", version, migrator.names, err, want)
		}
	}
	if diff := cmp.Diff(lines(before), lines(schema(t, db))); diff != "" {
		t.Errorf("the schema was changed (-before +after):\n%s", diff)
	}
}

// Two programs that migrate at the same time take turns: each file runs once.
func TestTwoAtTheSameTime(t *testing.T) {
	url := dbtest.NewBare(t).URL
	var (
		wg        sync.WaitGroup
		migrators [2]*recorded
		errs      [2]error
	)
	for i := range migrators {
		migrators[i], _ = open(t, url)
		wg.Go(func() { _, errs[i] = migrators[i].To(t.Context(), migrations.Latest) })
	}
	wg.Wait()
	if errs[0] != nil || errs[1] != nil {
		t.Errorf("errors: %v", errs)
	}
	if got := slices.Sorted(slices.Values(slices.Concat(migrators[0].names, migrators[1].names))); !slices.Equal(got, files(t)) {
		t.Errorf("one ran %v, the other %v", migrators[0].names, migrators[1].names)
	}
}

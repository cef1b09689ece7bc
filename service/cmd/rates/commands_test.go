package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"example.com/rates/db/dbtest"
	"example.com/rates/db/migrations"
	"example.com/rates/internal/testkit"
)

// Migrate prints each file that it applies, up and down, and the final version, or
// that there was nothing to do.
func TestMigrate(t *testing.T) {
	database := dbtest.NewBare(t)
	steps := func(args ...string) []string {
		got := command(t.Context(), nil, append([]string{"migrate", "--database-url", database.URL}, args...)...)
		if got.code != exitOK || got.err != "" {
			t.Fatalf("%v: exit code %d, %s", args, got.code, got.err)
		}
		return strings.Split(strings.TrimSuffix(got.out, "\n"), "\n")
	}
	up := steps()
	name := regexp.MustCompile(`^\d{5}_\w+\.sql$`)
	for i, line := range up[:len(up)-1] {
		if !name.MatchString(line) || !strings.HasPrefix(line, fmt.Sprintf("%05d_", i+1)) {
			t.Errorf("step %d is %q", i+1, line)
		}
	}
	if want := fmt.Sprintf("the schema is now at version %d", migrations.Latest); int64(len(up)) != migrations.Latest+1 || up[len(up)-1] != want {
		t.Errorf("up: %q, want %d steps and then %q", up, migrations.Latest, want)
	}
	if got, want := steps(), fmt.Sprintf("[nothing to do: the schema is at version %d]", migrations.Latest); fmt.Sprint(got) != want {
		t.Errorf("again: %s, want %s", got, want)
	}
	if got, want := steps("--to", "1"), "the schema is now at version 1"; int64(len(got)) != migrations.Latest || got[len(got)-1] != want {
		t.Errorf("down to 1: %q", got)
	}
	if got := steps("--to=0"); fmt.Sprint(got) != "[00001_create_roles.sql the schema is now at version 0]" {
		t.Errorf("down to 0: %q", got)
	}
	if got := steps("--to=0"); fmt.Sprint(got) != "[nothing to do: the schema is at version 0]" {
		t.Errorf("down to 0 again: %q", got)
	}
}

// A command that fails ends with exit code 1 and one sentence, which never holds
// a password.
func TestFailures(t *testing.T) {
	newer := dbtest.New(t)
	newer.Later(t, 1000, 1000)
	other := dbtest.New(t)
	other.Exec(t, `COMMENT ON TABLE goose_db_version IS NULL`)
	regions, bare := writeFile(t, "r.csv", regionsCSV), dbtest.NewBare(t).URL
	const notURL = "database: not a PostgreSQL connection string; expected for example postgres://user@host:5432/database?sslmode=verify-full\n"
	for _, c := range []struct{ name, args, want string }{
		{"newer schema", "migrate --database-url " + newer.URL, fmt.Sprintf(
			"the schema of the database has version 1000, and this program knows only %d; use a newer program\n", migrations.Latest,
		)},
		{"serve on a newer schema", "serve --addr=127.0.0.1:0 --admin-addr=off --database-url " + newer.As(dbtest.Reader), "it is newer and works only with programs from version 1000; run one of these"},
		{"import into a newer schema", "import --database-url " + newer.As(dbtest.Loader) + " " + regions, "it is newer and works only with programs from version 1000; run one of these"},
		{"verify on a newer schema", "verify --database-url " + newer.As(dbtest.Loader), "it is newer and works only with programs from version 1000; run one of these"},
		{"schema of another set", "migrate --database-url " + other.URL, "the database was migrated by an unreleased version of rates"},
		{"serve on a schema of another set", "serve --addr=127.0.0.1:0 --admin-addr=off --database-url " + other.As(dbtest.Reader), "'make clean' removes the private one"},
		{"migrate at no URL", "migrate --database-url postgres://x:hunter2@[/", notURL},
		{"import at no URL", "import --database-url postgres://x:hunter2@[/ " + regions, notURL},
		{"serve at no URL", "serve --database-url postgres://x:hunter2@[/", notURL},
		{"migrate nobody", "migrate --database-url postgres://x:hunter2@127.0.0.1:1/x", "connection refused"},
		{"import to nobody", "import --database-url postgres://x:hunter2@127.0.0.1:1/x " + regions, "the database cannot be reached: "},
		{"serve from nobody", "serve --database-wait=0s --database-url postgres://x:hunter2@127.0.0.1:1/x", "the database did not answer within 0s; check DATABASE_URL"},
		{"migrate as a reader", "migrate --to=0 --database-url " + dbtest.New(t).As(dbtest.Reader), needsOwner + ": "},
		{"import as a reader", "import --database-url " + dbtest.New(t).As(dbtest.Reader) + " " + regions, needsLoader},
		{"verify as a reader", "verify --database-url " + dbtest.New(t).As(dbtest.Reader), needsLoader},
		{"import without a schema", "import --database-url " + bare + " " + regions, "run 'rates migrate' first"},
		{"verify without a schema", "verify --database-url " + bare, "run 'rates migrate' first"},
	} {
		got := command(t.Context(), nil, strings.Fields(c.args)...)
		_, said, _ := strings.Cut("\n"+got.err, "\nrates: ") // behind what serve has logged
		if got.code != exitFailure || got.out != "" || !strings.Contains(said, c.want) {
			t.Errorf("%s: exit code %d\n got %s\nwant %s", c.name, got.code, got.err, c.want)
		}
		if strings.Contains(got.err, "hunter2") {
			t.Errorf("%s shows the password: %s", c.name, got.err)
		}
	}
}

// Each command names the parameters of the connection string that have no effect.
func TestIgnoredParameters(t *testing.T) {
	url := dbtest.New(t).URL + "&gssencmode=prefer&tcp_user_timeout=5"
	for _, args := range []string{"migrate", "verify", "import " + writeFile(t, "r.csv", regionsCSV)} {
		got := command(t.Context(), nil, strings.Fields(args+" --database-url "+url)...)
		const want = "rates: parameters of the connection string have no effect: gssencmode, tcp_user_timeout\n"
		if got.code != exitOK || got.err != want {
			t.Errorf("%s: exit code %d, it says\n%s", args, got.code, got.err)
		}
	}
}

const (
	regionsCSV = "slug,name,parent_slug\nnorth,North,\nchina,China,\n"
	portsCSV   = "code,name,parent_slug\nCNGGZ,Guangzhou,china\nEETLL,Tallinn,north\n"
	pricesHead = "orig_code,dest_code,day,price\n"
	aPrice     = "CNGGZ,EETLL,2021-01-01,100\n"
)

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// Import prints what each file added, and no progress in a pipe. Of a bad file it
// prints the line, after what the files before it added.
func TestImport(t *testing.T) {
	database := dbtest.New(t)
	regions, ports := writeFile(t, "r.csv", regionsCSV), writeFile(t, "p.csv", portsCSV)
	prices := writeFile(t, "c.csv", pricesHead+strings.Repeat(aPrice, 1234))
	bad := writeFile(t, "bad.csv", pricesHead+aPrice+"CNGGZ,EETLL,2021-02-30,100\n")
	load := func(in io.Reader, args ...string) result {
		return command(t.Context(), in, append([]string{"import", "--database-url", database.As(dbtest.Loader)}, args...)...)
	}
	load(nil, regions, ports, prices).want(t, exitOK,
		regions+": 0 prices added; ports: 0 new, 0 changed; regions: 2 new, 0 changed\n"+
			ports+": 0 prices added; ports: 2 new, 0 changed; regions: 0 new, 0 changed\n"+
			prices+": 1,234 prices added; ports: 0 new, 0 changed; regions: 0 new, 0 changed\n", "")
	load(strings.NewReader(pricesHead+aPrice), "-").want(t, exitOK,
		"standard input: 1 prices added; ports: 0 new, 0 changed; regions: 0 new, 0 changed\n", "")
	load(strings.NewReader(pricesHead+aPrice+aPrice), "-", bad).want(t, exitFailure,
		"standard input: 2 prices added; ports: 0 new, 0 changed; regions: 0 new, 0 changed\n",
		"rates: "+bad+`:3: day "2021-02-30" is not a calendar day as YYYY-MM-DD of the years 1 to 9999`+"\n")
	if got := load(strings.NewReader(pricesHead+aPrice+aPrice+aPrice), "--progress", "-"); got.code != exitOK ||
		!strings.HasPrefix(got.err, "rates: standard input: copying to ") {
		t.Errorf("with --progress: exit code %d, %s", got.code, got.err)
	}
	load(nil, "/nonexistent/x.sql").want(t, exitFailure, "",
		"rates: open /nonexistent/x.sql: no such file or directory\n")
	if got := load(nil, prices); got.code != exitFailure || !strings.Contains(got.err, "was already imported as c.csv on ") {
		t.Errorf("again: exit code %d, %s", got.code, got.err)
	}
	load(nil, "--again", prices).want(t, exitOK, prices+": 1,234 prices added; ports: 0 new, 0 changed; regions: 0 new, 0 changed\n", "")
	load(strings.NewReader("day;price;note;orig_code;size;dest_code\n2021-02-01;7;a;CNGGZ;40;EETLL\n"), "-").want(t, exitOK,
		"standard input: 1 prices added; ports: 0 new, 0 changed; regions: 0 new, 0 changed\n"+
			"standard input: ignored columns of prices: note, size (\"40\" in all rows)\n", "")
	if got := load(nil, "--replace", regions, ports); got.code != exitFailure || !strings.Contains(got.err, "--allow-empty") {
		t.Errorf("replacing prices by none: exit code %d, %s", got.code, got.err)
	}
	if got := load(nil, "--replace", regions, ports, prices); got.code != exitOK {
		t.Errorf("replacing: exit code %d, %s", got.code, got.err)
	}
	command(t.Context(), nil, "verify", "--database-url", database.As(dbtest.Loader)).want(t, exitOK, "daily_rates matches the prices\n", "")
}

// An import can be interrupted while it waits for its input, and says that nothing
// was changed.
func TestImportIsInterrupted(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	database := dbtest.New(t)
	in, never := io.Pipe()
	defer never.Close()
	ctx, interrupt := context.WithCancel(t.Context())
	done := make(chan result, 1)
	go func() { done <- command(ctx, in, "import", "--database-url", database.As(dbtest.Loader), "-") }()
	if _, err := io.WriteString(never, regionsCSV); err != nil { // it reads
		t.Fatal(err)
	}
	interrupt()
	select {
	case got := <-done:
		got.want(t, exitFailure, "", "rates: interrupted; nothing more was changed\n")
	case <-time.After(testkit.Patience):
		t.Fatalf("it still waits for its input after %v", testkit.Patience)
	}
	if left, err := filepath.Glob(filepath.Join(os.TempDir(), "rates-import-*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Verify finds wrong sums, prints them, and corrects them with --repair.
func TestVerify(t *testing.T) {
	database := dbtest.New(t)
	database.Exec(t, `INSERT INTO regions VALUES ('north', 'North', NULL)`)
	database.Exec(t, `INSERT INTO ports VALUES ('EETLL', 'Tallinn', 'north')`)
	database.Exec(t, `INSERT INTO prices VALUES ('EETLL', 'EETLL', '2021-01-01', 100), ('EETLL', 'EETLL', '2021-01-02', 7)`)
	database.Exec(t, `UPDATE daily_rates SET total = 50 WHERE day = '2021-01-01'`)
	verify := func(args ...string) result {
		return command(t.Context(), nil, append([]string{"verify", "--database-url", database.As(dbtest.Loader)}, args...)...)
	}
	var found bytes.Buffer
	for _, lane := range []string{"EETLL to EETLL", "EETLL to NORTH", "NORTH to EETLL", "NORTH to NORTH"} {
		fmt.Fprintf(&found, "%s on 2021-01-01: 1 prices with a total of 50 USD are stored; expected 1 with a total of 100\n", lane)
	}
	verify().want(t, exitFailure, found.String(), "rates: 4 rows of daily_rates are wrong; run 'rates verify --repair'\n")
	verify("--repair").want(t, exitOK, found.String()+"4 wrong rows repaired\n", "")
	verify().want(t, exitOK, "daily_rates matches the prices\n", "")
}

// Import accepts the output of generate.
func TestGenerate(t *testing.T) {
	got := command(t.Context(), nil, "generate", "--prices=1000")
	if got.code != exitOK || got.err != "" {
		t.Fatalf("exit code %d, %s", got.code, got.err)
	}
	imported := command(t.Context(), strings.NewReader(got.out), "import", "--database-url", dbtest.New(t).As(dbtest.Loader), "-")
	if imported.code != exitOK || !strings.HasPrefix(imported.out, "standard input: 1,000 prices added; ") {
		t.Errorf("exit code %d: %s%s", imported.code, imported.out, imported.err)
	}
}

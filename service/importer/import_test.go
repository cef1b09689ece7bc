package importer_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/db/dbtest"
	"example.com/rates/service/importer"
	"example.com/rates/service/importer/dump"
	"example.com/rates/service/login"
	"example.com/rates/service/postgres"
)

const (
	regionsCSV = "slug,name,parent_slug\nnorth,North,\nbaltic,Baltic,north\nchina,China,\n"
	portsCSV   = "code,name,parent_slug\nCNGGZ,Guangzhou,china\nEETLL,Tallinn,baltic\n"
	pricesCSV  = "orig_code,dest_code,day,price\nCNGGZ,EETLL,2021-01-01,100\nCNGGZ,EETLL,2021-01-01,200\nEETLL,CNGGZ,2021-01-02,7\n"

	// aDump is a plain pg_dump of another schema, with content to be ignored.
	aDump = `--
-- PostgreSQL database dump
--
SET client_encoding = 'UTF8';
CREATE TABLE shipping.ports (code text NOT NULL, name text NOT NULL, parent_slug text NOT NULL);
DROP TABLE public.prices;

COPY shipping.users (name, password) FROM stdin;
admin	secret
\.

COPY shipping.ports (code, name, parent_slug) FROM stdin;
CNGGZ	Guangzhou	china
EETLL	Tallinn	baltic
\.

COPY shipping.prices (orig_code, dest_code, day, price) FROM stdin;
CNGGZ	EETLL	2021-01-01	100
CNGGZ	EETLL	2021-01-01	200
EETLL	CNGGZ	2021-01-02	7
\.

COPY shipping.regions (slug, name, parent_slug) FROM stdin;
north	North	\N
baltic	Baltic	north
china	China	\N
\.

ALTER TABLE ONLY shipping.ports ADD CONSTRAINT ports_pkey PRIMARY KEY (code);

--
-- PostgreSQL database dump complete
--
`
)

// file returns a file with this text.
func file(name, text string) importer.File {
	return importer.File{Name: name, Content: strings.NewReader(text)}
}

// openLoader returns a Loader with the login for imports.
func openLoader(t testing.TB, database dbtest.Database) *importer.Loader {
	t.Helper()
	conn, err := postgres.Connect(t.Context(), database.As(dbtest.Loader), login.Source{}, "rates import")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(context.Background()) }) // the database goes next
	return importer.NewLoader(conn)
}

// load imports files that must be accepted.
func load(t testing.TB, database dbtest.Database, opts importer.Options, files ...importer.File) []importer.Imported {
	t.Helper()
	done, err := openLoader(t, database).Import(t.Context(), files, opts)
	if err != nil {
		t.Fatal(err)
	}
	return done
}

// stored returns regions, ports and prices as text.
func stored(t testing.TB, database dbtest.Database) string {
	t.Helper()
	return dbtest.Value[string](t, database.Connect(t), `
SELECT coalesce(string_agg(line, E'\n' ORDER BY kind, line COLLATE "C"), '') FROM (
	SELECT 1 AS kind, concat_ws(' ', slug, name, parent_slug) AS line FROM regions
	UNION ALL SELECT 2, concat_ws(' ', code, name, parent_slug) FROM ports
	UNION ALL SELECT 3, concat_ws(' ', orig_code, dest_code, day, price) FROM prices) AS lines`)
}

const storedWorld = `baltic Baltic north
china China
north North
CNGGZ Guangzhou china
EETLL Tallinn baltic
CNGGZ EETLL 2021-01-01 100
CNGGZ EETLL 2021-01-01 200
EETLL CNGGZ 2021-01-02 7`

// A dump and CSV files, compressed or not, give the same data, and the places and
// prices added are counted.
func TestImport(t *testing.T) {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	if _, err := io.WriteString(writer, aDump); err != nil {
		t.Fatal(err)
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	places := importer.Imported{Regions: importer.Changes{New: 3}, Ports: importer.Changes{New: 2}, Prices: 3}
	named := func(name string) importer.Imported {
		places.File = name
		return places
	}
	for name, c := range map[string]struct {
		files []importer.File
		want  []importer.Imported
	}{
		"dump":            {[]importer.File{file("a.sql", aDump)}, []importer.Imported{named("a.sql")}},
		"compressed dump": {[]importer.File{file("a.sql.gz", packed.String())}, []importer.Imported{named("a.sql.gz")}},
		"CSV": {
			[]importer.File{file("r.csv", regionsCSV), file("p.csv", portsCSV), file("c.csv", pricesCSV)},
			[]importer.Imported{
				{File: "r.csv", Regions: importer.Changes{New: 3}},
				{File: "p.csv", Ports: importer.Changes{New: 2}},
				{File: "c.csv", Prices: 3},
			},
		},
	} {
		database := dbtest.New(t)
		if diff := cmp.Diff(c.want, load(t, database, importer.Options{}, c.files...)); diff != "" {
			t.Errorf("%s: counted (-want +got):\n%s", name, diff)
		}
		if diff := cmp.Diff(storedWorld, stored(t, database)); diff != "" {
			t.Errorf("%s: stored (-want +got):\n%s", name, diff)
		}
		dbtest.CheckSums(t, database.ConnectQuick(t), name)
	}
}

// Ports and regions are added or changed, and prices are added to the others.
func TestImportAddsAndChanges(t *testing.T) {
	database := dbtest.New(t)
	load(t, database, importer.Options{}, file("first.sql", aDump))
	got := load(t, database, importer.Options{},
		file("r.csv", "slug,name,parent_slug\nbaltic,Baltic Sea,north\nasia,Asia,\nchina,China,asia\nnorth,North,\n"),
		file("p.csv", "code,name,parent_slug\nEETLL,Tallinn,north\nFIHEL,Helsinki,baltic\nCNGGZ,Guangzhou,china\n"),
		file("c.csv", "orig_code,dest_code,day,price\nFIHEL,CNGGZ,2021-01-02,9\n"))
	want := []importer.Imported{
		{File: "r.csv", Regions: importer.Changes{New: 1, Changed: 2}},
		{File: "p.csv", Ports: importer.Changes{New: 1, Changed: 1}},
		{File: "c.csv", Prices: 1},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("counted (-want +got):\n%s", diff)
	}
	const wantStored = `asia Asia
baltic Baltic Sea north
china China asia
north North
CNGGZ Guangzhou china
EETLL Tallinn north
FIHEL Helsinki baltic
CNGGZ EETLL 2021-01-01 100
CNGGZ EETLL 2021-01-01 200
EETLL CNGGZ 2021-01-02 7
FIHEL CNGGZ 2021-01-02 9`
	if diff := cmp.Diff(wantStored, stored(t, database)); diff != "" {
		t.Errorf("stored (-want +got):\n%s", diff)
	}
	dbtest.CheckSums(t, database.ConnectQuick(t), "the second import")
}

// The same rows are imported once, whatever the name and format of the file,
// unless Again is set.
func TestImportAgain(t *testing.T) {
	database := dbtest.New(t)
	load(t, database, importer.Options{}, file("/data/first.sql", aDump))
	before := database.Contents(t)
	_, err := openLoader(t, database).Import(t.Context(), []importer.File{file("second.sql", aDump)}, importer.Options{})
	form := regexp.MustCompile(`^second\.sql was already imported as first\.sql on \d{4}-\d\d-\d\d \d\d:\d\d UTC; nothing was changed\. ` +
		`Use --again to add its prices once more$`)
	if !errors.Is(err, importer.ErrImported) || !form.MatchString(err.Error()) {
		t.Errorf("the second time: %v", err)
	}
	if after := database.Contents(t); after != before {
		t.Errorf("(-before +after):\n%s", cmp.Diff(before, after))
	}
	got := load(t, database, importer.Options{Again: true}, file("second.sql", aDump))
	if diff := cmp.Diff([]importer.Imported{{File: "second.sql", Prices: 3}}, got); diff != "" {
		t.Errorf("again (-want +got):\n%s", diff)
	}
	if n := dbtest.Value[int](t, database.Connect(t), `SELECT count(*) FROM prices`); n != 6 {
		t.Errorf("%d prices, want 6", n)
	}
	dbtest.CheckSums(t, database.ConnectQuick(t), "importing again")
}

// With First a file is imported into a database without data only: not into one with
// itself or with other data, and into one that was emptied.
func TestImportFirst(t *testing.T) {
	database := dbtest.New(t)
	first := importer.Options{First: true}
	load(t, database, first, file("first.sql", aDump))
	before := database.Contents(t)
	for _, c := range []struct {
		name, text string
		want       error
		message    string
	}{
		{"second.sql", aDump, importer.ErrImported, `^second\.sql was already imported as first\.sql on \d{4}-\d\d-\d\d \d\d:\d\d UTC$`},
		{"other.csv", "slug,name,parent_slug\nafrica,Africa,\n", importer.ErrNotFirst, `^other\.csv was not imported, because the database has other data$`},
	} {
		_, err := openLoader(t, database).Import(t.Context(), []importer.File{file(c.name, c.text)}, first)
		if !errors.Is(err, c.want) || !regexp.MustCompile(c.message).MatchString(err.Error()) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	if after := database.Contents(t); after != before {
		t.Errorf("(-before +after):\n%s", cmp.Diff(before, after))
	}
	database.Exec(t, `DELETE FROM prices; DELETE FROM ports; DELETE FROM regions`)
	load(t, database, first, file("third.sql", aDump))
	dbtest.CheckSums(t, database.ConnectQuick(t), "the import after all was deleted")
}

// The database records who imported which file, and when.
func TestImportsAreRecorded(t *testing.T) {
	database := dbtest.New(t)
	load(t, database, importer.Options{}, file("/data/first.sql", aDump), file("r.csv", "slug,name,parent_slug\nasia,Asia,\n"))
	got := dbtest.Value[string](t, database.Connect(t), `SELECT string_agg(concat_ws(' ', file, regions, ports, prices, imported_by,
		imported_at BETWEEN now() - interval '1 hour' AND now()), E'\n' ORDER BY id) FROM imports`)
	want := "first.sql 3 2 3 " + dbtest.Loader + " t\nr.csv 1 0 0 " + dbtest.Loader + " t"
	if got != want {
		t.Errorf("recorded:\n%s\nwant:\n%s", got, want)
	}
}

// The columns that are ignored are returned for each file, in every kind of import.
func TestImportReturnsIgnoredColumns(t *testing.T) {
	database := dbtest.New(t)
	load(t, database, importer.Options{}, file("a.sql", aDump))
	const prices = "orig_code,dest_code,note,day,price,unit\nCNGGZ,EETLL,x,2021-01-31,%s,FEU\n"
	want := []dump.Ignored{{Table: dump.Prices, Column: "note"}, {Table: dump.Prices, Column: "unit", Value: "FEU"}}
	for name, opts := range map[string]importer.Options{"addition": {Again: true}, "replacement": {Replace: true, Again: true}} {
		got := load(t, database, opts, file("r.csv", regionsCSV), file("p.csv", portsCSV),
			file("c.csv", strings.Replace(prices, "%s", "1200", 1)))
		if diff := cmp.Diff(want, got[2].Ignored); diff != "" || got[0].Ignored != nil {
			t.Errorf("%s: %v, and of prices (-want +got):\n%s", name, got[0].Ignored, diff)
		}
	}
}

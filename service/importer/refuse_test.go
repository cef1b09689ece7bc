package importer_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/db/dbtest"
	"example.com/rates/service/importer"
	"example.com/rates/service/importer/dump"
)

// A bad file is refused with its name, the line and the reason, and nothing has
// changed, with Replace and without.
func TestImportRefuses(t *testing.T) {
	database := dbtest.NewWorld(t)
	database.Exec(t, `ALTER TABLE ports ADD CONSTRAINT house CHECK (name <> 'Forbidden')`)
	before := database.Contents(t)
	const (
		regions = "slug,name,parent_slug\n"
		ports   = "code,name,parent_slug\n"
		prices  = "orig_code,dest_code,day,price\nCNGGZ,EETLL,2021-01-01,100\n"
	)
	for _, c := range []struct{ name, file, text, want string }{
		{"unknown port", "c.csv", prices + "CNGGZ,EEXXX,2021-01-01,1\n", "c.csv:3: port EEXXX is unknown; import it first, or in the same file"},
		{"unknown ports", "c.csv", prices + "CNYYY,CNXXX,2021-01-01,1\n", "c.csv:3: port CNXXX is unknown; import it first, or in the same file"},
		{"port in an unknown region", "p.csv", ports + "SEGOT,Göteborg,sweden\n", `p.csv:2: port SEGOT is in region "sweden", which is unknown`},
		{"region in an unknown region", "r.csv", regions + "sweden,Sweden,nordic\n", `r.csv:2: region "sweden" is in region "nordic", which is unknown`},
		{
			"region in itself", "r.csv", regions + "sweden,Sweden,sweden\n",
			`r.csv:2: region "sweden" is within itself: its parents lead back to it`,
		},
		{
			"loop of new regions", "r.csv", regions + "one,1,two\ntwo,2,three\nthree,3,one\n",
			`r.csv:2: region "one" is within itself: its parents lead back to it`,
		},
		{
			"loop with a known region", "r.csv", regions + "asia,Asia,\nnorth,North,estonia\n",
			`r.csv:3: region "north" is within itself: its parents lead back to it`,
		},
		{"port named as a region", "p.csv", ports + "CHINA,China,china\n", "p.csv:2: CHINA is also the slug of a region"},
		{"region named as a port", "r.csv", regions + "eetll,Tallinn,\n", `r.csv:2: region "eetll" is also the code of a port`},
		{"region with two names", "r.csv", regions + "asia,Asia,\nasia,Asien,\n", `r.csv:3: "asia" is already on line 2, with another name or parent`},
		{"port with two regions", "p.csv", ports + "SEGOT,Göteborg,north\nSEGOT,Göteborg,china\n", `p.csv:3: "SEGOT" is already on line 2, with another name or parent`},
		{"no such day", "c.csv", prices + "CNGGZ,EETLL,2021-02-29,1\n", `c.csv:3: day "2021-02-29" is not a calendar day as YYYY-MM-DD of the years 1 to 9999`},
		{"negative price", "c.csv", prices + "CNGGZ,EETLL,2021-01-01,-5\n", `c.csv:3: price "-5" is negative`},
		{"not UTF-8", "p.csv", ports + "SEGOT,G\xf6teborg,north\n", `p.csv:2: name "G\xf6teborg" is not UTF-8; in Windows-1252 it reads "Göteborg": save the file as UTF-8`},
		{
			"cut-off dump", "a.sql", aDump[:strings.Index(aDump, "\nEETLL\tCNGGZ")+10],
			"a.sql:20: the file is cut off: it ends inside the data of shipping.prices that begins on line 17",
		},
		{"refused by a rule of the database", "p.csv", ports + "SEGOT,Forbidden,north\n", `p.csv: refused by the database: new row for relation "ports" violates check constraint "house"`},
	} {
		for _, replace := range []bool{false, true} {
			files := []importer.File{file(c.file, c.text)}
			done, err := openLoader(t, database).Import(t.Context(), files, importer.Options{Replace: replace})
			_, blamed := errors.AsType[*dump.Error](err)
			// Replace ignores the places in the database, so another line may be to blame.
			if !blamed || !replace && err.Error() != c.want {
				t.Errorf("%s: %T\n got %v\nwant %s", c.name, err, err, c.want)
			}
			if len(done) > 0 {
				t.Errorf("%s: says that %v were imported", c.name, done)
			}
			if after := database.Contents(t); after != before {
				t.Fatalf("%s: the data have changed (-before +after):\n%s", c.name, cmp.Diff(before, after))
			}
		}
	}
}

// The files before a bad one stay imported, and are returned; with Replace none
// is.
func TestImportOfSeveralFilesStopsAtTheBadOne(t *testing.T) {
	files := []importer.File{
		file("r.csv", "slug,name,parent_slug\nasia,Asia,\n"),
		file("bad.csv", "slug,name,parent_slug\nlost,Lost,nowhere\n"),
		file("later.csv", "slug,name,parent_slug\nafrica,Africa,\n"),
	}
	const want = `bad.csv:2: region "lost" is in region "nowhere", which is unknown`
	for _, c := range []struct {
		replace bool
		done    []importer.Imported
		added   string
	}{
		{false, []importer.Imported{{File: "r.csv", Regions: importer.Changes{New: 1}}}, "asia Asia\n"},
		{true, nil, ""},
	} {
		database := dbtest.NewWorld(t)
		before := stored(t, database)
		done, err := openLoader(t, database).Import(t.Context(), files, importer.Options{Replace: c.replace})
		if err == nil || err.Error() != want {
			t.Errorf("replace %v: %v\nwant %s", c.replace, err, want)
		}
		if diff := cmp.Diff(c.done, done); diff != "" {
			t.Errorf("replace %v: returned (-want +got):\n%s", c.replace, diff)
		}
		if diff := cmp.Diff(c.added+before, stored(t, database)); diff != "" {
			t.Errorf("replace %v: stored (-want +got):\n%s", c.replace, diff)
		}
	}
}

// growing is a file that has another row each time that it is read.
type growing struct{ readings int }

func (g *growing) ReadAt(b []byte, offset int64) (int, error) {
	if offset == 0 {
		g.readings++
	}
	text := "orig_code,dest_code,day,price\n" + strings.Repeat("CNGGZ,EETLL,2021-01-01,1\n", g.readings)
	return strings.NewReader(text).ReadAt(b, offset)
}

// A file that changes between the two readings is refused.
func TestImportOfFileThatChanges(t *testing.T) {
	database := dbtest.NewWorld(t)
	before := database.Contents(t)
	growing := importer.File{Name: "growing.csv", Content: &growing{}}
	_, err := openLoader(t, database).Import(t.Context(), []importer.File{growing}, importer.Options{})
	if want := "growing.csv: changed while it was imported; import it again once it is complete"; err == nil || err.Error() != want {
		t.Errorf("a file that grows: %v\nwant %s", err, want)
	}
	if after := database.Contents(t); after != before {
		t.Errorf("the data have changed (-before +after):\n%s", cmp.Diff(before, after))
	}
}

package dump_test

import (
	"errors"
	"io"
	"strings"
	"testing"
	"unicode/utf8"

	"example.com/rates/service/importer/dump"
	"example.com/rates/service/rates"
)

// seeds are files of every kind that the reader distinguishes, whole and broken.
func seeds(tb testing.TB) []string {
	tb.Helper()
	const csvPrices = "orig_code,dest_code,day,price\r\nCNGGZ,EETLL,2021-01-31,1154\r\n"
	return []string{
		"", "\n", "x", wholeDump, wholeDump[:len(wholeDump)/2], strings.ReplaceAll(wholeDump, "\n", "\r\n"),
		portsCopy, pricesCopy, regionsCopy, csvPrices, "\xef\xbb\xbf" + csvPrices,
		"code,name,parent_slug\nSEGOT,\"Göte\nborg \"\"\",kattegat\n",
		"sep=;\r\nslug;\"name\";parent_slug;unit\rbaltic;\"a\rb\"\r\r\nx1;\\;baltic;\"\"\"\"\r",
		"orig_code|dest_code|day|price|ccy|Container-Type|x\nCNGGZ|EETLL|2021-01-31|7| usd |40HC|\nCNGGZ|EETLL|2021-01-31|7|USD|20GP|\n",
		"code\tname\tparent_slug\nEETLL\tA\\tB\tbaltic\n", "code:name:parent_slug\n", "s\x00l\x00u\x00g\x00",
		"COPY prices (note, orig_code, dest_code, day, price, unit) FROM stdin;\n" + strings.Repeat("x\\t", 30_000) + "\tCNGGZ\tEETLL\t2021-01-31\t1\t\\N\n\\.\n",
		" Slug ,NAME,x,parent_slug\nbaltic,Baltic,\xff,\n",
		"slug,name,parent_slug\n\"a", "PGDMP", "\x1f\x8b", zip(tb, wholeDump), zip(tb, csvPrices, csvPrices),
		"COPY ports (name, code, parent_slug) FROM stdin;\n\\x41\\303\\266\\t\\\\\\N\tEETLL\tbaltic\n\\.\n",
		"COPY \"a\"\"b\".\"regions\" (\"slug\", name, parent_slug) FROM stdin;\na1\tA\t\\N\n\\.",
		"DO $a$ $$ $a$; SELECT E'\\'', 'x''y', \"q\"\"\"; /* /* */ */ -- c\n\\restrict x\n" + regionsCopy,
		"CREATE FUNCTION f() BEGIN ATOMIC SELECT CASE 1 WHEN 1 THEN 2 END; END;\n" + regionsCopy,
		"SET client_encoding = 'UTF8'; SET search_path = a; INSERT INTO x VALUES (1);\n" + regionsCopy,
		"COPY x (a) FROM stdin;\n\\N\n\\.\n" + regionsCopy,
		"CREATE TABLE a.c (x int) INHERITS (b, public.prices); ALTER TABLE ONLY a.c INHERIT d, NO INHERIT d;\nCOPY a.c" + columns + lane,
		"CREATE VIEW v AS SELECT * FROM prices; BEGIN;\n" + pricesCopy + "COMMIT; ALTER TABLE prices ADD x int, OWNER TO y; DROP TABLE a, b;\n",
		"\\connect a\n" + pricesCopy + "\\connect \"b\"\nWITH d AS (DELETE FROM ONLY (prices)) SELECT 1; TRUNCATE a, b.c *; DO $$ UPDATE prices $$;\n",
	}
}

// For any input the reader ends, returns only records that can be stored, and
// reports where it failed.
func FuzzReader(f *testing.F) {
	for _, seed := range seeds(f) {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		// A row takes at least three bytes; gzip packs a thousand to one.
		most := len(file)
		if len(file) > 1 && file[0] == 0x1f && file[1] == 0x8b {
			most *= 1032
		}
		r, err := dump.NewReader(strings.NewReader(string(file)), "file")
		line := 0
		for n := 0; err == nil; n++ {
			if n > most {
				t.Fatalf("more than %d records from %d bytes", most, len(file))
			}
			var rec dump.Record
			if err = r.Read(&rec); err == nil {
				checkRecord(t, rec)
				if rec.Line <= line {
					t.Fatalf("line %d comes after line %d", rec.Line, line)
				}
				line = rec.Line
			}
		}
		if !errors.Is(err, io.EOF) {
			checkError(t, err)
		}
	})
}

func checkError(t *testing.T, err error) {
	t.Helper()
	var e *dump.Error
	if !errors.As(err, &e) || e.File != "file" || e.Line < 0 || e.Reason == "" || !utf8.ValidString(e.Reason) {
		t.Fatalf("error %#v, want an *Error with file and reason", err)
	}
}

func checkRecord(t *testing.T, rec dump.Record) {
	t.Helper()
	ok := false
	only := dump.Record{Kind: rec.Kind, Line: rec.Line}
	switch rec.Kind {
	case dump.Prices:
		p := rec.Price
		ok = rates.IsPortCode(p.Origin) && rates.IsPortCode(p.Destination) &&
			p.Day >= rates.MinDay && p.Day <= rates.MaxDay && p.USD >= 0
		only.Price = p
	case dump.Ports:
		ok = rates.IsPortCode(rec.Port.Code) && isName(rec.Port.Name) && rates.IsSlug(rec.Port.Parent)
		only.Port = rec.Port
	case dump.Regions:
		ok = rates.IsSlug(rec.Region.Slug) && isName(rec.Region.Name) && (rec.Region.Parent == "" || rates.IsSlug(rec.Region.Parent))
		only.Region = rec.Region
	}
	if !ok || rec != only {
		t.Fatalf("record %+v cannot be stored", rec)
	}
}

func isName(s string) bool {
	return strings.TrimSpace(s) != "" && utf8.ValidString(s) && utf8.RuneCountInString(s) <= 200 && !strings.ContainsRune(s, 0)
}

package dump_test

import (
	"strings"
	"testing"
)

// The rows of one table in two databases or dumps are refused: psql would not put
// them into one table.
func TestSeveralDatabases(t *testing.T) {
	const (
		empty  = "COPY public.prices" + columns + "\\.\n"
		create = "CREATE TABLE public.prices (day date);\n"
		twice  = "; import one of them, or each as a file of its own"
		made   = "; import one of them, made with pg_dump DATABASE > NEW.sql"
	)
	dump := begin + create + pricesRow + end // 12 lines
	for name, c := range map[string]struct{ file, want string }{
		"pg_dumpall":      {"\\connect a\n" + dump + "\\connect b\n" + dump, `file:20: prices has rows in two databases, "a" and "b"` + made},
		"two databases":   {"\\connect a\n" + pricesRow + "\\c b postgres\n" + pricesRow, `file:6: prices has rows in two databases, "a" and "b"` + made},
		"odd names":       {"\\connect -reuse-previous=on \"dbname='it\\'s; me'\"\n" + pricesRow + "\\connect \"B C\"\n" + pricesRow, `file:6: prices has rows in two databases, "it's; me" and "B C"` + made},
		"from the first":  {pricesRow + "\\connect b\n" + pricesRow, `file:5: prices has rows in two databases, the first and "b"` + made},
		"back":            {"\\connect a\n\\connect b\n" + pricesRow + "\\connect a\n" + pricesRow, `file:7: prices has rows in two databases, "b" and "a"` + made},
		"in two schemas":  {"\\connect a\n" + pricesRow + "\\connect b\nCOPY trade.prices" + columns + lane, `file:6: prices has rows in two databases, "a" and "b"` + made},
		"two dumps":       {dump + dump, "file:18: prices has rows in two dumps, which begin on lines 2 and 14" + twice},
		"data alone":      {begin + pricesRow + end + begin + pricesRow + end, "file:16: prices has rows in two dumps, which begin on lines 2 and 13" + twice},
		"gzip":            {zip(t, dump, dump), "file:18: prices has rows in two dumps, which begin on lines 2 and 14" + twice},
		"created twice":   {create + pricesRow + create + pricesRow, "file:6: prices has rows in two dumps, which begin on lines 1 and 5" + twice},
		"a later part":    {dump + begin + "CREATE TABLE p21 () INHERITS (prices);\nCOPY p21" + columns + lane + end, "file:18: prices has rows in two dumps, which begin on lines 2 and 14" + twice},
		"regions":         {begin + regionsCopy + end + begin + regionsCopy + end, "file:17: regions has rows in two dumps, which begin on lines 2 and 14" + twice},
		"children of one": {"\\connect a\nCREATE TABLE c () INHERITS (prices);\n\\connect b\n" + pricesRow + "COPY c" + columns + lane, "file:7: c has the columns of prices, and the file does not say whether its rows belong to it; dump again without pg_dump --data-only, or with --exclude-table if they do not"},
		"dropped":         {"\\connect a\n" + pricesRow + "\\connect b\nDROP DATABASE IF EXISTS a;\n", "file:6: DROP DATABASE a" + unapplied},
		"the first":       {pricesRow + "\\connect b\nDROP DATABASE \"A b\" WITH (FORCE);\n", "file:5: DROP DATABASE A b" + unapplied},
		"the first later": {pricesRow + "\\connect b\n" + empty + "\\connect c\nDROP DATABASE IF EXISTS b;\n", "file:8: DROP DATABASE b" + unapplied},
	} {
		t.Run(name, func(t *testing.T) { wantRefusal(t, c.file, c.want) })
	}
	for name, file := range map[string]string{
		"one with rows":       "\\connect a\n" + dump + "\\connect b\n" + begin + create + empty + end,
		"the second has rows": "\\connect a\n" + begin + create + empty + end + "\\connect b\n" + dump,
		"another schema":      "\\connect a\nCOPY trade.prices" + columns + "\\.\n\\connect b\n" + dump + "\\connect c\nCOPY far.prices" + columns + "\\.\n",
		"the same database":   "\\connect a\n" + empty + "\\connect - x\n\\connect\n\\connect a\n" + pricesRow + "\\c\nCOPY prices" + columns + "\\.\n",
		"with --create":       begin + "CREATE DATABASE a;\n\\connect a\n" + create + pricesRow + end,
		"in parts":            begin + create + end + begin + pricesRow + end + begin + "ALTER TABLE public.prices OWNER TO x;\n" + end,
		"created if absent":   create + "COPY prices" + columns + lane + "CREATE TABLE IF NOT EXISTS prices (x int);\n",
		"changed elsewhere":   "\\connect a\n" + dump + "\\connect b\nDELETE FROM prices;\nDROP TABLE prices;\nALTER TABLE prices DROP COLUMN x;\nTRUNCATE x CASCADE;\n",
		"pg_dumpall --clean":  "DROP DATABASE a;\nCREATE DATABASE a;\n\\connect a\n" + dump + "DROP DATABASE postgres;\n\\connect postgres\n",
		"another is dropped":  pricesRow + "DROP DATABASE a;\n\\connect b\nDROP DATABASE b;\n",
		"a child elsewhere":   "\\connect a\nCREATE TABLE c () INHERITS (prices);\n\\connect b\n" + pricesRow + "CREATE TABLE c (x int);\nCOPY c" + columns + lane,
	} {
		if got, err := readString(file); err != nil || len(got) != 1 {
			t.Errorf("%s: got %d records, %v, want the price", name, len(got), err)
		}
	}
	tables := begin + regionsCopy + end + begin + portsCopy + end + begin + pricesCopy + end
	if got, err := readString(tables); err != nil || len(got) != 6 {
		t.Errorf("a dump for each table: %d records, %v, want 6", len(got), err)
	}
}

// A command of psql that may change the data is refused if the file is a dump.
func TestPsqlCommands(t *testing.T) {
	for command, what := range map[string]string{
		`\i more.sql`: `\i`, `\ir more.sql`: `\ir`, `\copy prices from x.csv csv`: `\copy`, `SELECT 'DROP TABLE prices' \gexec`: `\gexec`,
		`DELETE FROM prices \g`: `\g`, `\if :x`: `\if`, `\q`: `\q`, `\! psql`: `\!`, `\set AUTOCOMMIT off`: `\set`, `\set t prices`: `\set`,
		`\echo 'a\'b' \i x`: `\i`, `\gset`: `\gset`, `\r`: `\r`, `SELECT 1 \watch`: `\watch`, `\include x`: `\include`, `\`: `\`,
	} {
		want := what + unapplied
		wantRefusal(t, pricesRow+command+"\n;"+portsCopy, "file:4: "+want)
		wantRefusal(t, command+"\n;"+pricesRow, "file:1: "+want)
		wantRefusal(t, begin+command+"\n", "file:5: "+want)
		wantRefusal(t, command+"\n", "file: holds no regions, ports or prices"+accepted)
	}
	for _, command := range []string{
		`\restrict a`, `\unrestrict`, `\echo it's \i x`, `\pset pager off`, `\timing`, `\set ON_ERROR_STOP on`, `\set`, `\encoding UTF8`, `\encoding`, `\echo "\i" \\`,
	} {
		if got, err := readString(command + "\r\n" + strings.ReplaceAll(pricesRow, "\n", "\r\n") + command + "\n"); err != nil || len(got) != 1 {
			t.Errorf("%s: got %d records, %v, want the price", command, len(got), err)
		}
	}
	wantRefusal(t, "\\encoding LATIN1\n", `file:1: the encoding is "LATIN1"; dump again with pg_dump --encoding=UTF8`)
	wantRefusal(t, ":statement;\n"+pricesRow, "file:1: a variable of psql"+unapplied)
	wantRefusal(t, "COPY :t (a) FROM stdin;\n1\n\\.\n"+pricesRow, "file:1: COPY of a variable of psql"+unapplied)
}

// Settings that say how the file is to be read are followed in every form.
func TestSettings(t *testing.T) {
	const latin = ` the encoding is "LATIN1"; dump again with pg_dump --encoding=UTF8`
	for _, set := range []string{"SET NAMES 'LATIN1'", "SET SESSION client_encoding TO 'LATIN1'", "SET LOCAL client_encoding = 'LATIN1'"} {
		wantRefusal(t, set+";\n", "file:1:"+latin)
	}
	wantRefusal(t, "SELECT pg_catalog.set_config('search_path', '', false), set_config('client_encoding', 'LATIN1', false);\n", "file:1:"+latin)
	for _, set := range []string{
		"SELECT pg_catalog.set_config('search_path', 'old, public', false)", `SELECT set_config('search_path', '"$user", "old"', true)`,
		"SET SCHEMA 'old'", "SET search_path TO old, public",
	} {
		wantRefusal(t, pricesRow+set+";\n"+strings.Replace(pricesRow, "public.", "", 1),
			`file:5: prices is in two schemas, "public" and "old"; dump one of them with pg_dump --schema`)
		for _, reset := range []string{"RESET search_path", "RESET ALL", "DISCARD ALL", "SET search_path = DEFAULT"} {
			if got, err := readString(set + ";\n" + reset + ";\n" + strings.Replace(pricesRow, "public.", "", 1) + pricesRow); err != nil || len(got) != 2 {
				t.Errorf("%s, %s: got %d records, %v, want two prices", set, reset, len(got), err)
			}
		}
	}
	if _, err := readString(pricesRow + "SELECT set_config('standard_conforming_strings', 'off', false);\nSELECT 'it\\'; DELETE FROM prices; --';\n"); err != nil {
		t.Error(err)
	}
	const escaped = "SELECT 'it\\'; DELETE FROM prices; --';\n"
	for value, bad := range map[string]bool{"on": true, "off": false} {
		_, err := readString(pricesRow + "SET standard_conforming_strings = " + value + ";\n" + escaped)
		if (err != nil) != bad {
			t.Errorf("standard_conforming_strings = %s: error %v", value, err)
		}
	}
}

package dump_test

import (
	"strings"
	"testing"
)

// A table is found in any schema and with any spelling of its name, its columns in
// any order and among others.
func TestFormsOfCopy(t *testing.T) {
	const rows = "baltic\tBaltic\t\\N\n\\.\n"
	for name, file := range map[string]string{
		"no schema":         "COPY regions (slug, name, parent_slug) FROM stdin;\n" + rows,
		"other schema":      "COPY trade_2021.regions (slug, name, parent_slug) FROM stdin;\n" + rows,
		"quoted":            `COPY "My ""new"" schema; (1)"."regions" ("slug", "name", parent_slug) FROM stdin;` + "\n" + rows,
		"upper case":        "COPY PUBLIC.REGIONS (SLUG, Name, Parent_Slug) FROM STDIN;\n" + rows,
		"other order":       "COPY regions (parent_slug, name, slug) FROM stdin;\n\\N\tBaltic\tbaltic\n\\.\n",
		"more columns":      "COPY regions (id, slug, \"weird, (x)\", name, parent_slug, note) FROM stdin;\n1\tbaltic\t\\\\x\tBaltic\t\\N\t\xff\n\\.\n",
		"old search path":   "SET search_path = a, pg_catalog; COPY regions (slug, name, parent_slug) FROM stdin;\n" + rows,
		"over lines":        "COPY regions (slug, name,\n  parent_slug)\nFROM stdin;\n" + rows,
		"no line end":       "COPY regions (slug, name, parent_slug) FROM stdin;\nbaltic\tBaltic\t\\N\n\\.",
		"in two blocks":     "COPY a.regions (slug, name, parent_slug) FROM stdin;\n\\.\nCOPY a.regions (slug, name, parent_slug) FROM stdin;\n" + rows,
		"also out of there": "COPY regions TO stdout; COPY (SELECT 1) TO stdout;\nCOPY regions (slug, name, parent_slug) FROM stdin;\n" + rows,
	} {
		t.Run(name, func(t *testing.T) {
			got, err := readString(file)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != 1 || got[0].Region != region(0, "baltic", "Baltic", "").Region {
				t.Errorf("got %+v, want the region baltic", got)
			}
		})
	}
}

// What cannot be read as PostgreSQL reads it is refused.
func TestUnusualCopy(t *testing.T) {
	const rest = "text follows on the line of a COPY statement: "
	for file, want := range map[string]string{
		`COPY public.U&"prices" (day) FROM stdin;` + "\n":                                       `file:1: a name is written as U&"…", which pg_dump never does; write it without U&`,
		`DELETE FROM u&"pric\0065s";`:                                                           `file:1: a name is written as U&"…", which pg_dump never does; write it without U&`,
		"COPY prices (orig_code, dest_code, day, price) FROM stdin; DELETE FROM prices;\n\\.\n": "file:1: " + rest + `"DELETE FROM prices;"; begin a line with it after the data`,
		pricesRow + "SELECT E'a' -- b\n  'c\\''; DELETE FROM prices; --'\n":                     "file:5: DELETE FROM prices" + unapplied,
		"COPY a (b) FROM stdin; \\q\n\\.\n":                                                     "file:1: " + rest + `"\\q"; begin a line with it after the data`,
		"COPY prices_1 FROM stdin;\nCNGGZ\tEETLL\n\\.\n":                                        "file:1: COPY prices_1 does not name its columns, and the file does not create the table; dump again without pg_dump --data-only",
	} {
		wantRefusal(t, file, want)
	}
	for _, file := range []string{
		"CREATE TABLE a.b (day date);\nSET search_path = x, a;\nCOPY b FROM stdin;\n1\n\\.\n" + pricesRow,
		strings.Replace(pricesRow, "stdin;", "stdin; -- its rows", 1),
		"CREATE TABLE a.p21 () INHERITS (prices);\nSET search_path = public, a;\n" + strings.Replace(pricesRow, "public.prices", "p21", 1),
	} {
		if got, err := readString(file); err != nil || len(got) != 1 {
			t.Errorf("%s: got %d records, %v, want the price", file, len(got), err)
		}
	}
}

// Everything but the three tables is ignored, even if it looks like a COPY of one
// of them.
func TestEverythingElseIsIgnored(t *testing.T) {
	const decoy = "COPY regions (slug, name, parent_slug) FROM stdin;\nbad\tBad\t\\N\n\\.\n"
	const insert = "INSERT INTO regions VALUES ('bad', 'Bad', NULL);\n"
	for name, other := range map[string]string{
		"settings":           "SET statement_timeout = 0;\nSELECT pg_catalog.set_config('search_path', '', false);\nSET row_security = off;\n",
		"encodings":          "SET client_encoding = 'UTF8';\nSET client_encoding TO SQL_ASCII;\n",
		"psql commands":      "\\restrict a;b'c\"d$$/*\n\\connect -reuse-previous=on \"dbname='x;'\"\n\\unrestrict a;b\n",
		"line comment":       "-- it's \"open\" $$ /*\n-- " + insert,
		"block comment":      "/* it's /* nested */ " + decoy + " **/",
		"string":             "SELECT 'it''s \\';\n" + "SELECT '" + decoy + "';\n",
		"escape string":      "SELECT E'it\\'s;\n" + decoy + "\\\\';\n",
		"quoted name":        "CREATE TABLE \"a\"\"b;\n" + decoy + "\" (x int);\n",
		"dollar quotes":      "CREATE FUNCTION f() RETURNS void LANGUAGE plpgsql AS $$ BEGIN it's;\n" + decoy + "END $$;\n",
		"tagged dollars":     "DO $_a1$ $$ it's;\n" + decoy + "$_a1 $ $$_a1 " + "cost $$_a1$;\n",
		"dollars in words":   "SELECT a$b$c, $1, $2$x$ '; $x$, 3$x$ '; $x$;\n",
		"routine body":       "CREATE OR REPLACE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT CASE WHEN true THEN 1 END;\n" + insert + "END;\n",
		"procedure body":     "CREATE PROCEDURE f() BEGIN ATOMIC SELECT 1;\n" + insert + "END;\n",
		"empty body":         "CREATE PROCEDURE f() BEGIN ATOMIC END;\nCREATE FUNCTION f() RETURNS int BEGIN /* c */ ATOMIC -- c\n; ; END;\n",
		"begin as a column":  "CREATE FUNCTION f() RETURNS date BEGIN ATOMIC SELECT c.begin, begin FROM c ORDER BY begin; END;\n",
		"end as a column":    "CREATE FUNCTION f() RETURNS date BEGIN ATOMIC SELECT c.end AS end, 1 end, CASE WHEN c.\"end\" THEN c.case END;\n" + insert + "END;\n",
		"case as a column":   "CREATE FUNCTION f() RETURNS date BEGIN ATOMIC SELECT c.case AS case FROM c; END;\n",
		"atomic as a column": "CREATE FUNCTION f() RETURNS date BEGIN ATOMIC SELECT begin atomic, c.atomic end FROM c;\n" + insert + "END;\n",
		"routine begin":      "CREATE FUNCTION audit.begin() RETURNS int LANGUAGE sql AS 'select 1';\nCREATE PROCEDURE begin(atomic int) LANGUAGE sql AS '';\n",
		"routine end":        "CREATE OR REPLACE FUNCTION a.\"end\"(begin date) RETURNS int BEGIN ATOMIC RETURN 1;\n" + insert + "END;\n",
		"default begin":      "CREATE FUNCTION f(a date DEFAULT audit.begin()) RETURNS begin LANGUAGE sql AS 'select 1';\n",
		"a type atomic":      "CREATE FUNCTION f() RETURNS begin.atomic LANGUAGE sql AS 'select 1';\nCREATE FUNCTION f() RETURNS \"begin\" AS 'atomic';\n",
		"rule":               "CREATE RULE r AS ON INSERT TO v DO INSTEAD (\n" + insert + insert + ");\n",
		"transaction":        "BEGIN;\nSELECT CASE 1 WHEN 1 THEN 2 END;\nCOMMIT;\n",
		"other table":        "COPY public.carriers (id, name) FROM stdin;\nCOPY regions (slug) FROM stdin;\n\\.x\n\\N\t\xff\x00\n\\.\n",
		"very long row":      "COPY a.b (c) FROM stdin;\n" + strings.Repeat("x", 64<<10+2) + "\\.\n" + decoy,
		"table like ours":    "COPY public.\"Regions\" (slug) FROM stdin;\nBad\n\\.\nCOPY regions.x (slug) FROM stdin;\nBad\n\\.\n",
		"no columns":         "COPY public.nothing  FROM stdin;\n\n\n\\.\n",
		"other format":       "COPY other (a) FROM stdin WITH (FORMAT csv);\na;'\n\\.\n",
		"insert elsewhere":   "INSERT INTO public.carriers VALUES (1, 'regions');\nINSERT INTO regions_old VALUES (1);\n",
		"numbers, operators": "SELECT 1-1, 2/3, 4e5, 0x1F, - -1, a<->b, c::text[1];\n",
		"empty statements":   ";;\n ;",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := readString(regionsCopy + other + portsCopy)
			if err != nil {
				t.Fatal(err)
			}
			if len(got) != 4 {
				t.Errorf("%d records, want the 2 regions and 2 ports: %+v", len(got), got)
			}
		})
	}
}

// The escapes of COPY's text format mean what PostgreSQL documents.
func TestEscapes(t *testing.T) {
	for field, want := range map[string]string{
		`a\\b`:            `a\b`,
		`\b\f\n\r\t\vx`:   "\b\f\n\r\t\vx",
		`\101\1018\60`:    "AA80",
		`\x41\x4a\x4Ag`:   "AJJg",
		`\x9|`:            "\t|",
		`\303\266l`:       "öl",
		`\xc3\xB6l`:       "öl",
		`\\N`:             `\N`,
		`\Na`:             "Na",
		`a\N`:             "aN",
		`N`:               "N",
		`\xg\8\.\"`:       `xg8."`,
		"tab\\\tin":       "tab\tin",
		`\477`:            "?",
		"no escapes at ö": "no escapes at ö",
	} {
		got, err := readString("COPY ports (name, code, parent_slug, note) FROM stdin;\n" + field + "\tEETLL\tbaltic\t\\\\\n\\.\n")
		if err != nil {
			t.Errorf("%s: %v", field, err)
		} else if got[0].Port.Name != want {
			t.Errorf("%s is read as %q, want %q", field, got[0].Port.Name, want)
		}
	}
}

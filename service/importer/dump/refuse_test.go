package dump_test

import (
	"errors"
	"strings"
	"testing"

	"example.com/rates/service/importer/dump"
)

const (
	useCommas = "; separate the columns by a comma, a semicolon, a tab or |"
	noPort    = " is not a port code (two of A-Z, then three of A-Z or 2-9, for example CNGGZ)"
	noSlug    = " is not a region slug (2 to 63 of a-z, 0-9, _ and -, the first a letter)"
	noUSD     = " is not a whole number of USD, in digits alone (for example 1154)"
	lost      = " is not UTF-8; save the file as UTF-8"
	noDay     = " is not a calendar day as YYYY-MM-DD of the years 1 to 9999"
	accepted  = "; give a plain pg_dump file with COPY blocks for these tables, or CSV with one of the headers " +
		"orig_code,dest_code,day,price or code,name,parent_slug or slug,name,parent_slug"
	unapplied = " is not applied by an import; let PostgreSQL do it: " +
		"createdb scratch && psql -d scratch -f FILE && pg_dump scratch > NEW.sql, then import NEW.sql"
)

func readString(file string) ([]dump.Record, error) { return read(strings.NewReader(file)) }

// wantRefusal checks that err is an *Error with this message.
func wantRefusal(t *testing.T, file, want string) {
	t.Helper()
	_, err := readString(file)
	if err == nil {
		t.Fatalf("nothing is refused, want %s", want)
	}
	var e *dump.Error
	if !errors.As(err, &e) || err.Error() != want {
		t.Errorf("error %[1]T\n got %[1]v\nwant %s", err, want)
	}
}

// A bad value is refused, in a dump and in CSV, with its line, its column and its
// fault.
func TestRefusedValues(t *testing.T) {
	const null = `\N`
	tables := map[string]struct {
		columns []string
		good    []string
	}{
		"prices":  {[]string{"orig_code", "dest_code", "day", "price"}, []string{"CNGGZ", "EETLL", "2021-01-31", "1154"}},
		"ports":   {[]string{"code", "name", "parent_slug"}, []string{"EETLL", "Tallinn", "baltic"}},
		"regions": {[]string{"slug", "name", "parent_slug"}, []string{"baltic", "Baltic", "north"}},
	}
	for _, c := range []struct {
		table  string
		column int
		value  string
		reason string
	}{
		{"prices", 0, "cnggz", `orig_code "cnggz"` + noPort},
		{"prices", 0, "", `orig_code ""` + noPort},
		{"prices", 1, "EETL1", `dest_code "EETL1"` + noPort},
		{"prices", 1, "EETLL ", `dest_code "EETLL "` + noPort},
		{"prices", 1, "EE\xffLL", `dest_code "EE\xffLL" is not UTF-8; in Windows-1252 it reads "EEÿLL": save the file as UTF-8`},
		{"prices", 1, "EE\x00LL", `dest_code "EE\x00LL"` + noPort},
		{"prices", 0, strings.Repeat("X", 61), `orig_code "` + strings.Repeat("X", 60) + `"…` + noPort},
		{"prices", 0, strings.Repeat("Ö", 60), `orig_code "` + strings.Repeat("Ö", 60) + `"` + noPort},
		{"prices", 2, "2021-02-29", `day "2021-02-29"` + noDay},
		{"prices", 2, "infinity", `day "infinity"` + noDay},
		{"prices", 2, "-infinity", `day "-infinity"` + noDay},
		{"prices", 2, "0044-03-15 BC", `day "0044-03-15 BC"` + noDay},
		{"prices", 2, "10000-01-01", `day "10000-01-01"` + noDay},
		{"prices", 2, "31.01.2021", `day "31.01.2021"` + noDay},
		{"prices", 3, "-5", `price "-5" is negative`},
		{"prices", 3, "1154.00", `price "1154.00"` + noUSD},
		{"prices", 3, "-0.5", `price "-0.5"` + noUSD},
		{"prices", 3, "-", `price "-"` + noUSD},
		{"prices", 3, "", `price ""` + noUSD},
		{"prices", 3, "1e3", `price "1e3"` + noUSD},
		{"prices", 3, "NaN", `price "NaN"` + noUSD},
		{"prices", 3, " 7", `price " 7"` + noUSD},
		{"prices", 3, "2147483648", `price "2147483648" is more than 2147483647 USD`},
		{"prices", 3, "99999999999999999999", `price "99999999999999999999" is more than 2147483647 USD`},
		{"prices", 0, null, "orig_code is null"},
		{"prices", 1, null, "dest_code is null"},
		{"prices", 2, null, "day is null"},
		{"prices", 3, null, "price is null"},
		{"ports", 0, "EETL", `code "EETL"` + noPort},
		{"ports", 0, null, "code is null"},
		{"ports", 1, "", "name is empty"},
		{"ports", 1, " \u00a0", "name is empty"},
		{"ports", 1, null, "name is null"},
		{"ports", 1, "G\xf6teborg", `name "G\xf6teborg" is not UTF-8; in Windows-1252 it reads "Göteborg": save the file as UTF-8`},
		{"ports", 1, "\x8c\xa2", `name "\x8c\xa2"` + lost},
		{"ports", 1, "A\x00B", `name "A\x00B" holds a NUL byte`},
		{"ports", 1, strings.Repeat("ö", 201), `name "` + strings.Repeat("ö", 60) + `"… is longer than 200 characters`},
		{"ports", 2, "Baltic", `parent_slug "Baltic"` + noSlug},
		{"ports", 2, "", `parent_slug ""` + noSlug},
		{"ports", 2, null, "parent_slug is null"},
		{"regions", 0, "_x", `slug "_x"` + noSlug},
		{"regions", 0, strings.Repeat("x", 64), `slug "` + strings.Repeat("x", 60) + `"…` + noSlug},
		{"regions", 0, null, "slug is null"},
		{"regions", 1, "", "name is empty"},
		{"regions", 1, null, "name is null"},
		{"regions", 2, "a b", `parent_slug "a b"` + noSlug},
	} {
		table := tables[c.table]
		good := strings.Join(table.good, "\t") + "\n"
		fields := append([]string(nil), table.good...)
		fields[c.column] = c.value
		file := "COPY " + c.table + " (" + strings.Join(table.columns, ", ") + ") FROM stdin;\n" + good
		wantRefusal(t, file+strings.Join(fields, "\t")+"\n\\.\n", "file:3: "+c.reason)
		if c.value != null {
			header := strings.Join(table.columns, ",") + "\n"
			wantRefusal(t, header+strings.Join(table.good, ",")+"\n"+strings.Join(fields, ",")+"\n", "file:3: "+c.reason)
		}
	}
}

// The largest valid values are accepted.
func TestLargestValues(t *testing.T) {
	name := strings.Repeat("ö", 200)
	slug := strings.Repeat("x", 63)
	wantRecords(t, "COPY prices (orig_code, dest_code, day, price) FROM stdin;\nCNGGZ\tEETLL\t9999-12-31\t2147483647\n\\.\n"+
		"COPY ports (code, name, parent_slug) FROM stdin;\nAA222\t"+name+"\t"+slug+"\n\\.\n",
		price(t, 2, "EETLL", "9999-12-31", 2147483647), port(5, "AA222", name, slug))
}

// A file of another format is refused with a sentence that says what to do.
func TestRefusedFiles(t *testing.T) {
	const (
		regions = "COPY regions (slug, name, parent_slug) FROM stdin;\n"
		prices  = "COPY public.prices (orig_code, dest_code, day, price) FROM stdin;\n"
	)
	cut := zip(t, wholeDump)
	for name, c := range map[string]struct{ file, want string }{
		"empty":      {"", "file: is empty and holds no regions, ports or prices" + accepted},
		"only mark":  {"\xef\xbb\xbf", "file: holds no regions, ports or prices" + accepted},
		"blank":      {"\n \n", "file: holds no regions, ports or prices" + accepted},
		"empty gzip": {zip(t, ""), "file: is empty and holds no regions, ports or prices" + accepted},
		"schema":     {begin + "CREATE TABLE prices (price int);\n" + end, "file: holds no regions, ports or prices" + accepted},
		"prose":      {"It's not a dump.\n", "file: holds no regions, ports or prices" + accepted},
		"no header":  {"CNGGZ,EETLL,2021-01-31,1154\n", "file: holds no regions, ports or prices" + accepted},
		"binary":     {"\x7fELF\x00\x01", "file:1: holds a NUL byte, so it is not a text file"},

		"gzip header":    {"\x1f\x8b\x08", "file:1: the data is cut off; copy the file again"},
		"gzip method":    {"\x1f\x8b\x07\x00\x00\x00\x00\x00\x00\x00", "file:1: the compressed data is damaged; copy the file again"},
		"gzip cut off":   {cut[:len(cut)-1], "file:21: the data is cut off; copy the file again"},
		"gzip checksum":  {cut[:len(cut)-8] + "\x00" + cut[len(cut)-7:], "file:21: the compressed data is damaged; copy the file again"},
		"gzip body":      {cut[:10] + "\xff\xff" + cut[12:], "file:1: the compressed data is damaged; copy the file again"},
		"gzip and trash": {cut + "trash, not gzip", "file:21: the compressed data is damaged; copy the file again"},

		"cut in a block":   {regions + "baltic\tBaltic\t\\N\n", "file:3: the file is cut off: it ends inside the data of regions that begins on line 1"},
		"cut in a row":     {regions + "baltic\tBal", "file:2: the file is cut off: it ends inside the data of regions that begins on line 1"},
		"cut in another":   {regions + "\\.\nCOPY a.b (c) FROM stdin;\n1\n", "file:5: the file is cut off: it ends inside the data of a.b that begins on line 3"},
		"cut in a string":  {regions + "\\.\nSELECT\n'x;\n\n", "file:6: the file is cut off: it ends inside a string that begins on line 4"},
		"cut in E'":        {regions + "\\.\nSELECT E'x\\'", "file:3: the file is cut off: it ends inside a string that begins on line 3"},
		"cut in E'\\":      {regions + "\\.\nSELECT E'x\\", "file:3: the file is cut off: it ends inside a string that begins on line 3"},
		"cut in $$":        {regions + "\\.\nDO $a$ $$ $a", "file:3: the file is cut off: it ends inside a $-quoted string that begins on line 3"},
		"cut in a name":    {regions + "\\.\nSELECT \"a\"\"", "file:3: the file is cut off: it ends inside a quoted name that begins on line 3"},
		"cut in a comment": {regions + "\\.\n/* /* */ *", "file:3: the file is cut off: it ends inside a comment that begins on line 3"},
		"cut in SQL":       {regions + "\\.\n\nSELECT 1\n", "file:5: the file is cut off: it ends inside a statement that begins on line 4"},
		"cut after SQL":    {begin + regions + "\\.\n", `file:7: the file is cut off: the comment "… dump complete" at its end is missing`},
		"cut pg_dumpall": {
			"-- PostgreSQL database cluster dump\n" + begin + regions + "\\.\n" + end,
			`file:12: the file is cut off: the comment "… dump complete" at its end is missing`,
		},
		"cut before data": {begin + "SELECT", "file:5: the file is cut off: it ends inside a statement that begins on line 5"},
		"beginning cut": {
			regions + "\\.\n" + end,
			`file:4: the file is cut off: the comment "PostgreSQL database dump" at its beginning is missing`,
		},

		"inserts":        {begin + "INSERT INTO public.prices VALUES ('CNGGZ', 'EETLL', '2021-01-31', 1);\n", "file:5: INSERT INTO prices" + unapplied},
		"quoted inserts": {"INSERT INTO \"regions\" (slug) VALUES ('a');\n", "file:1: INSERT INTO regions" + unapplied},
		"encoding":       {"SET client_encoding = 'LATIN1';\n", `file:1: the encoding is "LATIN1"; dump again with pg_dump --encoding=UTF8`},
		"two schemas": {
			"COPY a.regions (slug, name, parent_slug) FROM stdin;\n\\.\nSET search_path = b, pg_catalog;\n" + regions,
			`file:4: regions is in two schemas, "a" and "b"; dump one of them with pg_dump --schema`,
		},
		"absent column": {"\nCOPY a.prices (orig_code, dest_code, price) FROM stdin;\n\\.\n", "file:2: COPY a.prices lacks the column day"},
		"column twice":  {"COPY regions (slug, name, slug, parent_slug) FROM stdin;\n\\.\n", "file:1: COPY regions names the column slug twice"},
		"no columns":    {"COPY regions FROM stdin;\n\\.\n", "file:1: COPY regions does not name its columns"},
		"other format":  {"COPY regions (slug, name, parent_slug) FROM stdin WITH (FORMAT csv);\n\\.\n", "file:1: COPY regions is not in the form that pg_dump writes: COPY regions (columns) FROM stdin;"},
		"other source":  {"COPY a.regions (slug, name, parent_slug) FROM '/tmp/x';\n", "file:1: COPY a.regions is not in the form that pg_dump writes: COPY a.regions (columns) FROM stdin;"},
		"endless COPY":  {"COPY x (" + strings.Repeat("a,", 3000), "file:1: a COPY statement with more columns than PostgreSQL allows"},

		"few columns":  {prices + "CNGGZ\tEETLL\t2021-01-31\n", "file:2: wrong number of columns: 3, where COPY public.prices names 4"},
		"many columns": {prices + "CNGGZ\tEETLL\t2021-01-31\t1\t2\\n\n", "file:2: wrong number of columns: 5, where COPY public.prices names 4"},
		"empty line":   {prices + "\n", "file:2: wrong number of columns: 1, where COPY public.prices names 4"},
		"backslash":    {prices + "CNGGZ\tEETLL\t2021-01-31\t1\\\n", "file:2: a backslash at the end of the line"},
		"hidden NUL":   {regions + "baltic\ta\\000b\t\\N\n\\.\n", `file:2: name "a\x00b" holds a NUL byte`},
		"hidden Latin": {regions + "baltic\ta\\xf6b\t\\N\n\\.\n", `file:2: name "a\xf6b" is not UTF-8; in Windows-1252 it reads "aöb": save the file as UTF-8`},

		"colons":           {"\n\"slug\":\"name\":\"parent_slug\"\n", `file:2: the columns of the header are separated by ":"` + useCommas},
		"spaces":           {"orig_code  dest_code  day  price\n", `file:1: the columns of the header are separated by "  "` + useCommas},
		"other comma":      {"SLUG，NAME，PARENT_SLUG\r\n", `file:1: the columns of the header are separated by "，"` + useCommas},
		"control":          {"code\x01name\x01parent_slug\n", `file:1: the columns of the header are separated by "\x01"` + useCommas},
		"sep=:":            {"sep=:\r\nslug:name:parent_slug\r\n", `file:1: the separator is ":"` + useCommas},
		"sep=":             {"sep=\nslug,name,parent_slug\n", `file:1: the separator is ""` + useCommas},
		"another than sep": {"sep=;\nslug,name,parent_slug\n", "file:2: the CSV header lacks the columns of regions, ports or prices, or repeats one" + accepted},

		"decimal comma":    {"orig_code;dest_code;day;price\nCNGGZ;EETLL;2021-01-31;1154,50\n", `file:2: price "1154,50"` + noUSD},
		"point":            {"orig_code;dest_code;day;price\nCNGGZ;EETLL;2021-01-31;1.154\n", `file:2: price "1.154"` + noUSD},
		"thousands":        {"orig_code\tdest_code\tday\tprice\nCNGGZ\tEETLL\t2021-01-31\t\"1,154\"\n", `file:2: price "1,154"` + noUSD},
		"German day":       {"orig_code;dest_code;day;price\nCNGGZ;EETLL;31.01.2021;1154\n", `file:2: day "31.01.2021"` + noDay},
		"unquoted decimal": {"orig_code,dest_code,day,price\nCNGGZ,EETLL,2021-01-31,1154,50\n", "file:2: wrong number of columns: 5, where the header has 4"},
		"COPY with header": {
			"slug\tname\tparent_slug\na1\tA\\tB\tc1\n",
			`file:2: name "A\\tB" holds a backslash, and between tabs programs differ in what that means; separate the columns by commas`,
		},

		"CSV other header": {"\nfrom,to,day,price\n", "file:2: the CSV header lacks the columns of regions, ports or prices, or repeats one" + accepted},
		"CSV twice":        {"slug,name,name,parent_slug\n", "file:1: the CSV header lacks the columns of regions, ports or prices, or repeats one" + accepted},
		"CSV two tables":   {"slug,code,name,parent_slug\n", "file:1: the CSV header fits both ports and regions; leave one of them out"},
		"CSV few columns":  {"slug,name,parent_slug\n\na1,A\n", "file:3: wrong number of columns: 2, where the header has 3"},
		"CSV many columns": {"slug,name,parent_slug\na1,A,b1,c\n", "file:2: wrong number of columns: 4, where the header has 3"},
		"CSV open quote":   {"slug,name,parent_slug\na1,\"A,\n\n", `file:2: a quote (") is missing or misplaced`},
		"CSV bare quote":   {"\nslug,name,parent_slug\na1,A\"B,\n", `file:3: a quote (") is missing or misplaced`},
		"CSV quote after":  {"slug,name,parent_slug\na1,\"A\"B,\n", `file:2: a quote (") is missing or misplaced`},
	} {
		t.Run(name, func(t *testing.T) { wantRefusal(t, c.file, c.want) })
	}
}

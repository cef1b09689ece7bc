package dump_test

import (
	"errors"
	"fmt"
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
	tar := strings.Repeat("\x00", 257) + "ustar\x0000"
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
		"custom": {"PGDMP\x01\x0e", "file: is a pg_dump in custom format; make it plain with pg_restore -f - FILE > FILE.sql, " +
			"or dump again with pg_dump --format=plain"},
		"tar": {tar, "file: is a tar archive; if pg_dump made it, make it plain with pg_restore -f - FILE > FILE.sql, " +
			"or dump again with pg_dump --format=plain; else unpack it first"},
		"custom in gzip": {zip(t, "PGDMP\x01\x0e"), "file: is a pg_dump in custom format; make it plain with pg_restore -f - FILE > FILE.sql, " +
			"or dump again with pg_dump --format=plain"},
		"zip":         {"PK\x03\x04\x14", "file: is a zip archive; unpack it first"},
		"xlsx":        {"PK\x03\x04\x14\x00[Content_Types].xml", "file: is a spreadsheet or another Office file; save each table of it as CSV in UTF-8"},
		"ods":         {"PK\x03\x04mimetypeapplication/vnd.oasis.opendocument.spreadsheet", "file: is a spreadsheet or another Office file; save each table of it as CSV in UTF-8"},
		"xls":         {"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00", "file: is a workbook of Excel (.xls) or another Office file; save each table of it as CSV in UTF-8"},
		"7z":          {"7z\xbc\xaf\x27\x1c\x00", "file: is a 7z archive; unpack it first"},
		"lz4 of old":  {"\x02\x21\x4c\x18\x00", "file: is compressed with lz4; unpack it first with lz4 -d"},
		"compress":    {"\x1f\x9d\x90", "file: is compressed with compress; unpack it first with gzip -d"},
		"Parquet":     {"PAR1\x15", "file: is a Parquet file; save each table of it as CSV in UTF-8"},
		"HTML":        {"\n<!DOCTYPE html>\n<title>Sign in</title>", "file: is HTML; save each table of it as CSV in UTF-8"},
		"JSON":        {`[{"day": "2021-01-31"}]`, "file: is JSON; save each table of it as CSV in UTF-8"},
		"binary COPY": {"PGCOPY\n\xff\r\n\x00\x00", "file: is a COPY in binary format; copy it as CSV with a header"},
		"zstd":        {"\x28\xb5\x2f\xfd\x04", "file: is compressed with zstd; unpack it first with zstd -d"},
		"lz4":         {"\x04\x22\x4d\x18\x64", "file: is compressed with lz4; unpack it first with lz4 -d"},
		"xz":          {"\xfd7zXZ\x00\x00", "file: is compressed with xz; unpack it first with xz -d"},
		"bzip2":       {"BZh91AY&SY", "file: is compressed with bzip2; unpack it first with bzip2 -d"},
		"gzip twice":  {zip(t, zip(t, wholeDump)), "file: is compressed with gzip twice; unpack it first with gzip -d"},
		"UTF-16":      {"\xff\xfes\x00l\x00", "file: is UTF-16; save it as UTF-8"},
		"UTF-16 BE":   {"\xfe\xff\x00s\x00l", "file: is UTF-16; save it as UTF-8"},
		"UTF-32":      {"\xff\xfe\x00\x00s\x00\x00\x00", "file: is UTF-32; save it as UTF-8"},
		"UTF-32 BE":   {"\x00\x00\xfe\xff\x00\x00\x00s", "file: is UTF-32; save it as UTF-8"},

		"UTF-16 without mark":    {wide("slug,name", 2, 0), "file: is UTF-16; save it as UTF-8"},
		"UTF-16 BE without mark": {wide("slug,name", 2, 1), "file: is UTF-16; save it as UTF-8"},
		"UTF-32 without mark":    {wide("-- x", 4, 0), "file: is UTF-32; save it as UTF-8"},
		"UTF-32 BE without mark": {wide("-- x", 4, 3), "file: is UTF-32; save it as UTF-8"},
		"UTF-16 in gzip":         {zip(t, wide("slug,name", 2, 0)), "file: is UTF-16; save it as UTF-8"},

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

// wide returns ASCII text in characters of size bytes, with the value in one of them.
func wide(text string, size, value int) string {
	b := make([]byte, size*len(text))
	for i := range len(text) {
		b[i*size+value] = text[i]
	}
	return string(b)
}

// A field that is read may have 4 KiB, a longer one is refused with its line and
// name, however long the row is. Other fields have no limit.
func TestLongestField(t *testing.T) {
	zeros := strings.Repeat("0", 4<<10-4)
	for _, note := range []int{0, 1000, 64 << 10, 1 << 20} {
		note := strings.Repeat("x", note)
		for format, file := range map[string]string{
			"dump":          "COPY prices (note, orig_code, dest_code, more, day, price) FROM stdin;\nnote\\t\tCNGGZ\tEETLL\tnote\t2021-01-31\tprice\n\\.\n",
			"dump, CRLF":    "COPY prices (note, orig_code, dest_code, day, price, more) FROM stdin;\r\nnote\tCNGGZ\tEETLL\t2021-01-31\tprice\tnote\r\n\\.\r\n",
			"CSV":           "note,orig_code,dest_code,more,day,price\nnote,CNGGZ,EETLL,note,2021-01-31,price\n",
			"CSV in quotes": "note,orig_code,dest_code,day,price,more\r\n\"note\",\"CNGGZ\",\"EETLL\",\"2021-01-31\",\"price\",\"note\"\"\"\r\n",
			"CSV with CR":   "note,orig_code,dest_code,day,price,more\rnote,CNGGZ,EETLL,2021-01-31,price,note\r",
		} {
			t.Run(fmt.Sprintf("%s, %d bytes", format, len(note)), func(t *testing.T) {
				head, row, _ := strings.Cut(file, "stdin;")
				if row == "" {
					head, row = file[:strings.IndexAny(file, "\r\n")], file[strings.IndexAny(file, "\r\n"):]
				} else {
					head += "stdin;"
				}
				row = strings.ReplaceAll(row, "note", note)
				wantRecords(t, head+strings.Replace(row, "price", zeros+"1154", 1), price(t, 2, "EETLL", "2021-01-31", 1154))
				wantRefusal(t, head+strings.Replace(row, "price", zeros+"01154", 1), "file:2: price is longer than 4 KiB")
			})
		}
	}
}

// The number of columns is right, and checked, in rows of any length.
func TestColumnsOfLongRows(t *testing.T) {
	long := strings.Repeat("x", 100_000)
	const head, want = "COPY regions (slug, name, parent_slug, note) FROM stdin;\n", ", where COPY regions names 4"
	wantRefusal(t, head+"baltic\tBaltic\t"+long+"\n", "file:2: parent_slug is longer than 4 KiB")
	wantRefusal(t, head+long+"\n", "file:2: slug is longer than 4 KiB")
	wantRefusal(t, head+"baltic\tBaltic\t\\N\t"+long+"\ta\tb\n", "file:2: wrong number of columns: 6"+want)
	wantRefusal(t, head+"baltic\tBaltic\t\\N\t"+strings.Repeat("\t", 100_000)+"\n", "file:2: wrong number of columns: 100004"+want)
	wantRefusal(t, "COPY regions (note, slug, name, parent_slug) FROM stdin;\n"+long+"\tbaltic\tBaltic\n",
		"file:2: wrong number of columns: 3"+want)
	wantRefusal(t, head+"baltic\tBaltic\t\\N\t"+long+"\\\n", "file:2: a backslash at the end of the line")
	wantRefusal(t, head+"baltic\tBaltic\t\\N\t"+long, "file:2: the file is cut off: it ends inside the data of regions that begins on line 1")
	wantRefusal(t, "slug,name,parent_slug,note\nbaltic,Baltic,,"+long+",a,b\n", "file:2: wrong number of columns: 6, where the header has 4")
	wantRefusal(t, "slug,name,parent_slug,note\nbaltic,Baltic,,\""+long, `file:2: a quote (") is missing or misplaced`)
	wantRefusal(t, "slug,"+long+"\n", "file:1: a name in the CSV header is longer than 4 KiB")
}

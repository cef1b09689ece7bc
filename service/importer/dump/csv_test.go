package dump_test

import (
	"strings"
	"testing"

	"example.com/rates/service/importer/dump"
)

// The header decides which table a CSV file holds, in any spelling.
func TestCSVHeaders(t *testing.T) {
	for name, c := range map[string]struct {
		file string
		want dump.Record
	}{
		"prices":        {"orig_code,dest_code,day,price\nCNGGZ,EETLL,2021-01-31,1154\n", price(t, 2, "EETLL", "2021-01-31", 1154)},
		"ports":         {"code,name,parent_slug\nSEGOT,\"Göteborg, \"\"G\"\"\",kattegat\n", port(2, "SEGOT", `Göteborg, "G"`, "kattegat")},
		"regions":       {"slug,name,parent_slug\nkattegat,Kattegat,baltic\n", region(2, "kattegat", "Kattegat", "baltic")},
		"topmost":       {"slug,name,parent_slug\nbaltic,Baltic,\n", region(2, "baltic", "Baltic", "")},
		"any order":     {"price,day,dest_code,orig_code\n7,2021-01-31,EETLL,CNGGZ\n", price(t, 2, "EETLL", "2021-01-31", 7)},
		"more columns":  {"id,slug,,name,note,note,parent_slug\n1,baltic,,Baltic,\xff,y,\n", region(2, "baltic", "Baltic", "")},
		"case, spaces":  {" SLUG ,\tName,\"Parent_Slug \"\nbaltic,Baltic,\n", region(2, "baltic", "Baltic", "")},
		"CRLF":          {"slug,name,parent_slug\r\nbaltic,Baltic,\r\n", region(2, "baltic", "Baltic", "")},
		"no line end":   {"slug,name,parent_slug\nbaltic,Baltic,", region(2, "baltic", "Baltic", "")},
		"mark":          {"\xef\xbb\xbfslug,name,parent_slug\nbaltic,Baltic,\n", region(2, "baltic", "Baltic", "")},
		"gzip":          {zip(t, "slug,name,parent_slug\n", "baltic,Baltic,\n"), region(2, "baltic", "Baltic", "")},
		"gzip, mark":    {zip(t, "\xef\xbb\xbfslug,name,parent_slug\nbaltic,Baltic,\n"), region(2, "baltic", "Baltic", "")},
		"blank lines":   {"\n \r\n\nslug,name,parent_slug\n\n\nbaltic,Baltic,\n\n", region(7, "baltic", "Baltic", "")},
		"comments":      {"-- from the office\n--\nslug,name,parent_slug\nbaltic,Baltic,\n", region(4, "baltic", "Baltic", "")},
		"parenthesis":   {"slug,name,parent_slug,size (km)\nbaltic,Baltic,,3\n", region(2, "baltic", "Baltic", "")},
		"semicolons":    {"slug;name;parent_slug\r\nbaltic;Baltic, all of it;\r\n", region(2, "baltic", "Baltic, all of it", "")},
		"tabs":          {"code\tname\tparent_slug\nSEGOT\t\"Göteborg\t\"\"G\"\"\"\tkattegat\n", port(2, "SEGOT", "Göteborg\t\"G\"", "kattegat")},
		"bars":          {"orig_code|dest_code|day|price\nCNGGZ|EETLL|2021-01-31|7\n", price(t, 2, "EETLL", "2021-01-31", 7)},
		"tabs, quoted":  {"\"id\"\t\"slug\"\t\"name\"\t\"parent_slug\"\n1\tbaltic\tBaltic\t\n", region(2, "baltic", "Baltic", "")},
		"other signs":   {"slug,name,parent_slug,a;b|c\nbaltic,Baltic;|,,\n", region(2, "baltic", "Baltic;|", "")},
		"sep=;":         {"\xef\xbb\xbfsep=;\r\nslug;name;parent_slug\r\nbaltic;Baltic;\r\n", region(3, "baltic", "Baltic", "")},
		"SEP=, quoted":  {"\"SEP=,\"\nslug,name,parent_slug\nbaltic,Baltic,\n", region(3, "baltic", "Baltic", "")},
		"sep=tab":       {"sep=\t\nslug\tname\tparent_slug\nbaltic\tBaltic\t\n", region(3, "baltic", "Baltic", "")},
		"CR":            {"\r\rslug,name,parent_slug\rbaltic,Baltic,\r", region(4, "baltic", "Baltic", "")},
		"CR, sep=;":     {"sep=;\rslug;name;parent_slug\r\rbaltic;Baltic;", region(4, "baltic", "Baltic", "")},
		"CR CR LF":      {"slug,name,parent_slug\r\r\nbaltic,Baltic,\r\r\n", region(3, "baltic", "Baltic", "")},
		"CR in quotes":  {"slug,name,parent_slug,note\rbaltic,Baltic,,\"a\rb\"\r", region(2, "baltic", "Baltic", "")},
		"wide":          {"slug,name,parent_slug" + strings.Repeat(",", 16_000) + "\nbaltic,Baltic" + strings.Repeat(",", 16_001) + "\n", region(2, "baltic", "Baltic", "")},
		"empty columns": {"slug,name,parent_slug,\nbaltic,Baltic,,\n", region(2, "baltic", "Baltic", "")},
	} {
		t.Run(name, func(t *testing.T) { wantRecords(t, c.file, c.want) })
	}
}

// A header without rows is a table without rows, not an error.
func TestCSVWithoutRows(t *testing.T) {
	wantRecords(t, "orig_code,dest_code,day,price\n")
}

// A quoted field may span lines. Line numbers are right within the row and after
// it.
func TestCSVLineNumbers(t *testing.T) {
	const file = "\nname,slug,parent_slug\n\"A\nB\r\n\nC\",a1,\n\nD,d1,\n"
	wantRecords(t, file, region(3, "a1", "A\nB\r\n\nC", ""), region(8, "d1", "D", ""))
	wantRefusal(t, strings.Replace(file, "a1", "A1", 1),
		`file:6: slug "A1" is not a region slug (2 to 63 of a-z, 0-9, _ and -, the first a letter)`)
	wantRefusal(t, file+"E,E1,\n",
		`file:9: slug "E1" is not a region slug (2 to 63 of a-z, 0-9, _ and -, the first a letter)`)
}

// Every kind of line end counts as one line, also in quotes.
func TestCSVLinesOfEveryKind(t *testing.T) {
	for _, end := range []string{"\n", "\r\n", "\r"} {
		const file = "name,slug,parent_slug|\"A|B||C\",a1,||D,d1,|\"x|\"\"\",x1,|E,e1,|"
		wantRecords(t, strings.ReplaceAll(file, "|", end),
			region(2, "a1", strings.ReplaceAll("A|B||C", "|", end), ""), region(7, "d1", "D", ""),
			region(8, "x1", "x"+end+`"`, ""), region(10, "e1", "E", ""))
	}
}

// More than 64 KiB of blank lines between two rows belong to neither.
func TestCSVManyBlankLines(t *testing.T) {
	blank := strings.Repeat("\r\n", 100_000)
	wantRecords(t, "slug,name,parent_slug\n"+blank+"a1,A,\n"+blank+"b1,B,\n", region(100_002, "a1", "A", ""), region(200_003, "b1", "B", ""))
}

package dump_test

import (
	"fmt"
	"strings"
	"testing"
)

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

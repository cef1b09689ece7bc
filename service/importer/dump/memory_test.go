package dump_test

import (
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"example.com/rates/service/importer/dump"
)

// priceRows returns n rows of prices between a few ports, without a header.
func priceRows(n int, separator string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintln(&b, strings.Join([]string{
			[]string{"CNGGZ", "CNSHA", "CNYTN"}[i%3], []string{"EETLL", "SEGOT"}[i%2],
			fmt.Sprintf("2021-01-%02d", 1+i/7%31), strconv.Itoa(900 + i*7%1300),
		}, separator))
	}
	return b.String()
}

const pricesHead = "COPY public.prices (orig_code, dest_code, day, price) FROM stdin;\n"

// A row of prices costs no allocation.
func TestAllocationsPerRow(t *testing.T) {
	for format, file := range map[string]string{
		"dump":    pricesHead + priceRows(20_000, "\t") + "\\.\n",
		"CSV":     "orig_code,dest_code,day,price\n" + priceRows(20_000, ","),
		"checked": "orig_code;dest_code;day;price;ccy;unit\n" + strings.ReplaceAll(priceRows(20_000, ";"), "\n", ";usd;FEU\n"),
	} {
		r, err := dump.NewReader(strings.NewReader(file), "file")
		if err != nil {
			t.Fatal(err)
		}
		var rec dump.Record
		next := func() {
			if err := r.Read(&rec); err != nil {
				t.Fatal(err)
			}
		}
		for range 100 {
			next()
		}
		if got := testing.AllocsPerRun(10_000, next); got != 0 {
			t.Errorf("%s: %v allocations per row, want none", format, got)
		}
	}
}

// Reading a file of any size, whatever part of it is large, allocates only a few
// buffers.
func TestMemoryIsBounded(t *testing.T) {
	const most = 3 << 19
	long := strings.Repeat("x", 1<<10)
	for name, file := range map[string]io.Reader{
		"prices":         around(pricesHead, priceRows(1000, "\t"), "\\.\n"),
		"other table":    around(regionsCopy+"COPY a.b (c) FROM stdin;\n", "some text of another table\n", "\\.\n"),
		"other row":      around(regionsCopy+"COPY a.b (c) FROM stdin;\n", long, "\n\\.\n"),
		"string":         around(regionsCopy+"SELECT '", long+"''\n", "';\n"),
		"function":       around(regionsCopy+"DO $a$", long+"$$\n", "$a$;\n"),
		"comment":        around(regionsCopy+"/*", long+"\n", "*/\n"),
		"comment line":   around(regionsCopy+"--", long, "\n"),
		"statement":      around(regionsCopy+"SELECT ", long+" , ", "1;\n"),
		"blank lines":    around(regionsCopy, "\n \n", "\n"),
		"psql command":   around(regionsCopy+"\\", long, "\n"),
		"endless row":    around("COPY regions (slug, name, parent_slug) FROM stdin;\n", long, ""),
		"endless COPY":   around("COPY regions (", long+",", ""),
		"CSV row":        around("slug,name,parent_slug\n", long, ""),
		"CSV open quote": around("slug,name,parent_slug\n\"", long+"\n", ""),
		"CSV commas":     around("slug,name,parent_slug\n", ",,,,,,,,", ""),
		"CSV header":     around("slug,name,parent_slug", ",,,,,,,,", ""),
		"CSV blanks":     around("slug,name,parent_slug\n", "\n\r\n", "\n"),
		"columns, row":   around("COPY regions (slug, name, parent_slug) FROM stdin;\n", "\t", "\n\\.\n"),
		"first line":     around("", long, "\n"),
	} {
		t.Run(name, func(t *testing.T) {
			if got, _, err := allocated(file); got > most {
				t.Errorf("%d bytes allocated, want at most %d (the file ended with %v)", got, most, err)
			}
		})
	}
}

// A column that is not imported may be of any size, in a dump and in CSV.
func TestIgnoredColumnsAreNotKept(t *testing.T) {
	const most = 1 << 19
	long := strings.Repeat("x", 1<<10)
	for name, file := range map[string]io.Reader{
		"dump":            around("COPY regions (slug, note, name, parent_slug) FROM stdin;\nbaltic\t", long+"\\t", "\tBaltic\t\\N\n\\.\n"),
		"dump, last":      around("COPY regions (slug, name, parent_slug, note) FROM stdin;\nbaltic\tBaltic\t\\N\t\\\\x", long, "\n\\.\n"),
		"CSV":             around("slug,note,name,parent_slug\nbaltic,", long, ",Baltic,\n"),
		"CSV, quoted":     around("slug,note,name,parent_slug\nbaltic,\"", long+"\"\",\n", "\",Baltic,\n"),
		"CSV, last, bare": around("slug;name;parent_slug;note\rbaltic;Baltic;;", long, "\r"),
	} {
		t.Run(name, func(t *testing.T) {
			if got, records, err := allocated(file); got > most || records != 1 || !errors.Is(err, io.EOF) {
				t.Errorf("%d bytes allocated, want at most %d; %d records, %v", got, most, records, err)
			}
		})
	}
}

// allocated reads a file to its end or to an error. It returns the bytes allocated
// for that, and the number of records.
func allocated(file io.Reader) (bytes uint64, records int, err error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	r, err := dump.NewReader(file, "file")
	var rec dump.Record
	for err == nil {
		if err = r.Read(&rec); err == nil {
			records++
		}
	}
	runtime.ReadMemStats(&after)
	return after.TotalAlloc - before.TotalAlloc, records, err
}

// around returns a file that repeats middle until it has at least 4 MiB.
func around(before, middle, after string) io.Reader {
	middle = strings.Repeat(middle, 1+(64<<10)/len(middle))
	parts := []io.Reader{strings.NewReader(before)}
	for n := 0; n < 4<<20; n += len(middle) {
		parts = append(parts, strings.NewReader(middle))
	}
	return io.MultiReader(append(parts, strings.NewReader(after))...)
}

func BenchmarkDump(b *testing.B) {
	benchmark(b, pricesHead, priceRows(100_000, "\t"), "\\.\n")
}

func BenchmarkCSV(b *testing.B) {
	benchmark(b, "orig_code,dest_code,day,price\n", priceRows(100_000, ","), "")
}

// benchmark reads a file of 100,000 prices; an operation is one file.
func benchmark(b *testing.B, head, rows, tail string) {
	b.Helper()
	file := head + rows + tail
	b.SetBytes(int64(len(file)))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		r, err := dump.NewReader(strings.NewReader(file), "file")
		if err != nil {
			b.Fatal(err)
		}
		var rec dump.Record
		for err = r.Read(&rec); err == nil; err = r.Read(&rec) {
			n++
		}
		if !errors.Is(err, io.EOF) {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "rows/s")
}

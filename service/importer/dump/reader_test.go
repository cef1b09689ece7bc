package dump_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"example.com/rates/service/importer/dump"
	"example.com/rates/service/rates"
)

// Two rows of each table, as pg_dump writes them.
const (
	begin     = "--\n-- PostgreSQL database dump\n--\n\n"
	end       = "--\n-- PostgreSQL database dump complete\n--\n\n"
	portsCopy = "COPY public.ports (code, name, parent_slug) FROM stdin;\n" +
		"SEGOT\tGöteborg\tkattegat\nEETLL\tTallinn\tbaltic\n\\.\n"
	pricesCopy = "COPY public.prices (orig_code, dest_code, day, price) FROM stdin;\n" +
		"CNGGZ\tEETLL\t2021-01-31\t1154\nCNGGZ\tSEGOT\t2020-02-29\t0\n\\.\n"
	regionsCopy = "COPY public.regions (slug, name, parent_slug) FROM stdin;\n" +
		"baltic\tBaltic\t\\N\nkattegat\tKattegat\tbaltic\n\\.\n"
	wholeDump = begin + portsCopy + pricesCopy + regionsCopy + end
)

func region(line int, slug, name, parent string) dump.Record {
	return dump.Record{Kind: dump.Regions, Line: line, Region: rates.Region{Slug: slug, Name: name, Parent: parent}}
}

func port(line int, code, name, parent string) dump.Record {
	return dump.Record{Kind: dump.Ports, Line: line, Port: rates.Port{Code: code, Name: name, Parent: parent}}
}

// price returns a price from CNGGZ.
func price(tb testing.TB, line int, destination, day string, usd int32) dump.Record {
	tb.Helper()
	d, err := rates.ParseDay(day)
	if err != nil {
		tb.Fatal(err)
	}
	return dump.Record{Kind: dump.Prices, Line: line, Price: rates.Price{Origin: "CNGGZ", Destination: destination, Day: d, USD: usd}}
}

// read returns the records of r up to the first error, nil at the end of r.
func read(r io.Reader) ([]dump.Record, error) {
	reader, err := dump.NewReader(r, "file")
	if err != nil {
		return nil, err
	}
	var records []dump.Record
	var rec dump.Record
	for {
		switch err := reader.Read(&rec); {
		case errors.Is(err, io.EOF):
			return records, nil
		case err != nil:
			return records, err
		}
		records = append(records, rec)
	}
}

func wantRecords(t *testing.T, file string, want ...dump.Record) {
	t.Helper()
	got, err := read(strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("records (-want +got):\n%s", diff)
	}
}

func zip(tb testing.TB, parts ...string) string {
	tb.Helper()
	var b bytes.Buffer
	for _, part := range parts {
		w := gzip.NewWriter(&b)
		if _, err := io.WriteString(w, part); err != nil {
			tb.Fatal(err)
		}
		if err := w.Close(); err != nil {
			tb.Fatal(err)
		}
	}
	return b.String()
}

// The records of a dump and their lines are the same in every wrapping.
func TestWrappingsOfADump(t *testing.T) {
	want := []dump.Record{
		port(6, "SEGOT", "Göteborg", "kattegat"),
		port(7, "EETLL", "Tallinn", "baltic"),
		price(t, 10, "EETLL", "2021-01-31", 1154),
		price(t, 11, "SEGOT", "2020-02-29", 0),
		region(14, "baltic", "Baltic", ""),
		region(15, "kattegat", "Kattegat", "baltic"),
	}
	half := len(wholeDump) / 2
	for name, file := range map[string]string{
		"plain":               wholeDump,
		"byte-order mark":     "\xef\xbb\xbf" + wholeDump,
		"CRLF":                strings.ReplaceAll(wholeDump, "\n", "\r\n"),
		"gzip":                zip(t, wholeDump),
		"gzip, mark":          zip(t, "\xef\xbb\xbf"+wholeDump),
		"gzip of two members": zip(t, wholeDump[:half], wholeDump[half:]),
		"no line end at end":  strings.TrimRight(wholeDump, "\n"),
		"two dumps, one file": begin + portsCopy + pricesCopy + regionsCopy + end + begin + end,
		"pg_dumpall": "-- PostgreSQL database cluster dump\n-- PostgreSQL database dump\n\n\n" + portsCopy + pricesCopy + regionsCopy +
			"-- PostgreSQL database dump complete\n-- PostgreSQL database cluster dump complete\n",
		"dump without remarks": "\n\n\n\n" + portsCopy + pricesCopy + regionsCopy,
	} {
		t.Run(name, func(t *testing.T) {
			wantRecords(t, file, want...)
		})
	}
}

// A reader that gives one byte at a time, or fails late, changes nothing.
func TestReadersOfOddSizes(t *testing.T) {
	for name, wrap := range map[string]func(io.Reader) io.Reader{
		"one byte":  iotest.OneByteReader,
		"half":      iotest.HalfReader,
		"early EOF": iotest.DataErrReader,
	} {
		for format, file := range map[string]string{"dump": wholeDump, "gzip": zip(t, wholeDump), "csv": "slug,name,parent_slug\na1,b,\n"} {
			got, err := read(wrap(strings.NewReader(file)))
			if err != nil || len(got) == 0 {
				t.Errorf("%s, %s: %d records, %v", name, format, len(got), err)
			}
		}
	}
}

// An error that wraps io.EOF is not the end of the file, or a broken transfer would
// pass for a complete file.
func TestFailureThatWrapsEOF(t *testing.T) {
	gone := fmt.Errorf("the peer is gone: %w", io.EOF)
	for name, file := range map[string]string{
		"dump": regionsCopy + strings.Repeat("\n", 100_000),
		"csv":  "slug,name,parent_slug\n" + strings.Repeat("a1,b,\n", 50_000),
	} {
		_, err := read(io.MultiReader(strings.NewReader(file), &failsOnce{gone}))
		if err == nil || errors.Is(err, io.EOF) || !strings.Contains(err.Error(), "the peer is gone") {
			t.Errorf("%s: error %v, want the failure", name, err)
		}
	}
}

// failsOnce fails at the first call and returns io.EOF after that.
type failsOnce struct{ err error }

func (r *failsOnce) Read([]byte) (int, error) {
	err := r.err
	r.err = io.EOF
	return 0, err
}

// An error of the disk or network is returned and does not pass for the end.
func TestFailureOfTheUnderlyingReader(t *testing.T) {
	broken := errors.New("the disk is on fire")
	long := begin + strings.Repeat(pricesCopy, 2000)
	for name, file := range map[string]string{
		"at once":     "",
		"before gzip": "\x1f",
		"in a dump":   wholeDump,
		"late":        long,
		"in a CSV":    "slug,name,parent_slug\n" + strings.Repeat("a1,b,\n", 50_000),
		"in a string": "SELECT '" + strings.Repeat("x", 100_000),
		"after a -":   regionsCopy + strings.Repeat(" ", 100_000) + "-",
		"in a block":  "COPY other (a) FROM stdin;\n" + strings.Repeat("x\n", 100_000),
	} {
		_, err := read(io.MultiReader(strings.NewReader(file), &failsOnce{broken}))
		var e *dump.Error
		if !errors.As(err, &e) || !errors.Is(err, broken) || e.File != "file" || e.Line < 1 {
			t.Errorf("%s: error %v, want the failure with file and line", name, err)
		}
	}
}

// Reading after the end, or after an error, returns the same error and no row.
func TestReadAfterTheEnd(t *testing.T) {
	for name, file := range map[string]string{"end": regionsCopy, "refusal": "slug,name,parent_slug\nA,b,\na1,b,\n"} {
		r, err := dump.NewReader(strings.NewReader(file), "file")
		if err != nil {
			t.Fatal(err)
		}
		rec := dump.Record{Kind: dump.Ports}
		for err == nil {
			err = r.Read(&rec)
		}
		if diff := cmp.Diff(dump.Record{}, rec); diff != "" {
			t.Errorf("%s: the record is left as %s", name, diff)
		}
		if again := r.Read(&rec); !errors.Is(again, err) {
			t.Errorf("%s: %v, then %v", name, err, again)
		}
	}
}

func TestKindNames(t *testing.T) {
	for kind, want := range map[dump.Kind]string{dump.Regions: "regions", dump.Ports: "ports", dump.Prices: "prices", 9: "Kind(9)"} {
		if got := kind.String(); got != want {
			t.Errorf("Kind %d is called %q, want %q", kind, got, want)
		}
	}
}

// The dump of the real data is read completely, unchanged.
func TestRealDump(t *testing.T) {
	const path = "../../../../shared/data/rates.sql"
	file, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		t.Skipf("SKIP: there is no %s, so reading the real data was not tested", path)
	} else if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = file.Close() })
	records, err := read(file)
	if err != nil {
		t.Fatal(err)
	}
	got := make(map[dump.Kind]int)
	for _, rec := range records {
		got[rec.Kind]++
	}
	want := map[dump.Kind]int{dump.Ports: 143, dump.Regions: 20, dump.Prices: 56_689}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("rows (-want +got):\n%s", diff)
	}
}

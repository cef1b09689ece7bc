package dump

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rows returns the rows of a file, up to the first error if there is one. Only the
// fields for which wanted is true are read.
func rows(file string, comma byte, wanted func(column int) bool) (rows [][]string, err error) {
	// A buffer this small ends in the middle of everything.
	s := splitter{in: bufio.NewReaderSize(strings.NewReader(file), 16), comma: comma, line: 1}
	for {
		if found, err := s.row(); err != nil || !found {
			return rows, err
		}
		var fields []string
		for more := true; more; {
			var field []byte
			if field, more, err = s.field(nil, wanted(len(fields))); err != nil {
				return rows, err
			}
			fields = append(fields, string(field))
		}
		rows = append(rows, fields)
	}
}

// The rows are those of encoding/csv, where both agree on what ends a line. Fields
// that are not wanted are empty, and change nothing else.
func FuzzSplitter(f *testing.F) {
	for _, file := range []string{
		"", "\n", "a", "a,b\n", "a,b", ",\n,", "\"\"\n", "\"a\"", "\"a\n\n\"\"b\",c\n\nd,e", "\"a", "\"a\"b", "a\"b", "\"a\",\"b\n",
		"\"\"\"\"\n", "a;b\tc|d\n", "long fields that pass the small buffer,\"and a \"\"quoted\"\" one\"\n", "\xff,\x00\n",
	} {
		f.Add(file, byte(','), uint8(1))
	}
	f.Fuzz(func(t *testing.T, file string, comma byte, mask uint8) {
		if strings.IndexByte(commas, comma) < 0 || strings.Contains(file, "\r") || len(file) > maxField {
			t.Skip()
		}
		oracle := csv.NewReader(strings.NewReader(file))
		oracle.Comma, oracle.FieldsPerRecord = rune(comma), -1
		want, wantErr := oracle.ReadAll()
		got, err := rows(file, comma, func(int) bool { return true })
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%q ends with %v, in encoding/csv with %v", file, err, wantErr)
		}
		if wantErr == nil {
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%q (-encoding/csv +splitter):\n%s", file, diff)
			}
		}
		wanted := func(column int) bool { return mask>>(column%8)&1 != 0 }
		for _, row := range got {
			for column := range row {
				if !wanted(column) {
					row[column] = ""
				}
			}
		}
		some, someErr := rows(file, comma, wanted)
		if diff := cmp.Diff(got, some); diff != "" || !errors.Is(someErr, err) {
			t.Fatalf("%q with columns %b: %v, then %v (-all +some):\n%s", file, mask, err, someErr, diff)
		}
	})
}

// The end of a line does not change what is in the rows, nor does its number.
func TestLineEndsOfTheSplitter(t *testing.T) {
	all := func(int) bool { return true }
	const file = "a,b\n\n\"c\",\"d\"\"\"\n,\n\"\"\n\n"
	want, _ := rows(file, ',', all)
	for _, end := range []string{"\r\n", "\r"} {
		got, err := rows(strings.ReplaceAll(file, "\n", end), ',', all)
		if diff := cmp.Diff(want, got); diff != "" || err != nil {
			t.Errorf("%q: %v (-\\n):\n%s", end, err, diff)
		}
	}
}

// A line in parts of any size is the line without its ignored fields.
func FuzzShortener(f *testing.F) {
	f.Add([]byte("a\tb\tc\td"), uint8(0b101), uint8(1))
	f.Add([]byte(`a\tb`+"\t\\\\\tc\\\t\\"), uint8(0b1), uint8(3))
	f.Fuzz(func(t *testing.T, line []byte, mask, size uint8) {
		if bytes.IndexByte(line, '\n') >= 0 || len(line) > maxField || size == 0 {
			t.Skip()
		}
		l := make(layout, 8)
		for i := range l {
			l[i] = int(mask>>i&1) - 1
		}
		// The fields, each with the escapes in it.
		var want []string
		field, escaped := "", false
		for _, c := range line {
			if c == '\t' && !escaped {
				want, field = append(want, field), ""
				continue
			}
			field += string([]byte{c})
			escaped = c == '\\' && !escaped
		}
		want = append(want, field)
		for i := range want {
			if l.column(i) < 0 {
				want[i] = ""
			}
		}
		s := shortener{layout: l}
		for part := line; len(part) > 0; part = part[min(int(size), len(part)):] {
			if !s.add(part[:min(int(size), len(part))]) {
				t.Fatalf("%q is too long", line)
			}
		}
		got := string(s.line)
		if s.field+1 != len(want) || got != strings.Join(want[:min(len(want), len(l))], "\t") || s.escaped != escaped {
			t.Fatalf("%q is shortened to %q with %d fields, want %q", line, got, s.field+1, want)
		}
	})
}

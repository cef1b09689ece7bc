package dump

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"io"
)

// csvFile reads a CSV file with a header. encoding/csv makes one allocation per
// row.
type csvFile struct {
	csv    *csv.Reader
	lines  *lineReader
	base   int // lines before the header
	table  *table
	layout layout
	fields row
	bytes  [maxColumns][]byte // reused for the fields
	parser parser
}

// newCSVFile reads the header of in, which has base lines before it.
func newCSVFile(in *bufio.Reader, base int) (*csvFile, error) {
	lines := &lineReader{in: in, line: base}
	f := &csvFile{csv: csv.NewReader(lines), lines: lines, base: base, parser: newParser()}
	f.csv.FieldsPerRecord = -1
	f.csv.ReuseRecord = true
	header, err := f.read()
	if err != nil {
		return nil, err
	}
	names := make([]string, len(header))
	for i, field := range header {
		names[i] = columnName(field)
	}
	for _, t := range tables() {
		l, err := t.layout(names)
		switch {
		case err != nil:
			continue
		case f.table != nil:
			return nil, failf(f.line(0), "the CSV header fits both %s and %s; leave one of them out", f.table.kind, t.kind)
		}
		f.table, f.layout = t, l
	}
	if f.table == nil {
		return nil, failf(f.line(0), "the CSV header lacks the columns of regions, ports or prices, or repeats one; %s", accepted)
	}
	return f, nil
}

func (f *csvFile) next(rec *Record) error {
	record, err := f.read()
	if err != nil {
		return err
	}
	line := f.line(0)
	if len(record) != len(f.layout) {
		return failf(line, "wrong number of columns: %d, where the header has %d", len(record), len(f.layout))
	}
	for i, column := range f.layout {
		if column < 0 {
			continue
		}
		f.bytes[column] = append(f.bytes[column][:0], record[i]...)
		f.fields[column] = f.bytes[column]
		if f.fields[column] == nil {
			f.fields[column] = []byte{} // empty; nil would be NULL
		}
	}
	// CSV has no NULL; only this column may be NULL, and it may not be empty.
	if f.table.kind == Regions && len(f.fields[2]) == 0 {
		f.fields[2] = nil
	}
	column, err := f.parser.parse(rec, line, f.table, &f.fields)
	if err != nil {
		for i := range f.layout {
			if f.layout[i] == column {
				line = f.line(i)
			}
		}
		return failf(line, "%s", err)
	}
	return nil
}

// line returns the line on which a field of the last row begins.
func (f *csvFile) line(field int) int {
	line, _ := f.csv.FieldPos(field)
	return f.base + line
}

// read returns the next row. The next call overwrites it.
func (f *csvFile) read() ([]string, error) {
	f.lines.size = 0
	record, err := f.csv.Read()
	if err == nil || err == io.EOF {
		return record, err
	}
	var parse *csv.ParseError
	switch {
	case errors.Is(err, errRowTooLong):
		return nil, failf(f.lines.first, "a row longer than 64 KiB")
	case errors.As(err, &parse):
		return nil, failf(f.base+parse.StartLine, `a quote (") is missing or misplaced`)
	}
	return nil, readFailure(f.lines.line+1, err)
}

// errRowTooLong is returned by lineReader.
var errRowTooLong = errors.New("row too long")

// lineReader gives encoding/csv, which accepts lines and rows of any length, one
// line at a time and at most maxLine bytes for a row.
type lineReader struct {
	in    *bufio.Reader
	rest  []byte // of the line read last
	line  int    // its number
	first int    // number of the first line of the row
	size  int    // bytes of the row so far; set to 0 before each row
}

// Read implements io.Reader. It returns nothing of a line that it cannot read to
// the end.
func (l *lineReader) Read(p []byte) (int, error) {
	if len(l.rest) == 0 {
		line, err := l.in.ReadSlice('\n')
		full := errors.Is(err, bufio.ErrBufferFull)
		if err != nil && err != io.EOF && !full {
			return 0, err
		}
		if len(line) == 0 {
			return 0, io.EOF
		}
		l.line++
		if l.size == 0 {
			l.first = l.line
		}
		if l.size > 0 || !isBlank(line) {
			l.size += len(line)
		}
		if full || l.size-(len(line)-len(withoutEnd(line))) > maxLine {
			return 0, errRowTooLong
		}
		l.rest = line
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// isBlank reports whether encoding/csv skips the line between rows.
func isBlank(line []byte) bool { return len(withoutEnd(line)) == 0 }

// withoutEnd returns line without its \n or \r\n.
func withoutEnd(line []byte) []byte {
	line, _ = bytes.CutSuffix(line, []byte("\n"))
	line, _ = bytes.CutSuffix(line, []byte("\r"))
	return line
}

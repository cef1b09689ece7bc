package dump

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// csvFile reads a CSV file with a header.
type csvFile struct {
	rows    splitter
	table   *table
	layout  layout
	columns columns
	lines   []int // on which the fields of the current row begin
	parser  parser
}

// newCSVFile reads the header of in, which has lines before it.
func newCSVFile(in *bufio.Reader, comma byte, lines int) (*csvFile, error) {
	f := &csvFile{
		rows:    splitter{in: in, comma: comma, line: lines + 1},
		columns: newColumns(), parser: newParser(),
	}
	names, err := f.header()
	if err != nil {
		return nil, err
	}
	line := lines + 1
	for _, t := range tables() {
		if _, err := t.layout(names); err != nil {
			continue
		}
		if f.table != nil {
			return nil, failf(line, "the CSV header fits both %s and %s; leave one of them out", f.table.kind, t.kind)
		}
		f.table = t
	}
	if f.table == nil {
		return nil, failf(line, "the CSV header lacks the columns of regions, ports or prices, or repeats one; %s", accepted)
	}
	if f.layout, err = f.columns.layout(f.table, names); err != nil {
		return nil, failf(line, "the CSV header %s", err)
	}
	f.lines = make([]int, len(f.columns.fields))
	for column := range f.columns.fields {
		f.columns.fields[column] = []byte{}
	}
	return f, nil
}

// header returns the names of the columns.
func (f *csvFile) header() (names []string, err error) {
	line := f.rows.line
	const most = 64 << 10
	var text []byte
	size := 0
	for more := true; more; {
		text, more, err = f.rows.field(text[:0], true)
		if err != nil {
			return nil, f.failure(line, "a name in the CSV header", err)
		}
		if size += len(text) + 1; size > most || len(names) == maxExtras {
			return nil, failf(line, "the CSV header has more than %d columns, or is longer than 64 KiB", maxExtras)
		}
		names = append(names, columnName(string(text)))
	}
	return names, nil
}

func (f *csvFile) next(rec *Record) error {
	switch found, err := f.rows.row(); {
	case err != nil:
		return readFailure(f.rows.line, err)
	case !found:
		return io.EOF
	}
	line := f.rows.line
	if err := f.split(); err != nil {
		return err
	}
	column, err := f.columns.verify(f.table, line)
	if err == nil {
		column, err = f.parse(rec, line)
	}
	if err != nil {
		return failf(f.lines[column], "%s", err)
	}
	return nil
}

func (f *csvFile) parse(rec *Record, line int) (column int, err error) {
	fields := f.columns.fields
	// CSV has no NULL; only this column may be NULL, and it may not be empty.
	if f.table.kind == Regions && len(fields[2]) == 0 {
		fields[2] = nil
	}
	const name = 1
	if f.rows.comma == '\t' && f.table.kind != Prices && bytes.IndexByte(fields[name], '\\') >= 0 {
		return name, fmt.Errorf("name %s holds a backslash, and between tabs programs differ in what that means; "+
			"separate the columns by commas", quote(fields[name]))
	}
	return f.parser.parse(rec, line, f.table, fields)
}

// split sets the fields of the next row.
func (f *csvFile) split() error {
	line, count := f.rows.line, 0
	for more := true; more; count++ {
		began, column := f.rows.line, f.layout.column(count)
		var err error
		if column < 0 {
			_, more, err = f.rows.field(nil, false)
		} else {
			f.lines[column] = began
			f.columns.fields[column], more, err = f.rows.field(f.columns.fields[column][:0], true)
		}
		if err != nil {
			return f.failure(began, f.columns.name(f.table, column), err)
		}
	}
	if count != len(f.layout) {
		return failf(line, "wrong number of columns: %d, where the header has %d", count, len(f.layout))
	}
	return nil
}

// failure returns the *Error for err, which reading a field gave.
func (f *csvFile) failure(line int, column string, err error) error {
	switch {
	case errors.Is(err, errQuote):
		return failf(line, "%s", err)
	case errors.Is(err, errTooLong):
		return failf(line, "%s %s", column, err)
	default:
		return readFailure(f.rows.line, err)
	}
}

func (f *csvFile) ignored() []Ignored { return f.columns.ignored() }
